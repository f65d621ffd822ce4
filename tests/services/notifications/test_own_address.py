"""The own mail address for reminders: proved by a code that a mail server really delivers, and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.process.tokens import Actor
from services.notifications.contacts.domain import Contact
from services.notifications.contacts.own_address import MOST_SENT
from services.notifications.contacts.queries import contacts_of
from tests.services.notifications.subject import Subject, teacher
from tests.services.notifications.test_intervention_routes import call
from tests.support.mail_server import MailServer

OWN, ADDRESS = "/api/own-addresses/person-P1", "xu@x1.example.cn"


@pytest.fixture
def subject(tmp_path: Path, mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
    """P1 is signed in."""
    monkeypatch.setenv("QIHANG_CHECK_RESPONSES", "1")
    result = Subject(tmp_path / "data", "", mail).launches()
    result.runtime.verifier.actor = lambda _: Actor("console", "P1", frozenset({"person"}))  # type: ignore[method-assign]
    result.receives(teacher("P1"), teacher("P2")).at("2022-11-25T10:00")
    yield result
    result.close()


def asked(subject: Subject, mail: MailServer, email: str = ADDRESS) -> tuple[str, str]:
    """The code as the letter has it, and the proof."""
    status, answer = call(subject, "POST", f"{OWN}/code", {"email": email})
    assert status == 200, answer
    match = re.search(r"验证码：(\w{4}-\w{4})", mail.mails[-1].text)
    assert match and mail.mails[-1].to == email
    return match[1], answer["proof"]


def known(subject: Subject) -> Contact | None:
    with subject.service.store.reading() as connection:
        return contacts_of(connection, subject.service.store, ["person-P1"]).get("person-P1")


def test_an_address_is_registered_by_the_code_that_was_mailed_to_it(subject: Subject, mail: MailServer) -> None:
    code, proof = asked(subject, mail)
    assert known(subject) is None and code.replace("-", "") not in proof
    status, answer = call(subject, "POST", OWN, {"code": f" {code.lower()} ", "proof": proof})
    assert (status, answer["outcome"]) == (200, "registered")
    assert known(subject) == Contact("person-P1", "", ADDRESS)
    assert call(subject, "POST", OWN, {"code": code, "proof": proof})[1]["outcome"] == "unchanged"
    assert call(subject, "GET", "/api/preferences/person-P1")[1]["email"] == "x***@x1.example.cn"
    subject.at("2022-11-30T08:30").tick()
    assert mail.mails[-1].to == ADDRESS and "请在今天完成" in mail.mails[-1].text


def test_another_code_another_recipient_or_too_late_registers_nothing(subject: Subject, mail: MailServer) -> None:
    code, proof = asked(subject, mail)
    other, _ = asked(subject, mail, "other@x1.example.cn")
    for wrong in ({"code": other, "proof": proof}, {"code": code, "proof": f"x{proof}"}, {"code": code, "proof": "."}):
        status, answer = call(subject, "POST", OWN, wrong)
        assert (status, answer["code"], answer["column"]) == (422, "wrong_code", "code")
    assert call(subject, "POST", "/api/own-addresses/person-P2", {"code": code, "proof": proof})[0] == 403
    subject.at("2022-11-25T10:31")
    assert call(subject, "POST", OWN, {"code": code, "proof": proof})[1]["code"] == "wrong_code"
    assert known(subject) is None


def test_what_the_office_registered_beside_it_stays(subject: Subject, mail: MailServer) -> None:
    robot = Contact("person-P1", "许悦丽", "old@x1.example.cn", robot="12345678-abcd")
    subject.knows(robot)
    code, proof = asked(subject, mail)
    call(subject, "POST", OWN, {"code": code, "proof": proof})
    assert known(subject) == Contact("person-P1", "许悦丽", ADDRESS, robot="12345678-abcd")
    assert call(subject, "POST", f"{OWN}/remove")[1]["outcome"] == "removed"
    assert known(subject) == Contact("person-P1", "许悦丽", "", robot="12345678-abcd")


def test_nobody_is_flooded_and_a_refused_address_is_an_answer(subject: Subject, mail: MailServer) -> None:
    assert call(subject, "POST", f"{OWN}/code", {"email": "no address"})[1]["code"] == "bad_address"
    mail.answer = lambda _to, _before: "550 no such user"
    status, answer = call(subject, "POST", f"{OWN}/code", {"email": ADDRESS})
    assert (status, answer["code"], answer["column"]) == (422, "mail_refused", "email")
    mail.answer = lambda _to, _before: "250 OK"
    for _ in range(MOST_SENT - 1):
        asked(subject, mail)
    assert call(subject, "POST", f"{OWN}/code", {"email": ADDRESS})[0] == 429
    subject.at("2022-11-25T11:01")
    asked(subject, mail)


def test_an_address_alone_is_forgotten_with_its_key(subject: Subject, mail: MailServer) -> None:
    code, proof = asked(subject, mail)
    call(subject, "POST", OWN, {"code": code, "proof": proof})
    assert call(subject, "POST", f"{OWN}/remove")[1]["outcome"] == "removed" and known(subject) is None
    assert call(subject, "POST", f"{OWN}/remove")[1]["outcome"] == "unchanged"
