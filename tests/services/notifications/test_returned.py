"""What goes back for revision is told to its author and unit, once for each time, and not when it is here again."""

from __future__ import annotations

from contracts.articles import ArticleDrafted, ArticleTakenDown, ReadingReturned, TakeDownFailed, TakeDownOrdered
from contracts.publicity import WorkReturned, WorkRevised
from services.notifications.contacts.domain import Contact
from tests.services.notifications.subject import Subject, record, teacher
from tests.support.mail_server import MailServer

PERSON = Contact("person-P1", "许悦丽", "xu@x1.example.cn")
CLERK = Contact("clerk-X1", "填报员", "clerk@x1.example.cn")
HEAD = Contact("head-X1", "主要负责人", "head@x1.example.cn")
REVISED = WorkRevised("W1", "P1", "text", "c1", 9, "2022-11-10", "author", "")


def back(day: str) -> WorkReturned:
    return WorkReturned("W1", "P1", "X1", "reviewer", "P9", day, "")


def received(subject: Subject) -> Subject:
    """Nothing owed: what is told is what came back."""
    subject.receives(teacher("P1"), record("R1", "book_issue", "2022-11-02", person_id="P1"))
    return subject.receives(record("R2", "video", "2022-11-02")).knows(PERSON, CLERK, HEAD)


def test_the_author_and_the_clerk_are_notified_of_a_work_once_for_each_time(subject: Subject, mail: MailServer) -> None:
    received(subject).at("2022-11-08T09:00").receives(back("2022-11-08")).tick().tick()
    letters = {item.to: item for item in mail.mails}
    assert set(letters) == {"xu@x1.example.cn", "clerk@x1.example.cn"}
    messages = "2022年11月8日退回，请修改后重新提交：作品 W1（评审人退回"
    assert f"{messages}）" in letters["xu@x1.example.cn"].text
    assert f"{messages}，许悦丽）" in letters["clerk@x1.example.cn"].text
    assert str(letters["xu@x1.example.cn"].message["Subject"]).endswith("1 项退回修改（2022年11月8日）")
    assert not any("P9" in item.text for item in mail.mails)
    subject.again().rebuild().at("2022-11-09T09:00").tick()
    assert len(mail.mails) == 2
    subject.receives(REVISED, back("2022-11-10")).at("2022-11-10T09:00").tick()
    assert len(mail.mails) == 4


def test_what_came_again_before_the_mail_went_is_left_out(subject: Subject, mail: MailServer) -> None:
    mail.answer = lambda _to, before: "451 later" if before == 0 else "250 OK"
    received(subject).at("2022-11-08T09:00").receives(back("2022-11-08")).tick()
    subject.receives(REVISED).at("2022-11-08T09:02").tick()
    assert mail.mails == []
    assert set(subject.outcomes("2022-11-08").values()) == {"ended met"}


def test_clerk_and_head_are_notified_of_an_article_that_a_reading_sent_back(subject: Subject, mail: MailServer) -> None:
    drafted = ArticleDrafted("A1", "X1", "district", "选登", ("W1",), ("P1",), "c", 9, 0, "2022-11-07")
    returned = ReadingReturned("article", "A1", "second", "P9", "作者调离", "2022-11-08")
    received(subject).receives(drafted, returned).at("2022-11-08T09:00").tick()
    assert [(item.to, "推文 A1（复审退回）" in item.text) for item in mail.mails] == [
        ("clerk@x1.example.cn", True), ("head@x1.example.cn", True),
    ]  # fmt: skip
    subject.receives(drafted).at("2022-11-09T09:00").tick()
    assert len(mail.mails) == 2


def test_clerk_and_head_are_notified_once_of_what_somebody_has_to_take_down(subject: Subject, mail: MailServer) -> None:
    at = "2022-11-08T00:30:00.000000Z"
    by_interface = TakeDownOrdered("A0", "X1", "api", "x", at)
    by_hand = TakeDownOrdered("A1", "X1", "hand", "x", at)
    failed = TakeDownFailed("A2", "X1", "48001", "", at, "2022-11-08T02:00:00.000000Z")
    received(subject).at("2022-11-08T09:00").receives(by_interface, by_hand, failed).tick().tick()
    assert sorted(item.to for item in mail.mails) == ["clerk@x1.example.cn", "head@x1.example.cn"]
    for item in mail.mails:
        assert "【待撤稿】\n  · 仍在平台上公开，请在平台上删除后登记：推文 A1、推文 A2" in item.text
        assert "A0" not in item.text
    subject.receives(failed).at("2022-11-09T09:00").tick()
    assert len(mail.mails) == 2


def test_a_video_to_take_down_is_called_a_video(subject: Subject, mail: MailServer) -> None:
    drafted = ArticleDrafted("V1", "X1", "unit", "微党课", (), ("P1",), "c", 9, 0, "2022-11-07", film="f" * 64)
    order = TakeDownOrdered("V1", "X1", "hand", "x", "2022-11-08T00:30:00.000000Z")
    received(subject).receives(drafted, order).at("2022-11-08T09:00").tick()
    assert [("视频 V1" in item.text, "推文" in item.text) for item in mail.mails] == [(True, False)] * 2
    subject.receives(ArticleTakenDown("V1", "X1", "hand", "x", order.ordered_at)).at("2022-11-09T09:00").tick()
    assert len(mail.mails) == 2


def test_what_is_gone_before_the_mail_went_is_left_out(subject: Subject, mail: MailServer) -> None:
    mail.answer = lambda _to, before: "451 later" if before == 0 else "250 OK"
    at = "2022-11-08T00:30:00.000000Z"
    order = TakeDownOrdered("A1", "X1", "hand", "x", at)
    received(subject).at("2022-11-08T09:00").receives(order).tick()
    subject.receives(ArticleTakenDown("A1", "X1", "hand", "x", at)).at("2022-11-08T09:02").tick()
    assert mail.mails == []
