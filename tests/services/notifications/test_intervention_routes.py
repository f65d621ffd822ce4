"""Resend, cancel, hold and release as they are called: what they answer, what they refuse, what goes by mail then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.routing import Map, Rule
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from chassis.http.routes import ROUTES
from chassis.process.tokens import Actor
from services.notifications.contacts.domain import Contact
from services.notifications.delivery.domain import DELIVERY, StartDelivery
from tests.services.notifications.subject import Subject, teacher
from tests.support.mail_server import MailServer

PERSON = Contact("person-P1", "许悦丽", "xu@x1.example.cn")
CLERK = Contact("clerk-X1", "填报员", "clerk@x1.example.cn")
DAY = "2022-11-25"
WHY = {"reason": "邮箱已更正"}
OPERATOR = Actor("operator", "operator", frozenset({"operator"}))
URLS = Map([
    Rule(route.url, methods=[route.method], endpoint=route.name) for route in ROUTES
    if route.module.startswith("services.notifications.")
])  # fmt: skip


@pytest.fixture
def subject(tmp_path: Path, mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
    """At half past eight a person and a clerk are to be told; the mail server refuses for now."""
    monkeypatch.setenv("QIHANG_CHECK_RESPONSES", "1")
    result = Subject(tmp_path / "data", "", mail).launches()
    result.runtime.verifier.actor = lambda _: OPERATOR  # type: ignore[method-assign]
    mail.answer = lambda _to, _before: "451 later"
    result.receives(teacher("P1")).knows(PERSON, CLERK).at(f"{DAY}T08:30").tick()
    mail.answer = lambda _to, _before: "250 OK"
    yield result
    result.close()


def call(subject: Subject, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and answer of a request."""
    builder = EnvironBuilder(path=path, method=method, json=body, headers={"Authorization": "Bearer any"})
    environment = builder.get_environ()
    name, values = URLS.bind_to_environ(environment).match()
    response = getattr(subject.service, name)(Request(environment), **values)
    problem = response.status_code >= 400
    assert response.content_type.startswith("application/problem+json" if problem else "application/json")
    return response.status_code, json.loads(response.get_data())


def decided(subject: Subject, what: str, recipient: str = "person-P1", **body: Any) -> tuple[int, str]:
    """Status, and how the digest stands or the code of the problem."""
    status, answer = call(subject, "POST", f"/api/deliveries/{recipient}/{what}", WHY | body)
    return status, answer["code"] if status >= 400 else f"{answer['phase']} {answer['code']}".strip()


def sent_to(mail: MailServer, contact: Contact) -> int:
    return sum(item.to == contact.email for item in mail.mails)


def events(subject: Subject, *names: str) -> list[int]:
    return [len(subject.events(name)) for name in names]


def test_what_is_cancelled_is_not_sent_and_sent_again_it_goes_once(subject: Subject, mail: MailServer) -> None:
    status, answer = call(subject, "POST", "/api/deliveries/person-P1/cancel", WHY)
    assert (status, answer["recipient"], answer["day"], answer["phase"]) == (200, "person-P1", DAY, "ended")
    assert answer["code"] == "cancelled"
    assert decided(subject, "cancel") == (200, "ended cancelled")
    subject.at(f"{DAY}T09:00").tick()
    assert (sent_to(mail, PERSON), sent_to(mail, CLERK)) == (0, 1)
    assert [decided(subject, "resend") for _ in range(2)] == [(200, "waiting")] * 2
    assert events(subject, "delivery_cancelled", "delivery_reopened") == [1, 1]
    for _ in range(2):
        subject.tick()
    assert sent_to(mail, PERSON) == 1
    assert subject.outcomes(DAY)["person-P1"] == "ended succeeded"


def test_a_letter_that_was_delivered_is_refused_and_repeated_on_purpose_once(
    subject: Subject, mail: MailServer
) -> None:
    subject.at(f"{DAY}T09:00").tick()
    assert decided(subject, "cancel") == (409, "has_ended")
    assert decided(subject, "resend") == (409, "would_repeat")
    assert events(subject, "delivery_cancelled", "delivery_reopened") == [0, 0]
    assert decided(subject, "resend", repeat=True) == (200, "waiting")
    assert decided(subject, "resend", repeat=True) == (200, "waiting")
    subject.tick().tick()
    assert sent_to(mail, PERSON) == 2
    assert events(subject, "delivery_reopened", "delivery_succeeded") == [1, 3], "person twice, clerk once"
    assert ["可能已经送达" in item.text for item in mail.mails if item.to == PERSON.email] == [False, True]


def test_what_is_being_sent_cannot_be_cancelled(subject: Subject) -> None:
    now = f"{DAY}T01:30:00.000000Z"
    with subject.service.units_of_work.begin("service:notifications") as work:
        items = work.states(DELIVERY, [f"digest-person-P1-{DAY}"])[f"digest-person-P1-{DAY}"].items
        work.execute(DELIVERY, StartDelivery("person-P1", DAY, ["email"], items, "<1@x>", now, "email", DAY))
    assert decided(subject, "cancel") == (409, "being_sent")
    assert decided(subject, "resend") == (200, "sending smtp_451"), "it goes already"


def test_what_was_met_meanwhile_has_nothing_to_send(subject: Subject) -> None:
    with subject.service.units_of_work.begin("service:notifications") as work:
        now = f"{DAY}T01:30:00.000000Z"
        work.execute(DELIVERY, StartDelivery("person-P1", DAY, ["email"], [], "<1@x>", now, "email", DAY))
    assert subject.outcomes(DAY)["person-P1"] == "ended met"
    assert decided(subject, "resend", repeat=True) == (409, "nothing_to_send")
    assert decided(subject, "cancel") == (409, "has_ended")


@pytest.mark.parametrize("what", ["resend", "cancel"])
def test_a_recipient_without_a_letter_today_is_not_found(subject: Subject, what: str) -> None:
    assert decided(subject, what, "person-P9") == (404, "unknown_digest")
    assert decided(subject.at("2022-11-28T08:30"), what) == (404, "unknown_digest"), "that of an earlier day is over"


WRONG_BODIES = [
    ({}, "reason"), ({"reason": ""}, "reason"), ({"reason": "长" * 201}, "reason"), ({"reason": 1}, "reason"),
    (WHY | {"repeat": "maybe"}, "repeat"), (WHY | {"day": DAY}, "day"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "member"), WRONG_BODIES)
def test_a_body_that_is_wrong_is_refused_by_its_member(subject: Subject, body: dict[str, Any], member: str) -> None:
    status, answer = call(subject, "POST", "/api/deliveries/person-P1/resend", body)
    assert (status, answer["status"], answer["code"], list(answer["problems"])) == (422, 422, "bad_body", [member])
    assert subject.outcomes(DAY)["person-P1"] == "waiting smtp_451"


def test_a_recipient_who_is_held_gets_nothing_and_once_released_one_letter(subject: Subject, mail: MailServer) -> None:
    for reason in ("岗位正在交接", "再说一次"):
        status, answer = call(subject, "POST", "/api/holds/person-P1", {"reason": reason})
        assert (status, [(item["recipient"], item["reason"]) for item in answer["holds"]]) == (
            200, [("person-P1", "岗位正在交接")])  # fmt: skip
    assert call(subject, "GET", "/api/holds")[1] == answer
    assert decided(subject, "resend") == (200, "waiting smtp_451")
    subject.at(f"{DAY}T09:30").tick().tick()
    assert (sent_to(mail, PERSON), sent_to(mail, CLERK)) == (0, 1)
    for _ in range(2):
        assert call(subject, "POST", "/api/holds/person-P1/release", WHY) == (200, {"holds": []})
    subject.tick().tick()
    assert (sent_to(mail, PERSON), events(subject, "recipient_held", "recipient_released")) == (1, [1, 1])


def test_who_is_no_recipient_cannot_be_held(subject: Subject) -> None:
    for path in ("/api/holds/P1", "/api/holds/clerk-/release"):
        status, answer = call(subject, "POST", path, WHY)
        assert (status, answer["code"], answer["column"]) == (422, "unknown_recipient", "recipient")
    for recipient, code in (("person-P404", "unknown_person"), ("clerk-X404", "unknown_unit")):
        status, answer = call(subject, "POST", f"/api/holds/{recipient}", WHY)
        assert (status, answer["code"], answer["column"]) == (404, code, "recipient")
    assert call(subject, "POST", "/api/holds/person-P1", {})[0] == 422
    assert call(subject, "GET", "/api/holds") == (200, {"holds": []})


def test_what_came_before_the_campaign_has_no_letters(tmp_path: Path) -> None:
    subject = Subject(tmp_path / "none")
    subject.runtime.verifier.actor = lambda _: OPERATOR  # type: ignore[method-assign]
    assert decided(subject, "resend") == (409, "no_campaign")
    subject.close()


def test_a_day_is_listed_page_by_page_with_its_outcomes(subject: Subject) -> None:
    status, runs = call(subject, "GET", "/api/runs")
    assert status == 200 and runs["runs"][0]["day"] == DAY and runs["runs"][0]["digests"] >= 2
    everybody = call(subject, "GET", "/api/deliveries")[1]
    recipients = [each["recipient"] for each in everybody["deliveries"]]
    assert recipients == sorted(recipients) and not everybody["more"] and everybody["day"] == DAY
    first = call(subject, "GET", "/api/deliveries?limit=1")[1]
    rest = call(subject, "GET", f"/api/deliveries?after={recipients[0]}")[1]
    assert first["more"] and [each["recipient"] for each in rest["deliveries"]] == recipients[1:]
    (own,) = call(subject, "GET", "/api/deliveries?recipient=clerk-X1")[1]["deliveries"]
    assert own["unit"] and own["unit"] != "X1"
    waiting = call(subject, "GET", "/api/deliveries?code=waiting")[1]["deliveries"]
    assert {each["recipient"] for each in waiting} == {"clerk-X1", "person-P1"}
    assert call(subject, "GET", "/api/deliveries?code=succeeded")[1]["deliveries"] == []


def test_a_preview_is_filtered_and_paged_through_all_of_it(subject: Subject) -> None:
    day = "2022-12-01"
    whole = call(subject, "GET", f"/api/preview?day={day}")[1]
    recipients = [each["recipient"] for each in whole["digests"]]
    assert len(recipients) == whole["total"] == whole["matching"] >= 2 and whole["next"] == 0
    seen, after = [], 0
    while True:
        page = call(subject, "GET", f"/api/preview?day={day}&limit=1&after={after}")[1]
        seen += [each["recipient"] for each in page["digests"]]
        if not (after := page["next"]):
            break
    assert seen == recipients
    level, count = next(iter(whole["levels"].items()))
    of_level = call(subject, "GET", f"/api/preview?day={day}&level={level}")[1]
    assert of_level["matching"] == count == len(of_level["digests"]) and of_level["total"] == whole["total"]
    stage, number = next(iter(whole["stages"].items()))
    of_stage = call(subject, "GET", f"/api/preview?day={day}&stage={stage}")[1]
    assert of_stage["matching"] == number
    assert all(stage in {line["stage"] for line in each["lines"]} for each in of_stage["digests"])
    assert call(subject, "GET", f"/api/preview?day={day}&unit_id=none")[1]["digests"] == []


def test_contacts_are_listed_by_their_beginning_and_keep_a_robot_s_key_that_is_not_shown(subject: Subject) -> None:
    robot = {"recipient": "clerk-X1", "name": "群", "robot": "key-of-the-group"}
    assert call(subject, "POST", "/api/contacts", {"contacts": [robot]})[1]["registered"] == 1
    (shown,) = call(subject, "GET", "/api/contacts?beginning=clerk-")[1]["contacts"]
    assert shown["robot"] == "***" and shown["unit"] and call(subject, "GET", "/api/contacts?limit=1")[1]["more"]
    other = {"recipient": "clerk-X10", "robot": "another-key"}
    call(subject, "POST", "/api/contacts", {"contacts": [other]})
    of_unit = call(subject, "GET", "/api/contacts?of=X1")[1]["contacts"]
    assert [each["recipient"] for each in of_unit] == ["clerk-X1"], "not what begins so: clerk-X10"
    changed = {"recipient": "clerk-X1", "name": "新群", "robot": "***"}
    assert call(subject, "POST", "/api/contacts", {"contacts": [changed]})[1]["registered"] == 1
    same = {**changed, "robot": "key-of-the-group"}
    assert call(subject, "POST", "/api/contacts", {"contacts": [same]})[1]["unchanged"] == 1, "the key is as it was"
    none = {"recipient": "head-X1", "robot": "***"}
    assert call(subject, "POST", "/api/contacts", {"contacts": [none]})[1]["problems"][0]["code"] == "no_way"


def test_a_test_message_goes_to_a_recipient_as_registered(subject: Subject) -> None:
    status, answer = call(subject, "POST", "/api/test-messages", {"recipient": "person-P1"})
    assert status == 200 and [each["result"] for each in answer["outcomes"]] == ["succeeded"]
    assert call(subject, "POST", "/api/test-messages", {"recipient": "head-X1"})[0] == 404
