"""Where 填报 begins: what is owed stands first, nothing is offered that cannot be filed."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.console.conftest import person_with
from tests.console.test_filing_form import ATTENDANCE, DISCUSSION, KINDS, SESSION, SUMMARY, clerk, kind, kinds
from tests.support.fake_gateway import Answer, FakeGateway, problem

__all__ = ["kinds"]


def owed(record: str, title: str, **more: Any) -> dict[str, Any]:
    return {"duty": f"{record}-duty", "title": title, "record": record, "period": "2022-12", "needed": 1, "done": 0,
            "start": "2022-12-01", "due": "2022-12-31", "state": "open", **more}  # fmt: skip


def test_the_campaign_office_chooses_for_whom_it_files_on_behalf(app: Flask, kinds: FakeGateway) -> None:
    office = person_with(app, kinds, "P00003", ("see_records", "file_record"), [("campaign_office", "B1", "教育局")])
    page = office.get("/file?unit=X2").text
    assert "为哪个单位代填" in page and '<option value="X2" selected>二小</option>' in page
    assert 'href="/file/form?kind=study_session&amp;unit=X2"' in page
    assert "提交后由该单位确认" in office.get("/file/form?kind=study_session&unit=X2").text
    assert "提交后由该单位确认" not in office.get("/file/form?kind=study_session&unit=B1").text
    assert "为哪个单位代填" not in clerk(app, kinds).get("/file").text


def test_what_is_owed_stands_first_with_what_is_missing_and_nothing_else_is_offered(
    app: Flask, kinds: FakeGateway
) -> None:
    listed = [SESSION, {**DISCUSSION, "offered": False}, ATTENDANCE, SUMMARY, kind("visit", "走访", every="")]
    kinds.on("GET", "/api/record-kinds", {**KINDS, "kinds": listed})
    of_unit = {"as_of": "2022-12-05", "duties": [
        owed("study_session", "集中学习", needed=2), owed("discussion_day", "研讨日"),
        owed("study_session", "集中学习", period="2023-01", start="2023-01-01", due="2023-01-31")],
        "people": [{**owed("attendance", "参加"), "owing": 4, "done": 1, "overdue": 0}]}  # fmt: skip
    own = {"as_of": "2022-12-05", "duties": [owed("summary", "思想总结", state="overdue", period="2022-autumn")]}
    kinds.on("GET", "/api/duties", lambda call: of_unit if call.query.get("unit_id") == "X1" else own)
    page = clerk(app, kinds).get("/file").text
    first, _, others = page.partition('id="other-title"')
    assert "月<small>还缺 2 次，截止日 2022-12-31" in first and "2023-01" not in first
    assert "月<small>还有 3 人" in first and "逾期未完成" in first and "我要填报的" in first
    assert "走访" in others and "走访" not in first and "研讨日" not in page and "代填思想总结" in others
    assert kinds.called("GET", "/api/record-kinds")[-1].query == {"unit_id": "X1"}


def test_what_awaits_the_head_is_not_missing_and_who_serves_nowhere_is_offered_nothing(
    app: Flask, kinds: FakeGateway
) -> None:
    waiting = {"filings": [{"unit_id": "X1", "kind": "study_session", "period": "2022-12"}]}
    kinds.on("GET", "/api/filings", lambda call: waiting if call.query.get("awaits") else {"filings": []})
    kinds.on("GET", "/api/duties", lambda call: problem(404, "unknown_person", "") if "person_id" in call.query else
             {"as_of": "2022-12-05", "duties": [owed("study_session", "集中学习")], "people": []})  # fmt: skip
    page = clerk(app, kinds).get("/file").text
    assert "还缺" not in page and "我本人的" not in page and "集中学习" in page
    outsider = person_with(app, kinds, "P00077", ("see_records", "file_record"))
    assert "没有可以填报的" in outsider.get("/file").text


def test_without_assessment_everything_is_still_offered(app: Flask, kinds: FakeGateway) -> None:
    kinds.on("GET", "/api/duties", Answer(503, {}))
    page = clerk(app, kinds).get("/file").text
    assert "看不到还缺什么" in page and "集中学习" in page and "思想总结" in page
