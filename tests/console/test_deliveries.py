"""How reminders were delivered, by day and recipient, and what a person decides about them; contacts and their keys."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.contacts import read_rows
from console.delivery_words import fault_of
from console.recipients import named_recipient
from tests.console.conftest import components_of, csrf, person_with
from tests.console.test_campaign import text_of
from tests.support.fake_gateway import FakeGateway, problem

DAY = "2022-12-01"
AT = f"{DAY}T00:30:00.000000Z"
RUN = {"day": DAY, "decided": True, "digests": 3, "unknown_years": [], "waiting": 1,
       "ended": {"succeeded": 1, "given_up": 1}}  # fmt: skip
FAILED: dict[str, Any] = {
    "recipient": "clerk-X1", "unit": "一小", "day": DAY, "decided_at": AT, "phase": "ended", "channel": "email",
    "attempt": 6, "code": "given_up", "detail": "550 no such mailbox", "again_at": "", "ended_at": AT,
}  # fmt: skip
PENDING = {**FAILED, "recipient": "person-P1", "unit": "", "phase": "waiting", "code": "smtp_451", "detail": "later",
           "ended_at": "", "again_at": f"{DAY}T01:00:00.000000Z"}  # fmt: skip
LINE = {"stage": "overdue", "heading": "逾期未完成", "words": "研讨日（2022年11月）：2 人"}
CONTACT = {"recipient": "clerk-X1", "unit": "一小", "name": "填报员", "email": "clerk@x1.example.cn", "robot": "***",
           "dingtalk": "", "dingtalk_secret": ""}  # fmt: skip

PERSON = {"person_id": "P1", "name": "许悦", "unit_id": "X1", "unit_name": "一小", "role": "teacher"}


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/runs", {"runs": [RUN]})
    services.on("GET", "/api/holds", {"holds": []})
    services.on("GET", "/api/deliveries", {"day": DAY, "deliveries": [FAILED, PENDING], "more": True})
    services.on("GET", "/api/inboxes/clerk-X1", {"messages": [{**FAILED, "lines": [LINE]}]})
    services.on("GET", "/api/contacts", {"contacts": [CONTACT], "more": False})
    services.on("POST", "/api/names", {"units": {"X1": "一小"}, "people": {"P1": "许悦"}})
    services.on("GET", "/api/units", {"units": [{"unit_id": "X1", "name": "一小", "closed_on": ""}]})
    rights = ("run_reminders", "keep_contacts", "see_names", "see_units", "look_up")
    return person_with(app, services, "P00001", rights, [("campaign_office", "B1", "局")])


def post(browser: FlaskClient, path: str, page: str, **form: Any) -> Any:
    kind = {"content_type": "multipart/form-data"} if any(isinstance(each, tuple) for each in form.values()) else {}
    return browser.post(path, data={"csrf": csrf(browser, page), **form}, **kind)


def test_a_day_shows_what_was_sent_what_failed_and_why(office: FlaskClient, services: FakeGateway) -> None:
    page = office.get(f"/deliveries?day={DAY}&code=given_up")
    text = text_of(page.text)
    assert "2022-12-01 3 1 0 1 0 1" in text, "of the day"
    assert "一小 填报员 未能送达 邮件 550 no such mailbox 6 2022-12-01 08:30" in text
    assert "许悦 个人 P1 待发送 邮件 邮件服务器答复 451 later smtp_451 6 2022-12-01 09:00 再试" in text
    assert [call.json["people"] for call in services.called("POST", "/api/names")] == [["P1"]]
    assert services.called("GET", "/api/deliveries")[-1].query["code"] == "given_up"
    assert "after=person-P1" in page.text
    services.on("GET", "/api/runs", {"runs": []})
    assert "还没有发送过提醒" in office.get("/deliveries").text


def test_what_failed_is_sent_again_with_a_reason(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/deliveries/clerk-X1/resend", {**FAILED, "phase": "waiting"})
    page = "/deliveries/recipient?recipient=clerk-X1"
    shown = text_of(office.get(page).text)
    assert "研讨日（2022年11月）：2 人" in shown and "重发" in shown and "可能已经送达" not in shown
    form = {"recipient": "clerk-X1", "act": "resend"}
    refused = post(office, "/deliveries/decide", page, **form, reason=" ")
    assert refused.status_code == 422 and 'id="e-reason-resend"' in refused.text
    assert post(office, "/deliveries/decide", page, **form, reason="邮箱已更正").status_code == 303
    assert services.called("POST", "/api/deliveries/clerk-X1/resend")[-1].json == {
        "reason": "邮箱已更正", "repeat": False}  # fmt: skip
    services.on("POST", "/api/deliveries/clerk-X1/resend", problem(409, "would_repeat", "这份提醒已经送达"))
    assert "这份提醒已经送达" in post(office, "/deliveries/decide", page, **form, reason="x").text


def test_a_recipient_and_everybody_are_held_and_released(office: FlaskClient, services: FakeGateway) -> None:
    for name in ("clerk-X1", "everybody"):
        services.on("POST", f"/api/holds/{name}(/release)?", lambda *_: {"holds": []})
        for act, path in (("hold", f"/api/holds/{name}"), ("release", f"/api/holds/{name}/release")):
            form = {"recipient": name, "act": act, "reason": "交接"}
            assert post(office, "/deliveries/decide", "/deliveries", **form).status_code == 303
            assert services.called("POST", path)[-1].json == {"reason": "交接"}
    services.on("GET", "/api/holds", {"holds": [{"recipient": "everybody", "reason": "停发", "since": AT}]})
    assert "恢复向全部收件人发送" in office.get("/deliveries").text
    wrong = {"recipient": "clerk-../x", "act": "hold", "reason": "x"}
    assert post(office, "/deliveries/decide", "/deliveries", **wrong).status_code == 404


def test_contacts_are_listed_without_keys_and_that_they_were_seen_is_written_down(
    app: Flask, office: FlaskClient, services: FakeGateway
) -> None:
    page = office.get("/contacts?kind=clerk&of=X1").text
    assert "一小 填报员 填报员 clerk@x1.example.cn 已登记" in text_of(page) and "***" not in page
    assert services.called("GET", "/api/contacts")[-1].query | {"beginning": "clerk-", "of": "X1"} == (
        services.called("GET", "/api/contacts")[-1].query
    )
    (written,) = components_of(app).security_log.entries(event="export")
    assert written.detail["what"].startswith("GET notifications/api/contacts?beginning=clerk-&of=X1")


def test_held_recipients_and_persons_are_named_and_whose_names_were_shown_is_written_down(
    app: Flask, office: FlaskClient, services: FakeGateway
) -> None:
    held = [{"recipient": name, "reason": "交接", "since": AT} for name in ("clerk-X1", "person-P1", "everybody")]
    services.on("GET", "/api/holds", {"holds": held})
    text = text_of(office.get(f"/deliveries?day={DAY}").text)
    assert "一小 填报员 2022-12-01" in text and "许悦 个人 2022-12-01" in text
    assert services.called("POST", "/api/names")[-1].json == {"units": ["X1"], "people": ["P1"]}
    (written,) = components_of(app).security_log.about("P1")
    assert written.detail["what"] == "POST participation/api/names P1"
    services.on("GET", "/api/inboxes/person-P1", {"messages": []})
    assert "<h1>许悦 个人</h1>" in office.get("/deliveries/recipient?recipient=person-P1").text


def test_without_names_a_page_shows_ids_and_says_what_is_away(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/names", problem(502, "service_away"))
    text = text_of(office.get(f"/deliveries?day={DAY}").text)
    assert "个人 P1 待发送" in text and "填报服务已断开" in text


def test_names_are_asked_for_by_whoever_may_see_them_alone(
    app: Flask, office: FlaskClient, services: FakeGateway
) -> None:
    other = person_with(app, services, "P00009", ("run_reminders",), [("campaign_office", "B1", "局")])
    assert "个人 P1 待发送" in text_of(other.get(f"/deliveries?day={DAY}").text)
    assert services.called("POST", "/api/names") == []


def test_contacts_are_narrowed_by_a_unit_or_by_a_person_whom_no_address_names(
    office: FlaskClient, services: FakeGateway
) -> None:
    services.on("POST", "/api/look-up", {"people": [PERSON]})
    narrowed = post(office, "/contacts", "/contacts", person="许悦")
    assert narrowed.status_code == 303 and narrowed.location == "/contacts?kind=person&of=P1"
    assert post(office, "/contacts", "/contacts", kind="person", unit="X1").location == "/contacts?of=X1"
    services.on("POST", "/api/look-up", {"people": [PERSON, {**PERSON, "person_id": "P2"}]})
    asked = post(office, "/contacts", "/contacts", person="许悦")
    assert asked.status_code == 422 and "不止一个人符合" in asked.text and 'value="P2"' in asked.text


def test_a_new_contact_is_of_a_unit_or_person_by_name(office: FlaskClient, services: FakeGateway) -> None:
    done = {"registered": 1, "unchanged": 0, "refused": 0, "problems": [], "positions": []}
    services.on("POST", "/api/contacts", done)
    services.on("POST", "/api/look-up", {"people": [PERSON]})
    form = office.get("/contacts/contact").text
    assert '<option value="X1">一小（X1）</option>' in form
    saved = post(
        office, "/contacts/contact", "/contacts/contact", kind="person", person="许悦", email="x@x1.example.cn"
    )
    assert saved.status_code == 303 and "person-P1" in saved.location
    assert services.called("POST", "/api/contacts")[-1].json["contacts"][0]["recipient"] == "person-P1"
    services.on("POST", "/api/look-up", {"people": []})
    refused = post(office, "/contacts/contact", "/contacts/contact", kind="person", person="谁", email="x@x.example.cn")
    assert refused.status_code == 422 and "没有这样的人员" in refused.text


def test_a_key_that_is_left_empty_stays_and_one_that_is_ticked_goes(office: FlaskClient, services: FakeGateway) -> None:
    done = {"registered": 1, "unchanged": 0, "refused": 0, "problems": [], "positions": []}
    services.on("POST", "/api/contacts", done)
    page = "/contacts/contact?recipient=clerk-X1"
    form = {"recipient": "clerk-X1", "name": "新", "email": "new@x1.example.cn"}
    assert post(office, "/contacts/contact", page, **form).status_code == 303
    (row,) = services.called("POST", "/api/contacts")[-1].json["contacts"]
    assert (row["robot"], row["email"], row["dingtalk"]) == ("***", "new@x1.example.cn", "")
    post(office, "/contacts/contact", page, **form, **{"drop-robot": "1"})
    assert services.called("POST", "/api/contacts")[-1].json["contacts"][0]["robot"] == ""
    line = {"line": 2, "column": "email", "code": "bad_address", "message": "第 2 行 email“x”：不是电子邮箱地址"}
    bad = {**done, "registered": 0, "refused": 1, "problems": [line]}
    services.on("POST", "/api/contacts", bad)
    refused = post(office, "/contacts/contact", page, kind="head", of="X1", email="x")
    assert refused.status_code == 422 and 'id="e-email">不是电子邮箱地址' in refused.text
    assert post(office, "/contacts/contact", page, kind="head", of=" ", email="x").status_code == 422


def test_a_test_message_says_by_channel_what_became_of_it(office: FlaskClient, services: FakeGateway) -> None:
    outcomes = [{"channel": "email", "to": "smtp", "result": "succeeded", "code": "250", "detail": "ok"},
                {"channel": "wecom", "to": "x", "result": "never", "code": "93000",
                 "detail": "invalid key"}]  # fmt: skip
    services.on("POST", "/api/test-messages", {"outcomes": outcomes})
    page = post(office, "/contacts/test", "/contacts/contact?recipient=clerk-X1", recipient="clerk-X1").text
    assert "邮件 ：对方已接收" in text_of(page) and "对方拒收（93000 invalid key）" in text_of(page)
    assert services.called("POST", "/api/test-messages")[-1].json == {"recipient": "clerk-X1"}


def test_a_file_is_registered_and_wrong_lines_are_named(office: FlaskClient, services: FakeGateway) -> None:
    message = "第 3 行 recipient“clerk-X9”：没有这个单位"
    line = {"line": 3, "column": "recipient", "code": "unknown_unit", "message": message}
    answer = {"registered": 1, "unchanged": 0, "refused": 1, "positions": [], "problems": [line]}
    services.on("POST", "/api/contacts", answer)
    raw = "收件人,邮箱\nclerk-X1,a@x1.example.cn\nclerk-X9,b@x.example.cn\n".encode("gb18030")
    page = post(office, "/contacts/import", "/contacts", file=(io.BytesIO(raw), "联系.csv")).text
    assert "已登记 1，无变化 0，未接收 1。" in text_of(page) and "第 3 行 recipient“clerk-X9”：没有这个单位" in page
    sent = services.called("POST", "/api/contacts")[-1].json["contacts"]
    assert sent[0] == {"recipient": "clerk-X1", "email": "a@x1.example.cn"}
    assert read_rows(b"name,email\nx,y\n") == [] and read_rows(b"") == []


def test_a_recipient_is_what_could_be_one() -> None:
    good = ({"recipient": "clerk-X1"}, {"kind": "person", "of": " P1 "}, {"kind": "campaign-office"})
    assert [named_recipient(each) for each in good] == ["clerk-X1", "person-P1", "campaign-office"]
    bad = ({"recipient": "x-1"}, {"recipient": "clerk-"}, {"recipient": "clerk-a/b"}, {"kind": "", "of": "1"}, {})
    assert [named_recipient(each) for each in bad] == [""] * 5


def test_removing_and_a_service_that_is_away(office: FlaskClient, services: FakeGateway) -> None:
    services.on("DELETE", "/api/contacts/clerk-X1", {})
    page = "/contacts/contact?recipient=clerk-X1"
    assert post(office, "/contacts/remove", page, recipient="clerk-X1").status_code == 303
    services.on("GET", ".*", problem(502, "service_away"))
    for path in ("/deliveries", "/contacts", "/deliveries/recipient?recipient=clerk-X1"):
        assert "提醒服务暂时没有答复" in office.get(path).text


@pytest.mark.parametrize(("code", "text"), [
    ("smtp_550", "邮件服务器答复 550 no such user"), ("no_answer", "服务器没有答复"), ("93000", "93000 no such user"),
])  # fmt: skip
def test_why_a_test_message_was_not_taken_stands_in_words(app: Flask, code: str, text: str) -> None:
    with app.test_request_context():
        assert fault_of(code, "no such user") == text
