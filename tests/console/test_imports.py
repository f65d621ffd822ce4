"""导入: a template comes down, files go up to be checked, what was refused stands row by row, and it is confirmed,
deleted or undone."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console import resumable_work
from tests.console.conftest import csrf, person_with
from tests.support.fake_gateway import Answer, FakeGateway, problem

UNIT, ID, NEXT = ("clerk", "X1", "一小"), "20230201-0123456789", "20230201-9876543210"
RIGHTS = ("import_files", "fill_in")


@pytest.fixture
def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/imports", {"imports": [], "more": False})
    services.on("GET", "/api/dry-runs", {"dry_runs": []})
    services.on("GET", f"/api/imports/{ID}/(refused|notes)", lambda _, table: {table: [], "more": False})
    return person_with(app, services, "P00001", RIGHTS, posts=[UNIT])


def part(**more: Any) -> dict[str, Any]:
    return {"file": "一月.xlsx", "kind": "records", "upload": "一月.xlsx", "total": 3, "rows": 3, "accepted": 2,
            "unchanged": 0, "refused": 1, "done_bytes": 50, "bytes": 100, **more}  # fmt: skip


def shown(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"import_id": ID, "state": "finished", "finished": True, "dry_run": True, "confirmed": "", "undone_at": "",
            "actor": "clerk:P00001@X1", "started_at": "2023-02-01T01:00:00.000000Z", "finished_at": "",
            "late_entry": "", "source": "", "unit_id": "X1", "campaign": "", "fault": "", "uploads": ["一月.xlsx"],
            "files_read": 1, "files": list(parts or (part(),)), "positions": [], **more}  # fmt: skip


def send(browser: FlaskClient, body: bytes = b"PK", **more: str) -> Any:
    form = {"csrf": csrf(browser, "/imports"), "unit": "X1", **more, "file": [(io.BytesIO(body), "一月.xlsx")]}
    return browser.post("/imports", data=form)


def test_the_page_says_what_to_do_first(clerk: FlaskClient) -> None:
    page = clerk.get("/imports").text
    assert "下载填报模板" in page and "还没有导入过" in page and 'href="/imports" aria-current="page"' in page
    assert "补录的原因" not in page and "岗位职务" not in page, "a unit's post enters nothing late and no posts"


def test_whoever_enters_for_all_chooses_among_units_and_may_enter_late(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/imports", {"imports": [], "more": False})
    services.on("GET", "/api/dry-runs", {"dry_runs": []})
    units = [{"unit_id": "X1", "name": "一小", "closed_on": ""},
             {"unit_id": "X0", "name": "旧校", "closed_on": "2020-01-01"}]  # fmt: skip
    services.on("GET", "/api/units", {"units": units})
    office = person_with(app, services, "P00002", (*RIGHTS, "enter_facts"), posts=[("campaign_office", "B1", "局")])
    page = office.get("/imports").text
    assert "一小（X1）" in page and "旧校" not in page and "补录的原因" in page and "全区" in page
    services.on("POST", "/api/imports", problem(404, "unknown_source", "没有接入系统名为 甲。", column="source"))
    answer = send(office, source="甲", late_entry="停电", unit="")
    assert answer.status_code == 422 and "没有接入系统名为 甲。" in answer.text and 'value="停电"' in answer.text
    assert services.called("POST", "/api/imports")[-1].json["late_entry"] == "停电"


def test_who_imported_is_named_to_whoever_sees_names(app: Flask, services: FakeGateway) -> None:
    row = {"import_id": "I1", "files": ["一月.xlsx"], "actor": "clerk:P00001@X1", "unit_id": "X1", "kinds": [],
           "started_at": "2023-02-01T01:00:00.000000Z", "finished_at": "", "undone_at": "", "state": "finished",
           "total": 1, "accepted": 1, "unchanged": 0, "refused": 0, "late_entry": ""}  # fmt: skip
    services.on("GET", "/api/imports", {"imports": [row], "more": False})
    services.on("GET", "/api/dry-runs", {"dry_runs": []})
    services.on("GET", "/api/units", {"units": []})
    services.on("POST", "/api/names", {"units": {}, "people": {"P00001": "王小明"}})
    office = person_with(app, services, "P00002", (*RIGHTS, "enter_facts", "see_names", "see_units"),
                         posts=[("campaign_office", "B1", "局")])  # fmt: skip
    assert "填报员 王小明（P00001）" in office.get("/imports").text


def test_a_file_is_announced_sent_and_seen_at_its_own_page(clerk: FlaskClient, services: FakeGateway) -> None:
    files = [{"name": "一月.xlsx", "needed": True}]
    services.on("POST", "/api/imports", Answer(201, {"import_id": ID, "resumed": False, "files": files}))
    services.on("PUT", f"/api/imports/{ID}/files/.+", Answer(204, b""))
    answer = send(clerk, b"x" * 200_000, kind="records")
    assert (answer.status_code, answer.location) == (303, f"/imports/import?import_id={ID}")
    order = services.called("POST", "/api/imports")[-1].json
    assert (order["dry_run"], order["unit_id"], order["files"][0]["size"]) == (True, "X1", 200_000)
    assert order["files"][0]["kind"] == "records"
    (sent,) = [call for call in services.calls if call.method == "PUT"]
    assert sent.body == b"x" * 200_000 and sent.path.endswith("/files/%E4%B8%80%E6%9C%88.xlsx")


def test_without_a_file_or_with_one_that_does_not_arrive_the_form_comes_back(
    clerk: FlaskClient, services: FakeGateway
) -> None:
    empty = clerk.post("/imports", data={"csrf": csrf(clerk, "/imports"), "file": (io.BytesIO(b""), "")})
    assert empty.status_code == 422 and 'id="e-file"' in empty.text
    files = [{"name": "一月.xlsx", "needed": True}]
    services.on("POST", "/api/imports", Answer(201, {"import_id": ID, "resumed": False, "files": files}))
    services.on("PUT", f"/api/imports/{ID}/files/.+", problem(507, "disk_full", "磁盘已满。"))
    services.on("POST", f"/api/imports/{ID}/discard", Answer(204, b""))
    assert send(clerk).status_code == 502
    assert len(services.called("POST", f"/api/imports/{ID}/discard")) == 1


def test_one_that_runs_says_how_far_it_is_with_and_without_script(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", f"/api/imports/{ID}", shown(state="deciding", finished=False))
    page = clerk.get(f"/imports/import?import_id={ID}").text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page and 'value="50"' in page
    assert 'hx-trigger="every 2s"' in page and "正在审核" in page and "确认导入" not in page


def test_refused_rows_stand_with_their_column_content_and_remedy(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", f"/api/imports/{ID}", shown())
    row = {"seq": 51, "file": "一月.xlsx", "line": 7, "column": "occurred_at", "label": "发生时间", "value": "13月",
           "code": "bad_instant", "message": "不是有效时间，请按 2022-11-01 填写。"}  # fmt: skip
    note = {"seq": 1, "file": "一月.xlsx", "sheet": "表一", "line": 0, "column": "", "label": "", "code": "x",
            "text": "按文件名读取"}  # fmt: skip
    services.on("GET", f"/api/imports/{ID}/refused", {"refused": [row], "more": True})
    services.on("GET", f"/api/imports/{ID}/notes", {"notes": [note], "more": False})
    page = clerk.get(f"/imports/import?import_id={ID}&after=50").text
    assert all(words in page for words in ("发生时间", "13月", "请按 2022-11-01 填写", "确认导入 2 行", "未接收 1"))
    assert services.called("GET", f"/api/imports/{ID}/refused")[-1].query["after"] == "50"
    assert "after=51" in page and "第一页" in page
    assert "按文件名读取" in clerk.get(f"/imports/import?import_id={ID}&show=notes").text


def test_confirming_leads_to_the_import_and_deleting_back(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", f"/api/imports/{ID}", shown())
    services.on("POST", f"/api/imports/{ID}/confirm", Answer(201, {"import_id": NEXT, "resumed": False}))
    form = {"csrf": csrf(clerk, "/imports"), "import_id": ID}
    assert clerk.post("/imports/confirm", data=form).location == f"/imports/import?import_id={NEXT}"
    services.on("POST", f"/api/imports/{ID}/confirm", problem(410, "upload_gone", "一月.xlsx 已不再保存。"))
    answer = clerk.post("/imports/confirm", data=form)
    assert answer.status_code == 422 and "已不再保存" in answer.text
    services.on("POST", f"/api/imports/{ID}/discard", Answer(204, b""))
    assert clerk.post("/imports/discard", data=form).location == "/imports"
    assert "已删除，没有导入。" in clerk.get("/imports").text


def test_a_file_that_cannot_be_read_says_why(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", f"/api/imports/{ID}", shown(state="unreadable", fault="一月.xlsx：不是表格。", files=[]))
    page = clerk.get(f"/imports/import?import_id={ID}").text
    assert "一月.xlsx：不是表格。" in page and "重新上传" in page


def test_an_import_is_undone_with_a_reason_and_names_the_rows_that_stay(
    clerk: FlaskClient, services: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.on("GET", f"/api/imports/{ID}", shown(dry_run=False))
    form = {"csrf": csrf(clerk, "/imports"), "import_id": ID}
    assert clerk.post("/imports/undo", data=form).status_code == 422
    place = {"recorded_at": "2023-02-01T00:00:00.000000Z", "partition": 0, "position": 9}
    left = [{"table": "units", "row": "X1", "code": "built_on", "message": "还有任职。"}]
    answers = [{"undone": 300, "left": left, "place": place, "positions": []},
               {"undone": 2, "left": [], "place": None, "positions": ["participation/0/9"]}]  # fmt: skip
    services.on("POST", f"/api/imports/{ID}/undo", lambda call: answers[1 if call.json["place"] else 0])
    monkeypatch.setattr(resumable_work, "SECONDS", 0.0)
    between = clerk.post("/imports/undo", data={**form, "reason": "导错了"}).text
    assert "已撤销 300 行" in between and "data-continue" in between

    state = html.unescape(re.findall(r'name="state" value="([^"]*)"', between)[0])
    page = clerk.post("/imports/undo", data={**form, "reason": "导错了", "state": state}).text
    assert services.called("POST", f"/api/imports/{ID}/undo")[-1].json == {"reason": "导错了", "place": place}
    assert "撤销了 302 行" in page and "还有任职。" in page and "没有撤销的行（1 行）" in page


def test_templates_and_workbooks_come_under_names_that_people_read(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/templates/month", Answer(200, b"PK-month", "application/x"))
    answer = clerk.get("/imports/template?kind=month&month=2023-01")
    assert answer.data == b"PK-month" and services.called("GET", "/api/templates/month")[-1].query == {
        "unit_id": "X1", "month": "2023-01"}  # fmt: skip
    assert "%E4%B8%80%E5%B0%8F2023-01" in answer.headers["Content-Disposition"]
    services.on("GET", "/api/templates/month", problem(422, "unknown_period", "2023 不是月份。", column="month"))
    refused = clerk.get("/imports/template?kind=month&month=2023")
    assert refused.status_code == 422 and "2023 不是月份。" in refused.text
    back = Answer(200, b"PK", "application/x", {"Content-Disposition": "attachment; filename=x.xlsm"})
    services.on("GET", f"/api/imports/{ID}/files/.+/workbook", back)
    assert ".xlsm" in clerk.get(f"/imports/workbook?import_id={ID}&file=一月.xlsm").headers["Content-Disposition"]


def test_another_s_import_is_refused_and_no_import_is_not_found(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", f"/api/imports/{ID}", problem(403, "not_allowed", "您无权办理这一事项。"))
    assert clerk.get(f"/imports/import?import_id={ID}").status_code == 403
    assert clerk.get("/imports/import?import_id=../x").status_code == 404
