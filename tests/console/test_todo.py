"""我的待办 gathers what is owed, returned and to be confirmed; 确认 confirms in bulk and returns with a reason."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.console.test_page_registry import answer, line
from tests.support.fake_gateway import Answer, Call, FakeGateway, problem

UNIT = ("head", "X1", "一小")
RIGHTS = ("see_duties", "see_duties_by_person", "confirm_filing")


def head(app: Flask, services: FakeGateway) -> FlaskClient:
    return person_with(app, services, "P00001", RIGHTS, posts=[UNIT])


def filing(number: int, **more: Any) -> dict[str, Any]:
    return {"filing_id": f"F{number}", "status": "submitted", "awaits": "head", "counts": False, "revision": 2,
            "entry_id": "E", "kind": "study_session", "unit_id": "X1", "unit_name": "一小", "person_id": "",
            "person_name": "", "people_count": 0, "day": "2023-02-03", "period": "2023-02", "title": f"学习{number}",
            "file_count": 3, "refers_to": "", "on_behalf": False, "begun_at": "", "recorded_at": "",
            **more}  # fmt: skip


def filings(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"filings": list(listed), "next": "", "total": len(listed)}


def owes(call: Call) -> Any:
    if "unit_id" in call.query:
        people = {**line("note", "2023-02", due="2023-02-20"), "owing": 5, "late": 0, "overdue": 0, "excused": 0,
                  "done": 3}  # fmt: skip
        return answer(line("video", "2023-02", due="2023-02-28"), line("anthology", "2023-07", due="2023-07-10"),
                      line("forum", "2023-01", state="overdue"), people=[people])  # fmt: skip
    return answer(line("summary", "2023-01", state="done", done=1), unit_id="", name="")


def test_what_is_overdue_or_due_within_a_month_is_listed_by_its_day(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/duties", owes)
    services.on("GET", "/api/mine/filings", filings(filing(9, title="第一次集中学习", status="returned")))
    services.on("GET", "/api/filings", filings(filing(1), filing(2)))
    page = head(app, services).get("/todo").text
    assert page.index("forum") < page.index("还有 2 人未交") and page.index("forum") < page.index("视频展播")
    assert "anthology" not in page and "summary" not in page
    assert "2 条填报等您确认" in re.sub(r"<[^>]+>", "", page) and "第一次集中学习" in page
    assert head(app, services).get("/").location == "/todo"


def test_what_a_clerk_files_is_one_click_away_and_what_came_back_to_the_unit_too(
    app: Flask, services: FakeGateway
) -> None:
    services.on("GET", "/api/duties", owes)
    own = answer(line("summary", "2023-02", due="2023-02-28"), line("book", "2023-02", due="2023-02-28"), unit_id="")
    services.on("GET", "/api/duties", lambda call: owes(call) if "unit_id" in call.query else own)
    services.on("GET", "/api/mine/filings", filings())
    back = filings(filing(7, filing_id="F-0000007", title="", kind="video"))
    services.on("GET", "/api/filings", lambda call: back if call.query.get("status") == "returned" else filings())
    services.on("GET", "/api/record-kinds", {"kinds": [
        {"id": "summary", "title": "思想总结", "filed_by": "person"},
        {"id": "book", "title": "书籍", "filed_by": "unit"},
        {"id": "video", "title": "视频展播", "filed_by": "unit"}]})  # fmt: skip
    clerk = person_with(app, services, "P00002", (*RIGHTS, "file_record"), posts=[("clerk", "X1", "一小")])
    page = clerk.get("/todo").text
    assert 'href="/file/form?kind=video&amp;period=2023-02&amp;unit=X1"' in page
    assert 'href="/file/form?kind=summary&amp;period=2023-02"' in page and "kind=book&amp;" not in page
    assert 'href="/file/form?filing=F-0000007"' in page and ">视频展播</a>" in page
    returned = [call.query for call in services.called("GET", "/api/filings") if call.query.get("status")]
    assert returned == [{"status": "returned", "unit_id": "X1"}]


def test_what_awaits_the_head_is_not_offered_again_and_what_the_unit_files_says_so(
    app: Flask, services: FakeGateway
) -> None:
    unit = answer(line("plan", "once", due="2023-01-31", state="overdue"), line("video", "2023-02", due="2023-02-28"))
    own = answer(line("book", "once", due="2023-01-31", state="overdue"), unit_id="")
    services.on("GET", "/api/duties", lambda call: unit if "unit_id" in call.query else own)
    services.on("GET", "/api/mine/filings", filings())
    at_head = filings(filing(1, kind="plan", period=""), filing(2, kind="video", period="2023-01"))
    services.on("GET", "/api/filings", lambda call: at_head if call.query.get("awaits") == "head" else filings())
    services.on("GET", "/api/record-kinds", {"kinds": [
        {"id": "summary", "title": "思想总结", "filed_by": "person"},
        {"id": "book", "title": "书籍", "filed_by": "unit"}]})  # fmt: skip
    clerk = person_with(app, services, "P00002", (*RIGHTS, "file_record"), posts=[("clerk", "X1", "一小")])
    page = clerk.get("/todo").text
    assert "待主要负责人确认" in page and "kind=plan&amp;" not in page
    assert "kind=video&amp;period=2023-02" in page, "January's awaits the head, February's does not"
    assert "由单位填报" in page


def test_a_service_that_does_not_answer_leaves_out_its_part_only(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/duties", problem(503, "unavailable", "考核服务正在重建数据。"))
    services.on("GET", "/api/mine/filings", filings())
    services.on("GET", "/api/filings", filings(filing(1)))
    page = head(app, services).get("/todo").text
    assert "考核服务正在重建数据。" in page and "等您确认" in page and "没有要办的事" not in page


def test_without_anything_owed_the_page_says_so(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/duties", answer(unit_id="", name=""))
    services.on("GET", "/api/mine/filings", filings())
    assert "没有要办的事" in person_with(app, services, "P00001", ("see_duties",)).get("/todo").text


def test_ticked_filings_are_confirmed_in_one_act(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/filings", filings(filing(1), filing(2), filing(3)))
    services.on("GET", "/api/record-kinds", {"kinds": [{"id": "study_session", "title": "集中学习"}]})
    services.on("POST", "/api/filings/confirm", {"positions": ["participation/0/9"], "outcomes": [
        {"filing_id": "F1", "outcome": "confirmed", "message": ""},
        {"filing_id": "F3", "outcome": "refused", "message": "学习3：已经退回。"}]})  # fmt: skip
    browser = head(app, services)
    assert "集中学习" in browser.get("/confirm").text
    form = {"csrf": csrf(browser, "/confirm"), "filing": ["F1", "F3"], "listed": ["F1", "F2", "F3"]}
    assert browser.post("/confirm", data=form).status_code == 303
    assert services.called("POST", "/api/filings/confirm")[-1].json == {"filings": ["F1", "F3"]}
    page = browser.get("/confirm").text
    assert services.called("GET", "/api/filings")[-1].headers["x-qihang-after"] == "participation/0/9"
    assert "已确认 1 条。" in page and "学习3：已经退回。" in page
    browser.post("/confirm", data={**form, "all": "1"})
    assert services.called("POST", "/api/filings/confirm")[-1].json == {"filings": ["F1", "F2", "F3"]}


def test_nothing_is_sent_without_a_choice_or_a_reason(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/filings", filings(filing(1)))
    services.on("GET", "/api/record-kinds", {"kinds": []})
    browser = head(app, services)
    token = csrf(browser, "/confirm")
    assert "请先勾选要确认的填报。" in browser.post("/confirm", data={"csrf": token, "listed": "F1"}).text
    sent = {"csrf": token, "filing": "F1", "revision": "2"}
    assert browser.post("/confirm/return", data={**sent, "reason": " "}).status_code == 422
    assert browser.post("/confirm/return", data={**sent, "revision": "x", "reason": "无照片"}).status_code == 422
    assert services.called("POST", "/api/filings/F1/return") == []


def test_a_filing_goes_back_with_its_reason(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/filings", filings(filing(1)))
    services.on("GET", "/api/record-kinds", {"kinds": []})
    services.on("POST", "/api/filings/F1/return", {"positions": [], "filings": [], "outcome": "accepted"})
    browser = head(app, services)
    sent = {"csrf": csrf(browser, "/confirm"), "filing": "F1", "revision": "2", "reason": "请补签到表"}
    assert browser.post("/confirm/return", data=sent).status_code == 303
    called = services.called("POST", "/api/filings/F1/return")[-1]
    assert called.json == {"revision": 2, "reason": "请补签到表"}
    assert "已退回修改。" in browser.get("/confirm").text
    services.on("POST", "/api/filings/F1/return", problem(409, "stale", "这条填报刚刚被修改过。"))
    page = browser.post("/confirm/return", data={**sent, "csrf": csrf(browser, "/confirm")})
    assert page.status_code == 422 and "这条填报刚刚被修改过。" in page.text
    services.on("POST", "/api/filings/F1/return", Answer(503, {}))
    assert browser.post("/confirm/return", data={**sent, "csrf": csrf(browser, "/confirm")}).status_code == 502


def test_what_awaits_a_second_hand_is_listed_for_another_than_who_entered_it(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/decision-proposals", {"proposals": [
        {"year": "2022", "status": "waiting", "proposed_by": "P00001"},
        {"year": "2022", "status": "waiting", "proposed_by": "P00002"}]})  # fmt: skip
    services.on("GET", "/api/quarter-sheets", {"period": "2022-Q4", "sheets": [
        {"may": ["return", "confirm"]}, {"may": ["return"]}, {"may": []}]})  # fmt: skip
    rights = ("confirm_decision", "assess_unit")
    page = person_with(app, services, "P00001", rights, posts=[("leader", "B1", "教育局")]).get("/todo").text
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "等您复核 2022 年度评选的决定 1 项" in text and "2022 年第 4 季度季考核表 1 张" in text
    assert "/commendation?year=2022" in page and "/sheets?period=2022-Q4" in page


def test_a_duty_of_one_time_has_no_gap_and_says_how_many_are_late(app: Flask, services: FakeGateway) -> None:
    people = {**line("book", "once", due="2023-02-20"), "owing": 5, "late": 0, "overdue": 2, "excused": 0, "done": 3}
    services.on("GET", "/api/duties", lambda call: answer(people=[people]) if "unit_id" in call.query else answer())
    page = head(app, services).get("/todo").text
    assert "book：还有 2 人未交" in page and "逾期未完成 2 人" in page
    assert page.index(">确认</a>") < page.index("book：还有")


def test_an_inspector_is_not_offered_to_file_for_the_unit(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/duties", owes)
    rights = ("see_duties", "file_record")
    inspector = person_with(app, services, "P00005", rights, posts=[("inspector", "X1", "一小")])
    assert ">填报<" not in inspector.get("/todo").text.partition("一小</h2>")[2]
    clerk = person_with(app, services, "P00006", rights, posts=[("clerk", "X1", "一小")])
    assert ">填报<" in clerk.get("/todo").text.partition("一小</h2>")[2]
