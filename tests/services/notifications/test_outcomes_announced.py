"""Who waits for a reading, a selection or their own filing is told what became of it, once, and not of what is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.events.definition import Event
from contracts.articles import (
    ArticleDrafted,
    ArticleStopped,
    ReaderAppointed,
    ReadingPassed,
    ReadingReturned,
)
from contracts.filings import FilingReturned, FilingSubmitted
from contracts.publicity import WorkDeselected, WorkSelected
from services.notifications.contacts.domain import Contact
from tests.services.notifications.subject import Subject, record, teacher
from tests.support.mail_server import MailServer

PERSON, OTHER = Contact("person-P1", "许悦丽", "p1@x1.cn"), Contact("person-P2", "李", "p2@x1.cn")
CLERK, HEAD = Contact("clerk-X1", "填报员", "clerk@x1.cn"), Contact("head-X1", "主要负责人", "head@x1.cn")
FILM = "f" * 64
DRAFT = ArticleDrafted("V1", "X1", "unit", "微党课", (), (), "c", 9, 0, "2022-11-07", film=FILM)
FIRST = ReaderAppointed("article", "V1", "first", "P1", "P9", "2022-11-08")
SECOND = ReaderAppointed("article", "V1", "second", "P2", "P9", "2022-11-08")
TO_READ = "请您审读的推文、视频或汇编：1 件，见“三审三校”"


def given(subject: Subject) -> Subject:
    for person in ("P1", "P2"):
        done = record(f"R{person}", "book_issue", "2022-11-02", person_id=person)
        subject.receives(teacher(person), done)
    return subject.receives(record("R2", "video", "2022-11-02")).knows(PERSON, OTHER, CLERK, HEAD)


def sent(mail: MailServer) -> list[tuple[str, str]]:
    """To whom, and the line; forgotten with this look."""
    result = [(item.to.partition("@")[0], line.removeprefix("  · ")) for item in mail.mails
              for line in item.text.splitlines() if line.startswith("  · ")]  # fmt: skip
    mail.mails.clear()
    return sorted(result)


def test_a_reader_is_notified_when_appointed_and_when_it_is_their_turn(subject: Subject, mail: MailServer) -> None:
    given(subject).receives(DRAFT, FIRST, SECOND).at("2022-11-08T09:00").tick().tick()
    assert sent(mail) == [("p1", TO_READ), ("p2", TO_READ)]
    subject.receives(ReadingPassed("article", "V1", "first", "P1", "c", "2022-11-09"))
    subject.at("2022-11-09T09:00").tick().tick()
    assert sent(mail) == [("p2", TO_READ)]
    subject.receives(ReadingReturned("article", "V1", "second", "P2", "字幕有误", "2022-11-10"))
    subject.at("2022-11-10T09:00").tick().tick()
    line = "2022年11月10日退回，请修改后重新提交：视频 V1（复审退回）"
    assert sent(mail) == [("clerk", line), ("head", line)]
    subject.rebuild().again().at("2022-11-11T09:00").tick()
    assert sent(mail) == []


def test_who_is_appointed_reads_what_was_drafted_anew(subject: Subject, mail: MailServer) -> None:
    given(subject).receives(DRAFT, FIRST, SECOND).at("2022-11-08T09:00").tick().tick()
    sent(mail)
    subject.receives(replace(DRAFT, content="d", drafted_on="2022-11-09")).at("2022-11-09T09:00").tick().tick()
    assert sent(mail) == [("p1", TO_READ)]


def test_after_a_return_only_who_is_appointed_anew_is_notified(subject: Subject, mail: MailServer) -> None:
    given(subject).receives(DRAFT, FIRST, SECOND).at("2022-11-08T09:00").tick().tick()
    subject.receives(ReadingReturned("article", "V1", "first", "P1", "字幕有误", "2022-11-09"))
    subject.receives(replace(DRAFT, content="d", drafted_on="2022-11-09")).at("2022-11-09T09:00").tick().tick()
    sent(mail)
    subject.receives(replace(FIRST, appointed_on="2022-11-10"))
    subject.receives(ReadingPassed("article", "V1", "first", "P1", "d", "2022-11-10"))
    subject.at("2022-11-10T09:00").tick().tick()
    assert sent(mail) == []


@pytest.mark.parametrize("over", [
    ArticleStopped("V1", "不发了"), ReaderAppointed("article", "V1", "first", "P2", "P9", "2022-11-08"),
])  # fmt: skip
def test_of_what_is_over_or_another_s_no_reader_is_notified(subject: Subject, mail: MailServer, over: Event) -> None:
    given(subject).receives(DRAFT, FIRST, over).at("2022-11-08T09:00").tick().tick()
    assert ("p1", TO_READ) not in sent(mail)


def test_an_author_learns_that_a_work_was_selected_and_the_unit_what_the_district_chose(
    subject: Subject, mail: MailServer
) -> None:
    at = "2022-11-07T22:00:00.000000Z"  # before eight in the morning of the eighth
    by_unit = WorkSelected("W1", "P1", "X1", "2022-autumn", "unit", at)
    given(subject).receives(by_unit).at("2022-11-08T09:30").tick().tick()
    assert sent(mail) == [("p1", "作品2022年11月8日选用（单位）：1 件")]
    later = "2022-11-09T01:00:00.000000Z"
    subject.receives(WorkSelected("W1", "P1", "X1", "2022-autumn", "district", later))
    subject.at("2022-11-09T09:30").tick().tick()
    line = "作品2022年11月9日选用（区级）：1 件"
    assert sent(mail) == [("clerk", line), ("p1", line)]
    subject.receives(WorkDeselected("W1", "P1", "X1", "unit", "重复", "2022-11-10T01:00:00.000000Z"))
    subject.at("2022-11-10T09:30").tick().tick()
    assert sent(mail) == [("p1", "作品2022年11月10日取消选用（单位）：1 件")]


def test_what_is_checked_again_before_it_is_sent_is_still_so(subject: Subject, mail: MailServer) -> None:
    at = "2022-11-07T22:00:00.000000Z"  # before eight in the morning of the eighth
    given(subject).receives(WorkSelected("W1", "P1", "X1", "2022-autumn", "district", at))
    mail.to_recipient = lambda _to: "451 later"
    subject.at("2022-11-08T09:30").tick()
    mail.to_recipient = lambda _to: "250 OK"
    subject.receives(record("R3", "video", "2022-11-02")).at("2022-11-08T12:30").tick().tick()
    assert {who for who, _ in sent(mail)} == {"p1", "clerk"}


def test_a_filing_that_was_given_back_is_notified_of_until_it_is_handed_in_again(
    subject: Subject, mail: MailServer
) -> None:
    given(subject).at("2022-11-08T09:30")
    subject.receives(FilingReturned("F1", "", "缺附件", True, "X1"), FilingReturned("F2", "P1", "缺附件", False, "X1"))
    subject.receives(FilingReturned("F3", "", "缺附件", True, "X1"), FilingSubmitted("F3", "", "xue-lun-shu", 1))
    subject.tick().tick()
    lines = sent(mail)
    assert {who for who, _ in lines} == {"clerk", "head", "p1"}
    assert all(
        line.endswith("退回，请修改后重新提交：填报 2 件，见“我的待办”") for who, line in lines if who == "clerk"
    )
    assert all(line.endswith("填报 1 件，见“我的待办”") for who, line in lines if who in ("head", "p1"))
