"""消息箱: what is unread, where to do what a message says, and how the user wants to be told; compulsory ones stay."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from console.store.tables import inboxes_read
from tests.console.conftest import components_of, csrf, person_with
from tests.console.test_campaign import text_of
from tests.support.fake_gateway import Answer, FakeGateway, problem

LINE = {"stage": "due_soon", "heading": "即将到期", "words": "视频展播 2023年1月，截止日 1月31日", "topic": "video",
        "period": "2023-01", "unit_id": "X1", "of_people": False}  # fmt: skip
OF_PEOPLE = {**LINE, "stage": "overdue", "heading": "逾期未完成", "words": "思想总结：2 人", "topic": "summary",
             "period": "2023-spring", "of_people": True}  # fmt: skip
FINDING = {
    **LINE,
    "stage": "raised",
    "heading": "督查问题",
    "words": "督查问题（F1）",
    "topic": "finding",
    "period": "",
}
PREFERENCES = {
    "recipient": "person-P00001", "email": "", "not_before": "", "send_at": "08:30", "latest": "19:30",
    "channels": [{"channel": "email", "reaches": True}, {"channel": "wecom", "reaches": False}],
    "stages": [{"stage": "overdue", "heading": "逾期未完成", "compulsory": True, "muted": False},
               {"stage": "due_soon", "heading": "即将到期", "compulsory": False, "muted": False},
               {"stage": "scored", "heading": "季考核表", "compulsory": False, "muted": True}],
}  # fmt: skip


def message(day: str, *lines: dict[str, Any]) -> dict[str, Any]:
    return {"day": day, "decided_at": "", "phase": "ended", "channel": "email", "attempt": 1, "code": "succeeded",
            "detail": "", "again_at": "", "ended_at": "", "lines": list(lines)}  # fmt: skip


def inbox(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"recipient": "", "messages": list(messages)}


@pytest.fixture
def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/inboxes/person-P00001", inbox(message("2023-01-05", LINE), message("2023-01-04", LINE)))
    services.on("GET", "/api/inboxes/clerk-X1", inbox(message("2023-01-06", LINE, OF_PEOPLE, FINDING)))
    services.on("GET", "/api/preferences/person-P00001", PREFERENCES)
    services.on("GET", "/api/duties", problem(409, "no_campaign"))
    services.on("GET", "/api/mine/filings", {"filings": [], "next": "", "total": 0})
    return person_with(app, services, "P00001", ("see_duties", "see_duties_by_person"), [("clerk", "X1", "一小")])


def test_messages_are_unread_until_they_were_shown(app: Flask, clerk: FlaskClient, services: FakeGateway) -> None:
    assert "3 条未读消息" in text_of(clerk.get("/todo").text)
    assert 'href="/inbox?of=person-P00001">去看' in clerk.get("/todo").text
    first = clerk.get("/inbox").text
    assert first.count(">未读<") == 2 and '一小 <span class="tag">未读 1</span></a>' in first
    assert clerk.get("/inbox").text.count(">未读<") == 0
    assert 'href="/inbox?of=clerk-X1">去看' in clerk.get("/todo").text, "not to one where everything was read"
    services.on("GET", "/api/inboxes/person-P00001", inbox(message("2023-01-09", LINE), message("2023-01-05", LINE)))
    assert "2 条未读消息" in text_of(clerk.get("/todo").text), "one of the person, one of the post"
    assert clerk.get("/inbox").text.count(">未读<") == 1
    assert clerk.get("/inbox?of=clerk-X1").text.count(">未读<") == 1
    assert "未读消息" not in clerk.get("/todo").text
    with components_of(app).store.reading() as connection:
        rows = {tuple(row) for row in connection.execute(sa.select(inboxes_read))}
    assert rows == {("P00001", "person-P00001", "2023-01-09"), ("P00001", "clerk-X1", "2023-01-06")}


def test_what_was_seen_goes_with_the_account(app: Flask, clerk: FlaskClient) -> None:
    clerk.get("/inbox")
    components_of(app).accounts.remove("P00001")
    with components_of(app).store.reading() as connection:
        assert connection.execute(sa.select(inboxes_read)).all() == []


def test_a_line_leads_to_where_it_is_done(clerk: FlaskClient) -> None:
    page = clerk.get("/inbox?of=clerk-X1").text.replace("&amp;", "&")
    links = dict(re.findall(r'<a href="([^"]+)">([^<]+)</a></span></li>', page))
    assert set(links) == {"/duties/records?duty=video&period=2023-01&unit=X1",
                          "/not-handed-in?duty=summary&period=2023-spring&unit=X1", "/findings?unit=X1"}  # fmt: skip
    own = clerk.get("/inbox").text.replace("&amp;", "&")
    assert 'href="/duties/records?duty=video&period=2023-01"' in own


def test_an_office_reads_what_it_has_of_others(app: Flask, services: FakeGateway) -> None:
    to_check = {**FINDING, "stage": "to_check", "heading": "待复查", "words": "督查问题，请复查：一小 2 项"}
    services.on("GET", "/api/inboxes/.*", inbox(message("2023-01-06", to_check, OF_PEOPLE)))
    office = person_with(app, services, "P00007", ("raise_finding",), [("clerk", "O1", "初教股")])
    page = office.get("/inbox?of=office-O1").text
    assert "初教股 包联和督查" in page and "提醒方式</a>" not in page
    assert 'href="/findings?status=answered"' in page and 'href="/liaison"' in page
    keeper = person_with(app, services, "P00009", (), [("campaign_office", "B1", "教育局")])
    page = keeper.get("/inbox?of=campaign-office").text
    assert 'aria-current="page">活动领导小组办公室' in page and 'href="/overview"' in page
    assert "/api/inboxes/campaign-office" in {each.path for each in services.called("GET", "/api/inboxes/.*")}


def test_without_notifications_nothing_is_counted_as_unread(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/inboxes/.*", problem(503, "unavailable"))
    assert "未读消息" not in clerk.get("/todo").text and clerk.get("/inbox").status_code == 200


def test_settings_say_what_is_compulsory(clerk: FlaskClient) -> None:
    page = clerk.get("/inbox/settings").text
    assert re.search(r'value="overdue"[^>]* checked disabled', page) and "必须送达，不能关闭" in page
    assert re.search(r'value="due_soon"[^>]* checked>', page) and re.search(r'value="scored" id="s-scored">', page)
    hours = re.findall(r'<option value="(\d\d:\d\d)"', page)
    assert (hours[0], hours[-1]) == ("09:00", "19:00") and "没有登记联系方式" in page


def test_settings_are_sent_whole_and_compulsory_ones_never_muted(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/preferences/person-P00001", {"recipient": "", "outcome": "set", "positions": []})
    form = {"csrf": csrf(clerk, "/inbox/settings"), "of": "person-P00001", "channel": "wecom", "not_before": "10:00"}
    answer = clerk.post("/inbox/settings", data={**form, "stage": ["scored"]})
    assert (answer.status_code, answer.location) == (303, "/inbox/settings?of=person-P00001")
    assert services.called("POST", "/api/preferences/.*")[-1].json == {
        "channels": ["wecom", "email"], "not_before": "10:00", "muted": ["due_soon"]}  # fmt: skip
    assert "提醒方式已保存。" in clerk.get("/inbox/settings").text


def test_settings_of_an_inbox_that_is_not_ones_own_are_not_offered(clerk: FlaskClient, services: FakeGateway) -> None:
    clerk.get("/inbox/settings?of=clerk-X9")
    assert services.called("GET", "/api/preferences/.*")[-1].path == "/api/preferences/person-P00001"


def test_a_refusal_is_shown(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/preferences/.*", problem(422, "in_quiet", "这个时刻不发送提醒。", column="not_before"))
    answer = clerk.post("/inbox/settings", data={"csrf": csrf(clerk, "/inbox/settings"), "not_before": "23:00"})
    assert answer.status_code == 422 and "这个时刻不发送提醒。" in answer.text


def test_an_own_address_is_registered_by_a_mailed_code(clerk: FlaskClient, services: FakeGateway) -> None:
    own = "/api/own-addresses/person-P00001"
    services.on("POST", f"{own}/code", {"proof": "abc.def"})
    services.on("POST", own, {"outcome": "registered", "positions": []})
    form = {"csrf": csrf(clerk, "/inbox/settings"), "of": "person-P00001", "email": "xu@x1.example.cn"}
    page = clerk.post("/inbox/address", data={**form, "act": "code"}).text
    assert 'name="proof" value="abc.def"' in page and "发到 xu@x1.example.cn 的验证码" in page
    typed = {**form, "act": "confirm", "proof": "abc.def", "code": "abcd-2345"}
    answer = clerk.post("/inbox/address", data=typed)
    assert (answer.status_code, answer.location) == (303, "/inbox/settings?of=person-P00001")
    assert services.called("POST", own)[-1].json == {"code": "abcd-2345", "proof": "abc.def"}
    services.on("POST", own, problem(422, "wrong_code", "验证码不对", column="code"))
    answer = clerk.post("/inbox/address", data=typed)
    assert answer.status_code == 422 and "验证码不对" in answer.text and 'value="abc.def"' in answer.text
    services.on("POST", f"{own}/code", problem(409, "channel_off", "本区还没有启用邮件提醒，请联系运维。"))
    answer = clerk.post("/inbox/address", data={**form, "act": "code"})
    assert "本区还没有启用邮件提醒" in answer.text and 'value="xu@x1.example.cn"' in answer.text
    malformed = {"code": "bad_body", "detail": "members are missing, unknown or malformed",
                 "problems": {"email": ["Shorter than minimum length 3."]}}  # fmt: skip
    services.on("POST", f"{own}/code", Answer(422, malformed))
    assert ">请填写。<" in clerk.post("/inbox/address", data={**form, "act": "code", "email": ""}).text


def test_an_address_that_is_registered_is_shown_and_removed(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/preferences/person-P00001", {**PREFERENCES, "email": "x***@x1.example.cn"})
    services.on("POST", "/api/own-addresses/person-P00001/remove", {"outcome": "removed", "positions": []})
    assert "x***@x1.example.cn" in clerk.get("/inbox/settings").text
    answer = clerk.post("/inbox/address", data={"csrf": csrf(clerk, "/inbox/settings"), "act": "remove"})
    assert answer.status_code == 303 and "已不再用这个邮箱。" in clerk.get("/inbox/settings").text
