"""The page of reminders shows what a day would say and why, warns of what is not known, and opens inboxes."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.console.test_pages import text_of
from tests.support.fake_gateway import FakeGateway, problem

WHY = "截止日后第 6 个工作日"
LINE = {"stage": "overdue", "heading": "逾期未完成", "words": "研讨日（2022年11月）：第1中学", "reason": WHY}
PREVIEW = {
    "day": "2022-12-10", "working_day": False, "decided": False, "send_at": "08:30", "unknown_years": [2027],
    "total": 1, "matching": 1, "next": 0, "levels": {"office": 1}, "stages": {"overdue": 1},
    "digests": [{"recipient": "office-O03", "unit_id": "", "unit": "", "channels": ["inbox", "email"],
                 "lines": [LINE]}],
}  # fmt: skip


def test_the_preview_says_who_what_and_why_and_warns(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/preview", PREVIEW)
    services.on("GET", "/api/inboxes", {"inboxes": [{"recipient": "clerk-X1", "messages": 2, "day": "2022-12-01"}]})
    text = text_of(operator.get("/reminders?day=2022-12-10").text)
    expected = ("包联股室 O03", "消息箱、邮件", LINE["words"], WHY, "是休息日", "2027 年放假安排未导入", "填报员 X1")
    for words in expected:
        assert words in text


def test_an_inbox_is_opened(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/preview", PREVIEW)
    services.on("GET", "/api/inboxes", {"inboxes": []})
    services.on(
        "GET", "/api/inboxes/clerk-X1", {"messages": [{"day": "2022-12-01", "code": "succeeded", "lines": [LINE]}]}
    )
    assert "已发送" in text_of(operator.get("/reminders?recipient=clerk-X1").text)


def test_without_a_campaign_it_says_so(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/preview", problem(409, "no_campaign", "还没有启动活动方案。"))
    services.on("GET", "/api/inboxes", {"inboxes": []})
    assert "还没有发布主题活动" in operator.get("/reminders").text


def test_nobody_else_sees_it(browser: FlaskClient) -> None:
    assert browser.get("/reminders").status_code == 302


def test_filters_and_the_place_of_the_next_page_are_passed_on(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/preview", {**PREVIEW, "total": 900, "matching": 450, "next": 230})
    services.on("GET", "/api/inboxes", {"inboxes": []})
    services.on("GET", "/api/units", {"units": [{"unit_id": "X1", "name": "一小"}]})
    asked = "/reminders?day=2022-12-10&level=office&stage=overdue&unit_id=X1&after=30"
    page = operator.get(asked).text
    query = services.called("GET", "/api/preview")[-1].query
    assert {name: query[name] for name in ("level", "stage", "unit_id", "after", "limit")} == {
        "level": "office", "stage": "overdue", "unit_id": "X1", "after": "30", "limit": "200"}  # fmt: skip
    assert "符合条件 450 份" in text_of(page) and "after=230&amp;level=office&amp;stage=overdue&amp;unit_id=X1" in page
    services.on("GET", "/api/preview", {**PREVIEW, "digests": [], "matching": 0})
    assert "没有符合条件的提醒，这一天共 1 份" in text_of(operator.get("/reminders?level=head&stage=wrong").text)
    assert "stage" not in services.called("GET", "/api/preview")[-1].query
