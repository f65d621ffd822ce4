"""Findings between unit and office: an answer is told to the office, what it sends back to the unit; the deadline to
the unit, unless it is the office's turn."""

from __future__ import annotations

from contracts.corrections import FindingCorrected
from contracts.findings import FindingAnswered, FindingClosed, FindingReturned
from contracts.participation import FindingReported, RectificationReported
from services.notifications.contacts.domain import Contact
from tests.services.notifications.subject import Subject, record, teacher
from tests.support.mail_server import MailServer

CLERK = Contact("clerk-X1", "填报员", "clerk@x1.example.cn")
HEAD = Contact("head-X1", "主要负责人", "head@x1.example.cn")
OFFICE = Contact("office-O3", "人事股", "office@o3.example.cn")
SECRET = "签到表缺三人的签名"
RAISED = FindingReported("F1", "X1", "O3", "2022-11-08", "2022-11-18", "1", "", "xue", "xue", "印证资料", SECRET)


def answered(day: str) -> FindingAnswered:
    return FindingAnswered("F1", "X1", "O3", "P1", day, SECRET, ())


def given(subject: Subject) -> Subject:
    """Nothing else owed."""
    subject.receives(teacher("P1"), record("R1", "book_issue", "2022-11-02", person_id="P1"))
    subject.receives(record("R2", "video", "2022-11-02")).knows(CLERK, HEAD, OFFICE)
    return subject.receives(RAISED).at("2022-11-08T09:00").tick()


def sent(mail: MailServer) -> list[tuple[str, str]]:
    """To whom, and the line; forgotten with this look."""
    result = [(item.to.partition("@")[0], line.removeprefix("  · ")) for item in mail.mails
              for line in item.text.splitlines() if line.startswith("  · ")]  # fmt: skip
    assert not any(SECRET in item.text for item in mail.mails)
    mail.mails.clear()
    return result


def test_both_sides_learn_whose_turn_it_is(subject: Subject, mail: MailServer) -> None:
    given(subject)
    until = "整改期限 2022年11月18日（F1）"
    assert sent(mail) == [("clerk", f"督查问题，{until}"), ("head", f"督查问题，{until}")]
    subject.receives(answered("2022-11-09")).at("2022-11-10T09:00").tick().tick()
    assert sent(mail) == [("office", "督查问题，单位2022年11月9日已答复，请复查：第1中学")]
    subject.receives(FindingReturned("F1", "X1", "2022-11-10", SECRET)).at("2022-11-11T09:00").tick()
    back = f"督查问题，2022年11月10日退回，请整改后重新答复，{until}"
    assert sent(mail) == [("clerk", back), ("head", back)]
    subject.rebuild().at("2022-11-14T09:00").tick()
    assert sent(mail) == []
    subject.at("2022-11-15T09:00").tick()
    assert sent(mail) == [("clerk", f"督查问题，{until}"), ("head", f"督查问题，{until}")], "three working days before"
    subject.receives(answered("2022-11-15")).at("2022-11-21T09:00").tick()
    assert sent(mail) == [("office", "督查问题，单位2022年11月15日已答复，请复查：第1中学")], (
        "and nothing of the deadline"
    )
    subject.at("2022-11-23T09:00").tick()
    assert sent(mail) == [("office", "督查问题，单位2022年11月15日已答复，还没有复查：第1中学")]
    subject.receives(RectificationReported("F1", "2022-11-15")).at("2022-11-24T09:00").tick()
    assert sent(mail) == []


def test_what_is_overdue_is_sent_to_the_unit_and_then_to_the_office(subject: Subject, mail: MailServer) -> None:
    given(subject)
    sent(mail)
    subject.at("2022-11-21T09:00").tick()
    until = "整改期限 2022年11月18日（F1）"
    assert ("clerk", f"督查问题，{until}") in sent(mail)
    subject.at("2022-11-28T09:00").tick()
    assert ("office", "督查问题，整改期限 2022年11月18日：第1中学") in sent(mail)


def test_what_was_done_before_the_mail_went_is_left_out(subject: Subject, mail: MailServer) -> None:
    given(subject)
    sent(mail)
    mail.answer = lambda _to, before: "451 later" if before == 0 else "250 OK"
    subject.receives(answered("2022-11-09")).at("2022-11-10T09:00").tick()
    subject.receives(FindingReturned("F1", "X1", "2022-11-10", "")).at("2022-11-10T09:02").tick()
    assert sent(mail) == [] and set(subject.outcomes("2022-11-10").values()) == {"ended met"}
    subject.receives(answered("2022-11-10"))
    row = ("F1", "X1", "O3", "2022-11-08", "2022-11-18", "1", "", "digest")
    subject.receives(FindingCorrected(*row, "xue", True, ("*",), "C1", "提错了"))
    subject.at("2022-11-11T09:00").tick()
    assert sent(mail) == [], "withdrawn"


def test_the_unit_learns_that_a_finding_is_closed(subject: Subject, mail: MailServer) -> None:
    given(subject)
    subject.receives(answered("2022-11-09")).at("2022-11-10T09:00").tick()
    sent(mail)
    closed = FindingClosed("F1", "X1", "P2", "2022-11-10", SECRET)
    subject.receives(closed, RectificationReported("F1", "2022-11-09")).at("2022-11-11T09:00").tick()
    line = "督查问题，2022年11月10日复查通过，已销号（F1）"
    assert sent(mail) == [("clerk", line), ("head", line)]
    subject.again().rebuild().at("2022-11-14T09:00").tick().at("2022-11-28T09:00").tick()
    assert sent(mail) == [], "once, and nothing of the deadline"
