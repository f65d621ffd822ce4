"""What a person decides about deliveries: send again, do not send, send nothing to a recipient; twice is once."""

from __future__ import annotations

import pytest

from chassis.store.security_events import security_events
from services.notifications.contacts.domain import Contact
from services.notifications.delivery.domain import DELIVERY, CancelDelivery, ReopenDelivery, refusal
from services.notifications.delivery.holds import EVERYBODY, HOLD, HoldCommand, HoldRecipient, ReleaseRecipient
from tests.services.notifications.subject import Subject, teacher
from tests.support.mail_server import MailServer

PERSON = Contact("person-P1", "许悦丽", "xu@x1.example.cn")
DAY = "2022-11-25"


@pytest.fixture
def waiting(subject: Subject, mail: MailServer) -> Subject:
    """A digest that was decided and not sent yet: the mail server is busy."""
    mail.answer = lambda _to, _before: "451 later"
    subject.receives(teacher("P1")).knows(PERSON).at(f"{DAY}T08:30").tick()
    mail.answer = lambda _to, _before: "250 OK"
    return subject


def decide(subject: Subject, command: CancelDelivery | ReopenDelivery) -> str:
    """Carried out, or why not."""
    with subject.service.units_of_work.begin("operator:operator") as work:
        code = refusal(work.states(DELIVERY, [command.stream])[command.stream], command)
        if not code:
            work.execute(DELIVERY, command)
    return code


def cancel(subject: Subject) -> str:
    return decide(subject, CancelDelivery("person-P1", DAY, "已电话告知"))


def resend(subject: Subject, repeat: bool = False) -> str:
    return decide(subject, ReopenDelivery("person-P1", DAY, "邮箱已更正", repeat))


def hold(subject: Subject, command: HoldCommand) -> None:
    with subject.service.units_of_work.begin("operator:operator") as work:
        work.execute(HOLD, command)


def count(subject: Subject, name: str) -> int:
    return len(subject.events(name))


def test_what_is_cancelled_is_not_sent_nor_repeated_at_its_stage(waiting: Subject, mail: MailServer) -> None:
    assert [cancel(waiting), cancel(waiting)] == ["", ""]
    assert count(waiting, "delivery_cancelled") == 1
    for time in (f"{DAY}T09:30", "2022-11-28T08:30"):
        waiting.at(time).rebuild().tick()
    assert (mail.mails, waiting.outcomes(DAY)["person-P1"]) == ([], "ended cancelled")
    waiting.at("2022-11-30T08:30").tick()
    assert ["请在今天完成" in item.text for item in mail.mails] == [True]


def test_what_was_cancelled_or_given_up_can_be_sent_again_on_its_day(waiting: Subject, mail: MailServer) -> None:
    cancel(waiting)
    assert [resend(waiting), resend(waiting)] == ["", ""]
    assert count(waiting, "delivery_reopened") == 1
    mail.to_recipient = lambda _to: "550 no such user"
    waiting.at(f"{DAY}T09:00").tick().tick()
    assert waiting.outcomes(DAY)["person-P1"] == "ended given_up"
    mail.to_recipient = lambda _to: "250 OK"
    assert resend(waiting) == ""
    waiting.at(f"{DAY}T09:01").tick()
    assert [item.to for item in mail.mails] == ["xu@x1.example.cn"]
    assert "可能已经送达" not in mail.mails[0].text


def test_what_was_delivered_is_repeated_only_on_purpose_and_says_so(waiting: Subject, mail: MailServer) -> None:
    waiting.at(f"{DAY}T09:00").tick()
    assert (len(mail.mails), resend(waiting), cancel(waiting)) == (1, "would_repeat", "has_ended")
    assert resend(waiting, repeat=True) == ""
    waiting.tick()
    assert ["可能已经送达" in item.text for item in mail.mails] == [False, True]
    assert refused_unknown(waiting) == "unknown_digest"


def refused_unknown(subject: Subject) -> str:
    return decide(subject, CancelDelivery("person-P9", DAY, "x"))


def test_a_recipient_who_is_held_gets_nothing_until_released_and_then_what_is_so_then(
    waiting: Subject, mail: MailServer
) -> None:
    for _ in range(2):
        hold(waiting, HoldRecipient("person-P1", "岗位正在交接"))
    for time in (f"{DAY}T09:30", "2022-11-28T08:30", "2022-11-30T08:30"):
        waiting.at(time).tick().tick()
    assert (mail.mails, count(waiting, "recipient_held")) == ([], 1)
    for _ in range(2):
        hold(waiting, ReleaseRecipient("person-P1", "交接完成"))
    waiting.again().rebuild().at("2022-11-30T10:00").tick()
    assert ["请在今天完成" in item.text and "即将到期" not in item.text for item in mail.mails] == [True]
    assert count(waiting, "recipient_released") == 1


def test_everybody_is_held_until_everybody_is_released(waiting: Subject, mail: MailServer) -> None:
    """Who is held alone stays so."""
    hold(waiting, HoldRecipient(EVERYBODY, "从备份恢复"))
    for time in (f"{DAY}T09:30", "2022-11-30T08:30"):
        waiting.at(time).tick().tick()
    assert mail.mails == []
    hold(waiting, HoldRecipient("person-P1", "岗位正在交接"))
    hold(waiting, ReleaseRecipient(EVERYBODY, "已核对"))
    waiting.again().rebuild().at("2022-11-30T10:00").tick()
    assert mail.mails == []
    hold(waiting, ReleaseRecipient("person-P1", "交接完成"))
    waiting.at("2022-11-30T10:30").tick()
    assert len(mail.mails) == 1


def test_who_decided_what_stands_in_the_security_log(waiting: Subject) -> None:
    cancel(waiting)
    hold(waiting, HoldRecipient("person-P1", "岗位正在交接"))
    with waiting.runtime.store.reading() as connection:
        entries = security_events(connection, waiting.service.security_members, "", 10)
    assert {(entry["event"], entry["actor"]) for entry in entries} == {
        ("delivery_cancelled", "operator:operator"), ("recipient_held", "operator:operator"),
    }  # fmt: skip
    assert not any("交接" in str(entry) for entry in entries)
