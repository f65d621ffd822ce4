"""A reviewer is reminded when a work is assigned to them and once more when its last day is past; nobody else is."""

from __future__ import annotations

from dataclasses import replace

from contracts.publicity import (
    ConsentGiven,
    ConsentWithdrawn,
    ReviewerAssigned,
    ReviewerReleased,
    WorkMarked,
    WorkReturned,
    WorkRevised,
)
from services.notifications.contacts.domain import Contact
from tests.services.notifications.subject import Subject, record, teacher
from tests.support.mail_server import MailServer

PERSON = Contact("person-P1", "许悦丽", "xu@x1.example.cn")
CLERK = Contact("clerk-X1", "填报员", "clerk@x1.example.cn")
ASKED = ReviewerAssigned("W1", "P1", "2022-11-08", "R1", "2022-11-10")

BACK = WorkReturned("W1", "P9", "X1", "reviewer", "P1", "2022-11-09", "请补充事例")
AGAIN = WorkRevised("W1", "P9", "text", "k", 9, "2022-11-14", "author", "体会")


def received(subject: Subject) -> Subject:
    """Nothing owed: what is told is what is to be reviewed."""
    subject.receives(teacher("P1"), record("R1", "book_issue", "2022-11-02", person_id="P1"))
    return subject.receives(record("R2", "video", "2022-11-02")).knows(PERSON, CLERK)


def test_a_reviewer_gets_a_letter_when_asked_and_when_late(subject: Subject, mail: MailServer) -> None:
    received(subject).at("2022-11-08T09:00").receives(ASKED, replace(ASKED, work_id="W2", review_id="R2")).tick().tick()
    assert [item.to for item in mail.mails] == ["xu@x1.example.cn"]
    assert "【待评审】\n  · 请您评审的作品：2 件，评审截止日 2022年11月10日" in mail.mails[0].text
    assert "W1" not in mail.mails[0].text
    subject.receives(WorkMarked("W2", "P1", {}, "80", "2022-11-09")).at("2022-11-11T09:00").tick().tick()
    assert len(mail.mails) == 2 and "【评审逾期】\n  · 请您评审的作品：1 件" in mail.mails[1].text


def test_what_was_taken_back_is_in_no_letter(subject: Subject, mail: MailServer) -> None:
    received(subject).receives(ASKED, ReviewerReleased("W1", "P1", "office", "2022-11-08"))
    subject.at("2022-11-08T09:00").tick().at("2022-11-11T09:00").tick()
    assert mail.mails == []


def test_what_was_sent_back_awaits_nobody_until_it_comes_again(subject: Subject, mail: MailServer) -> None:
    released = ReviewerAssigned("W1", "P3", "2022-11-08", "R3", "2022-11-10")
    received(subject).at("2022-11-09T09:00").receives(
        ASKED, released, ReviewerReleased("W1", "P3", "office", "2022-11-08")
    )
    subject.receives(BACK).tick().tick().at("2022-11-11T09:00").tick().tick()
    assert [item.to for item in mail.mails] == ["clerk@x1.example.cn"], "of the return"
    subject.receives(AGAIN).at("2022-11-15T09:00").tick().tick()
    assert [item.to for item in mail.mails[1:]] == ["xu@x1.example.cn"]
    assert "【待评审】\n  · 请您评审的作品：1 件" in mail.mails[1].text and "截止日" not in mail.mails[1].text


def test_whoever_had_marked_it_is_asked_again(subject: Subject, mail: MailServer) -> None:
    received(subject).at("2022-11-09T09:00").receives(
        ASKED, WorkMarked("W1", "P1", {}, "80", "2022-11-08"), BACK, AGAIN
    )
    subject.at("2022-11-15T09:00").tick().tick()
    assert len(mail.mails) == 1 and "【待评审】" in mail.mails[0].text


def test_a_work_without_consent_awaits_nobody_until_its_author_agrees_again(subject: Subject, mail: MailServer) -> None:
    marked = WorkMarked("W2", "P1", {}, "80", "2022-11-08")
    received(subject).receives(ASKED, replace(ASKED, work_id="W2", review_id="R2"), marked)
    part = ConsentWithdrawn("W1", "P9", ("unit",), "2022-11-08", "author")
    whole = [ConsentWithdrawn(work, "P9", ("inside",), "2022-11-08", "author", True) for work in ("W1", "W2")]
    subject.receives(part, *whole).at("2022-11-08T09:00").tick().at("2022-11-11T09:00").tick()
    assert mail.mails == [], "neither when it was asked nor when it is late"
    subject.rebuild().receives(*(ConsentGiven(work, "P9", ("inside",), "2022-11-11", "self") for work in ("W1", "W2")))
    subject.at("2022-11-14T09:00").tick().tick()
    assert len(mail.mails) == 1 and "请您评审的作品：1 件" in mail.mails[0].text, "not the one that was marked"


def test_what_was_sent_back_and_lost_its_consent_is_asked_of_nobody(subject: Subject, mail: MailServer) -> None:
    gone = ConsentWithdrawn("W1", "P9", ("inside",), "2022-11-09", "author", True)
    received(subject).receives(ASKED, BACK, gone).at("2022-11-09T09:00").tick().tick()
    assert mail.mails == []
