"""The page of reminders shows what a day would say and why, warns of what is not known, and opens inboxes."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.console.test_pages import text_of
from tests.support.fake_gateway import FakeGateway, problem

WHY = "截止日后第 6 个工作日"
LINE = {"stage": "overdue", "heading": "逾期未完成", "words": "研讨日（2022年11月）：第1中学", "reason": WHY}
PREVIEW = {
    "day": "2022-12-10", "working_day": False, "decided": False, "send_at": "08:30", "unknown_years": [2027],
    "total": 1, "levels": {"office": 1},
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
