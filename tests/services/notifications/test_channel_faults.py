"""A channel's fault is not a recipient's: who pauses, what waits, what is tried again when, and what is said then."""

from __future__ import annotations

import smtplib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.notifications import service
from services.notifications.channels import smtp_replies
from services.notifications.channels.email import Email
from services.notifications.channels.email import MailServer as Server
from services.notifications.channels.smtp_transfer import Timeouts
from services.notifications.contacts.domain import Contact
from services.notifications.delivery.caught_up import SourcesCaughtUp
from services.notifications.delivery.delivery_worker import DeliveryWorker
from services.notifications.delivery.domain import INBOX, Outcome
from services.notifications.delivery.pending import PendingDigest
from services.notifications.digests.domain.items import DigestItem
from tests.services.notifications.subject import Subject, record, teacher
from tests.services.notifications.test_channels import ROBOT, message
from tests.support.mail_server import MailServer
from tests.support.wecom_robot import WecomRobots

PEOPLE = [Contact(f"person-P{n}", "", f"p{n}@x1.example.cn") for n in range(4)]
IMPATIENT = Timeouts(connect=5, command=5, data=5, after_dot=0.3)
THURSDAY = "2022-11-30"


@pytest.fixture
def subject(tmp_path: Path, mail: MailServer) -> Iterator[Subject]:
    result = Subject(tmp_path / "data", "", mail).launches()
    result.receives(*(teacher(f"P{n}") for n in range(4))).knows(*PEOPLE)
    yield result
    result.close()


def states(subject: Subject) -> tuple[str, int]:
    status = subject.runtime.health.status()
    return status["channels"]["email"]["state"], status["reminders_waiting"]


def answers_in_turn(*answers: tuple[Callable[[int, str], Outcome], int, str]) -> list[str]:
    return [f"{outcome.fault} {outcome.result}{' outage' if outcome.outage else ''}"
            for outcome in (step(code, reply) for step, code, reply in answers)]  # fmt: skip


def test_whose_fault_an_answer_is() -> None:
    sender, recipient, letter = smtp_replies.to_sender, smtp_replies.to_recipient, smtp_replies.to_letter
    assert answers_in_turn(
        (sender, 550, "5.7.1 sender refused"), (sender, 451, "try later"), (sender, 421, "closing"),
        (recipient, 421, "too many"), (recipient, 530, "5.7.0 Authentication required"),
    ) == ["channel later outage", "channel later", *["channel later outage"] * 3]  # fmt: skip
    assert answers_in_turn(
        (recipient, 553, "5.1.8 <a@b>: Sender address rejected: Domain not found"),
        (recipient, 554, "5.7.1 <x@y>: Relay access denied"), (recipient, 451, "4.3.0 local error"),
        (recipient, 452, "4.3.1 insufficient system storage"), (letter, 451, "later"),
    ) == ["channel later"] * 5  # fmt: skip
    assert answers_in_turn(
        (recipient, 550, "5.1.1 no such user"), (recipient, 553, "mailbox name not allowed"),
        (recipient, 550, "5.4.1 Recipient address rejected: Access denied"), (recipient, 450, "4.2.0 busy"),
        (recipient, 452, "4.2.2 mailbox full"), (recipient, 451, "4.7.1 Greylisted"),
    ) == [*["recipient never"] * 3, *["recipient later"] * 3]  # fmt: skip
    assert answers_in_turn((letter, 554, "5.6.0 spam"), (letter, 552, "too large"), (letter, 421, "closing")) == [
        "letter never", "letter never", "channel later outage",
    ]  # fmt: skip
    assert smtp_replies.no_connection(smtplib.SMTPConnectError(554, b"no service")).code == "smtp_554"
    assert smtp_replies.no_connection(smtplib.SMTPAuthenticationError(535, b"no")).code == "auth"


@pytest.mark.parametrize("fault", ["away", "refuses our sender", "refuses our sender at the recipient"])
def test_a_morning_s_fault_costs_one_attempt_at_a_time_and_everything_goes_when_it_is_over(
    subject: Subject, mail: MailServer, fault: str
) -> None:
    subject.at(f"{THURSDAY}T08:30")
    if fault == "away":
        mail.close()
    elif fault == "refuses our sender":
        mail.to_sender = "550 5.7.1 sender not allowed"
    else:
        mail.to_recipient = lambda _to: "553 5.7.1 Sender address rejected: not owned by user"
    for time in ("08:30", "08:31", "08:36", "08:51", "09:21", "10:30", "11:30"):
        subject.at(f"{THURSDAY}T{time}").tick().tick()
    assert mail.mails == []
    assert states(subject)[0] in ("open", "half_open") and states(subject)[1] == 4
    attempts = len(subject.events("delivery_started"))
    assert attempts <= 7 + 2, "a probe each, not everybody each time"
    if fault == "away":
        mail.reopen()
    mail.to_sender, mail.to_recipient = "250 OK", lambda _to: "250 OK"
    subject.again().at(f"{THURSDAY}T12:30").tick().tick()
    assert Counter(item.to for item in mail.mails) == {contact.email: 1 for contact in PEOPLE}
    assert all("请在今天完成" in item.text for item in mail.mails)
    assert states(subject) == ("on", 0)
    assert subject.runtime.health.checks(subject.runtime.health.status())["checks"]["channels"]["email"] == "on"


def test_what_a_day_did_not_see_delivered_comes_on_the_next_working_morning_as_of_then(
    subject: Subject, mail: MailServer
) -> None:
    mail.close()
    for time in ("08:30", "12:00", "19:59"):
        subject.at(f"{THURSDAY}T{time}").tick()
    subject.at(f"{THURSDAY}T20:30").tick()
    subject.receives(record("R1", "book_issue", THURSDAY, person_id="P0"))
    mail.reopen()
    subject.at("2022-12-01T08:30").tick()
    assert Counter(item.to for item in mail.mails) == {contact.email: 1 for contact in PEOPLE[1:]}
    assert not any("请在今天完成" in item.text or "今天到期" in str(item.message["Subject"]) for item in mail.mails)
    assert all("【逾期未完成】" in item.text and "2022年12月1日" in item.text for item in mail.mails)
    assert set(subject.outcomes(THURSDAY).values()) == {"ended superseded", "ended inbox_only"}


def test_what_was_given_up_is_not_notified_and_comes_again_with_the_next_digest(
    subject: Subject, mail: MailServer
) -> None:
    mail.to_recipient = lambda to: "550 no such user" if to.startswith("p0") else "250 OK"
    subject.at("2022-11-25T08:30").tick().tick()
    assert subject.outcomes("2022-11-25")["person-P0"] == "ended given_up"
    assert subject.runtime.health.status()["reminders_given_up"] == 1
    assert "qihang_reminders_given_up" in subject.runtime.health.metrics().decode()
    assert states(subject) == ("on", 0), "it was the recipient's fault"
    mail.to_recipient = lambda _to: "250 OK"
    subject.at("2022-11-28T08:30").tick()
    assert Counter(item.to for item in mail.mails) == {contact.email: 1 for contact in PEOPLE}


def test_a_server_that_is_silent_after_the_dot_gets_no_second_letter_in_doubt_and_the_repeat_says_so(
    subject: Subject, mail: MailServer
) -> None:
    subject.service.delivery.channels["email"]._timeouts = IMPATIENT
    mail.answer = lambda *_: "silent"
    subject.at("2022-11-25T08:30").tick().tick()
    assert (len(mail.mails), states(subject)) == (1, ("open", 4))
    mail.answer = lambda *_: "250 OK"
    subject.at("2022-11-25T08:32").tick()
    assert sorted(Counter(item.id for item in mail.mails).values()) == [1, 1, 1, 2]
    assert ["可能已经送达" in item.text for item in mail.mails].count(True) == 1
    assert set(subject.outcomes("2022-11-25").values()) <= {"ended succeeded", "ended inbox_only"}


def test_a_slow_server_has_delivered_what_it_takes_in_the_end(mail: MailServer) -> None:
    mail.pause = 0.5
    channel = Email(Server.of(mail.url, "tixing@edu.example.cn", str(mail.ca_file)), Timeouts(5, 0.3, 0.3, 5))
    assert channel.send(message()).result == "succeeded"
    assert Timeouts().after_dot == 600


def test_one_slow_channel_does_not_hold_the_other(
    tmp_path: Path, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SourcesCaughtUp, "check", lambda *_: True)
    robots = WecomRobots(ROBOT)
    subject = Subject(tmp_path / "data", "", mail, wecom_url=robots.url).launches().receives(teacher("P1"))
    subject.knows(Contact("person-P1", "", "xu@x1.example.cn"), Contact("clerk-X1", "", "", ROBOT))
    answered = threading.Event()
    mail.took = lambda _count: answered.wait(30)  # keeps the sender waiting after the dot
    subject.at("2022-12-01T08:30").schedule.tick()
    loops = subject.service.channel_loops
    other = subject.again()
    slow = threading.Thread(target=loops["email"].tick)
    slow.start()
    try:
        other.service.channel_loops["wecom"].tick()
        assert [robot for robot, _ in robots.messages] == [ROBOT]
        assert subject.outcomes("2022-12-01")["clerk-X1"] == "ended succeeded"
    finally:
        answered.set()
        slow.join(30)
        robots.stop()
    assert subject.outcomes("2022-12-01")["person-P1"] == "ended succeeded"
    subject.close()


def test_one_person_with_several_posts_at_one_address_gets_one_letter_a_day(subject: Subject, mail: MailServer) -> None:
    subject.knows(*(Contact(post, "许悦丽", "P0@x1.example.cn") for post in ("clerk-X1", "clerk-X2")))
    for day in ("2022-11-25", THURSDAY, "2022-12-01"):
        subject.at(f"{day}T08:30").tick().tick()
    mine = [item for item in mail.mails if item.to.casefold() == "p0@x1.example.cn"]
    assert [item.seen[:10] for item in mine] == ["2022-11-25", THURSDAY, "2022-12-01"]
    assert all(part in mine[0].text for part in ("■ 第1中学填报员", "■ 第2小学填报员", "■ 第1中学 许悦丽"))
    assert {subject.outcomes("2022-11-25")[who] for who in ("clerk-X1", "clerk-X2", "person-P0")} == {"ended succeeded"}


def test_only_the_channels_that_reach_a_recipient_look_at_what_is_tried_again(
    subject: Subject, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, looked = DeliveryWorker._remaining_items, Counter[str]()

    def counted(worker: DeliveryWorker, digest: PendingDigest) -> list[DigestItem]:
        looked[worker.name] += 1
        return plain(worker, digest)

    mail.to_recipient = lambda _: "450 4.2.0 busy"
    subject.at("2022-11-25T08:30").tick()
    monkeypatch.setattr(DeliveryWorker, "_remaining_items", counted)
    monkeypatch.setattr(SourcesCaughtUp, "check", lambda *_: True)
    subject.at("2022-11-25T09:30")
    for name in ("dingtalk", "wecom", INBOX, "email"):
        subject.service.channel_loops[name].tick()
    assert looked["email"] == len(PEOPLE) and set(looked) <= {"email", INBOX}


def test_what_a_channel_left_half_sent_is_ended_after_it_was_removed(
    tmp_path: Path, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(*_: object) -> Outcome:
        raise SystemExit

    subject = Subject(tmp_path / "data", "", mail, wecom_url="http://127.0.0.1:9").launches().receives(teacher("P1"))
    subject.knows(Contact("clerk-X1", "", "", ROBOT))
    monkeypatch.setattr(subject.service.delivery.channels["wecom"], "send", ends)
    with pytest.raises(SystemExit):
        subject.at("2022-12-01T08:30").tick()
    assert subject.outcomes("2022-12-01")["clerk-X1"].startswith("sending")
    monkeypatch.setattr(service, "open_channels", lambda _: {})
    later = subject.again().at("2022-12-01T09:30").tick().tick()
    assert later.outcomes("2022-12-01")["clerk-X1"] == "ended unknown"
    subject.close()
