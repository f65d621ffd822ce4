"""Findings: a list by whose turn it is, raised with photos, answered, reviewed; what is refused stays in its form."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.console.fake_uploads import FakeUploads
from tests.support.fake_gateway import Call, FakeGateway, problem

FIELD = {"field": "points", "code": "out_of_range", "message": "最多 5 分"}


ROW = {
    "finding_id": "F-1", "unit_id": "X1", "unit_name": "第一小学", "assessor_id": "O1", "assessor_name": "初教股",
    "found_on": "2022-12-01", "deadline": "2022-12-20", "points": "1", "rectified_on": "", "answered_on": "",
    "category": "印证资料", "description": "签到表不全", "status": "open", "awaits": "unit", "overdue": False,
    "revision": 2, "begun_at": "", "recorded_at": "",
}  # fmt: skip


def row(**more: Any) -> dict[str, Any]:
    return ROW | more


def whole(*may: str, **more: Any) -> dict[str, Any]:
    raised = {"at": "2022-12-01T01:00:00Z", "what": "提出问题", "by": "初教股填报员", "text": "签到表不全", "day": "",
              "files": [{"content": mark * 64, "name": f"{mark}.jpg", "media_type": "image/jpeg", "size": 9}
                        for mark in "ab"]}  # fmt: skip
    return row(may=list(may), needs_another=False, history=[raised]) | more


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/finding-form", {
        "categories": ["印证资料", "其他"], "max_points": "5.00", "today": "2022-12-05",
        "units": [{"unit_id": "X1", "name": "第一小学", "kind": "school", "assessor_id": "O1"}]})  # fmt: skip
    return person_with(app, services, "P00007", ("see_findings", "raise_finding"), [("clerk", "O1", "初教股")])


@pytest.fixture
def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    return person_with(app, services, "P00008", ("see_findings",), [("clerk", "X1", "第一小学")])


def test_a_list_names_what_is_under_way_and_the_text_of_each(clerk: FlaskClient, services: FakeGateway) -> None:
    counts = {"open": 1, "answered": 2, "returned": 0, "closed": 4, "withdrawn": 0}
    listed = [row(overdue=True), row(finding_id="F-2", description="", category="", status="answered", awaits="office")]
    services.on("GET", "/api/findings", {"findings": listed, "counts": counts, "total": 3, "next": 50})
    page = clerk.get("/findings").text
    assert "办理中 3" in page and "已销号 4" in page and "签到表不全" in page and "F-2" in page
    assert "state-overdue" in page and "已过期限" in page and "after=50" in page and "提出督查问题" not in page
    assert services.called("GET", "/api/findings")[-1].query["status"] == "open,answered,returned"
    clerk.get("/findings?status=closed&unit=X1")
    assert services.called("GET", "/api/findings")[-1].query["status"] == "closed"


def test_the_whole_list_is_taken_as_a_workbook(clerk: FlaskClient, services: FakeGateway) -> None:
    pages = {"0": [row()], "1": [row(finding_id="F-2", status="closed", overdue=True)]}
    services.on("GET", "/api/findings", lambda call: {
        "findings": pages[call.query["offset"]], "next": 1 if call.query["offset"] == "0" else 0})  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(clerk.get("/findings/findings.xlsx?status=all").data))
    rows = list(book["督查问题"].iter_rows(values_only=True))
    assert rows[1][:3] == ("F-1", "签到表不全", "印证资料") and rows[1][8] == 1
    assert rows[2][0] == "F-2" and rows[2][9:11] == ("已销号", "已过期限")
    services.on("GET", "/api/findings", problem(503, "away"))
    assert clerk.get("/findings/findings.xlsx").status_code == 503


def test_an_empty_list_says_what_to_do_next(office: FlaskClient, services: FakeGateway) -> None:
    counts = dict.fromkeys(("open", "answered", "returned", "closed", "withdrawn"), 0)
    services.on("GET", "/api/findings", {"findings": [], "counts": counts, "total": 0, "next": 0})
    page = office.get("/findings").text
    assert "没有办理中的督查问题" in page and "用“提出督查问题”登记" in page


def test_a_finding_is_raised_with_photos_of_the_office(office: FlaskClient, services: FakeGateway) -> None:
    uploads = FakeUploads()
    uploads.attach(services)
    services.on("POST", "/api/findings", {"finding_id": "20221205-00000001", "status": "open", "revision": 2,
                                          "positions": [], "outcome": "accepted"})  # fmt: skip
    page = office.get("/findings/new?unit=X1").text
    assert "不写个人姓名" in page and 'value="X1" selected' in page and "最多扣 5.00 分" in page
    form = {"csrf": csrf(office, "/findings/new"), "finding_id": "20221205-00000001", "unit_id": "X1",
            "category": "印证资料", "description": "签到表不全", "points": "1", "found_on": "2022-12-05"}  # fmt: skip
    data = {**form, "evidence-files": (io.BytesIO(b"photo"), "现场.jpg")}
    answer = office.post("/findings/new", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303 and answer.location.endswith("finding=20221205-00000001")
    (call,) = services.called("POST", "/api/findings")
    assert call.json["finding_id"] == "20221205-00000001" and len(call.json["evidence"]) == 1
    assert uploads.about[f"{0:032x}"]["unit_id"] == "O1"


def test_what_is_refused_stays_in_the_form_at_its_field(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/findings", problem(422, "bad_fields", FIELD["message"], problems=[FIELD]))
    form = {"csrf": csrf(office, "/findings/new"), "unit_id": "X1", "category": "其他", "description": "没有公示",
            "points": "9"}  # fmt: skip
    answer = office.post("/findings/new", data=form)
    assert answer.status_code == 422 and 'id="e-points"' in answer.text and "没有公示" in answer.text
    assert "请选择单位" in office.post("/findings/new", data={**form, "unit_id": ""}).text


def test_who_may_not_raise_is_shown_why(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/finding-form", problem(403, "not_allowed", "由包联股室、督查室办理。"))
    assert "由包联股室、督查室办理。" in clerk.get("/findings/new").text


def test_the_unit_answers_with_files_of_its_own(clerk: FlaskClient, services: FakeGateway) -> None:
    uploads = FakeUploads()
    uploads.attach(services)
    services.on("GET", "/api/findings/F-1", whole("answer"))
    services.on("POST", "/api/findings/F-1/answer", {"positions": []})
    page = clerk.get("/findings/finding?finding=F-1").text
    assert "签到表不全" in page and "初教股填报员" in page and "复查销号" not in page and "更正" not in page
    form = {"csrf": csrf(clerk, "/findings/finding?finding=F-1"), "finding": "F-1", "revision": "2", "text": "已补齐"}
    data = {**form, "evidence-files": (io.BytesIO(b"photo"), "签到表.jpg")}
    assert clerk.post("/findings/answer", data=data, content_type="multipart/form-data").status_code == 303
    (call,) = services.called("POST", "/api/findings/F-1/answer")
    assert call.json["text"] == "已补齐" and call.json["revision"] == 2 and len(call.json["evidence"]) == 1
    assert uploads.about[f"{0:032x}"]["unit_id"] == "X1"
    services.on("POST", "/api/findings/F-1/answer", problem(409, "changed", "别人办理过这一条。"))
    refused = clerk.post("/findings/answer", data=form)
    assert refused.status_code == 422 and "别人办理过这一条。" in refused.text and "已补齐" in refused.text


def test_the_office_closes_sends_back_corrects_and_withdraws(office: FlaskClient, services: FakeGateway) -> None:
    answered = whole("return", "close", "correct", "withdraw", status="answered", answered_on="2022-12-04",
                     awaits="office")  # fmt: skip
    services.on("GET", "/api/findings/F-1", answered)
    sent: dict[str, Any] = {}

    def take(call: Call, *_: str) -> Any:
        sent[f"{call.method} {call.path}"] = call.json
        return {"positions": []}

    services.on("POST", "/api/findings/F-1/.*", take)
    services.on("PUT", "/api/findings/F-1", take)
    page = office.get("/findings/finding?finding=F-1").text
    assert 'value="2022-12-04"' in page and "退回整改" in page
    form = {"csrf": csrf(office, "/findings/finding?finding=F-1"), "finding": "F-1", "revision": "3", "reason": "有误"}
    for deed, more in (("close", {"note": "已看", "rectified_on": "2022-12-03"}), ("return", {}), ("withdraw", {}),
                       ("correct", {"points": "0.5"})):  # fmt: skip
        assert office.post(f"/findings/{deed}", data={**form, **more}).status_code == 303, deed
    assert sent["POST /api/findings/F-1/close"] == {"note": "已看", "rectified_on": "2022-12-03", "revision": 3}
    assert sent["POST /api/findings/F-1/return"] == {"reason": "有误", "revision": 3}
    assert sent["PUT /api/findings/F-1"] == {"points": "0.5", "reason": "有误", "revision": 3}


def test_who_raised_it_is_shown_that_another_closes_it(office: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/findings/F-1", whole("correct", needs_another=True, status="answered", awaits="office"))
    page = office.get("/findings/finding?finding=F-1").text
    assert "另一位同志复查销号" in page and 'action="/findings/close"' not in page


def test_its_pictures_are_seen_small_and_large(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/findings/F-1", whole())
    assert f"/s/participation/api/evidence/{'a' * 64}?form=thumb" in clerk.get("/findings/finding?finding=F-1").text
    large = clerk.get(f"/findings/picture?finding=F-1&content={'a' * 64}").text
    assert f"{'a' * 64}?form=small" in large and 'rel="next"' in large and 'rel="prev"' not in large
    assert clerk.get("/findings/picture?finding=F-1&content=c").status_code == 404


def test_without_the_service_the_page_says_so(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/findings", problem(503, "down"))
    assert "暂时没有答复" in clerk.get("/findings").text or "现在看不了" in clerk.get("/findings").text
