"""Exactly one mail per recipient, duty and stage: across restarts, replicas, replays and rebuilds; none too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.participation import (
    CampaignAmended,
    CampaignClosed,
    CampaignLaunched,
    PersonErased,
    PostAssigned,
    RecordWithdrawn,
)
from duties.days import day_of
from services.notifications.contacts.domain import Contact
from services.notifications.delivery.sending_lock import DECIDING, try_sending_lock
from services.notifications.digests import handlers
from services.notifications.digests.decision import write_digests
from tests.services.notifications.subject import CAMPAIGN, Subject, record, teacher
from tests.support.campaigns import document_of
from tests.support.mail_server import MailServer

PERSON = Contact("person-P1", "许悦丽", "xu@x1.example.cn")
CLERK = Contact("clerk-X1", "填报员", "clerk@x1.example.cn")
HEAD = Contact("head-X1", "主要负责人", "head@x1.example.cn")


def test_a_day_is_notified_once_whatever_happens(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1")).knows(PERSON, CLERK)
    subject.at("2022-11-25T08:30").tick()
    assert [(item.to, "书籍人手一本" in item.text) for item in mail.mails] == [
        ("clerk@x1.example.cn", False), ("xu@x1.example.cn", True),
    ]  # fmt: skip
    assert "视频展播（2022年11月），截止日 2022年11月30日" in mail.mails[0].text
    subject.tick().rebuild().tick()
    subject.again().tick().rebuild().tick()
    subject.at("2022-11-28T09:00").tick()
    assert len(mail.mails) == 2
    subject.at("2022-11-30T09:00").tick().tick()
    assert [item.to for item in mail.mails[2:]] == ["clerk@x1.example.cn", "xu@x1.example.cn"]
    assert len({item.id for item in mail.mails}) == 4


def test_who_is_reminded_of_what_ends_with_the_campaign_and_begins_with_the_next(
    subject: Subject, mail: MailServer
) -> None:
    subject.receives(teacher("P1"), CampaignClosed("xue", "2022-11-25")).knows(PERSON, CLERK)
    subject.at("2022-11-25T08:30").tick()
    assert mail.mails == []
    document = document_of(
        CAMPAIGN.replace("campaign: xue", "campaign: yue").replace("视频展播", "共读一本书").encode()
    )
    subject.receives(CampaignLaunched("yue", 1, document)).at("2022-11-28T08:30").tick()
    assert [(item.to, "共读一本书" in item.text, "视频展播" in item.text) for item in mail.mails] == [
        ("clerk@x1.example.cn", True, False), ("xu@x1.example.cn", False, False),
    ]  # fmt: skip


def test_what_is_prepared_is_reminded_of_before_the_campaign_begins_and_joiners_by_their_own_day(
    subject: Subject, mail: MailServer
) -> None:
    early = CAMPAIGN.replace("starts_on: 2022-11-01", "prepares_on: 2022-10-08\nstarts_on: 2022-12-01")
    early = early.replace("record: book_issue", "record: book_issue, joiners_days: 30")
    early += (
        "  - {id: plan, title: 活动方案, who: {kinds: [school]}, every: once, due: 2022-11-30, count: 1, record: plan}"
    )
    joined = replace(teacher("P1"), since="2022-12-10")
    subject.receives(CampaignAmended("xue", 2, document_of(early.encode())), joined).knows(PERSON, CLERK)
    subject.at("2022-11-25T08:30").tick()
    assert [item.to for item in mail.mails if "活动方案，截止日 2022年11月30日" in item.text] == ["clerk@x1.example.cn"]
    subject.at("2023-01-09T08:30").tick()
    assert [item.to for item in mail.mails if "书籍人手一本，截止日 2023年1月9日" in item.text] == ["xu@x1.example.cn"]


def test_nothing_for_a_duty_already_met(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1"), record("R1", "book_issue", "2022-11-10", person_id="P1"))
    subject.receives(record("R2", "video", "2022-11-11")).knows(PERSON, CLERK).at("2022-11-25T08:30").tick()
    assert mail.mails == []


def test_what_was_met_between_the_decision_and_the_sending_is_left_out(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1"), teacher("P2", name="雷婷雨")).knows(PERSON, CLERK)
    mail.answer = lambda _to, before: "451 later" if before == 0 else "250 OK"
    subject.at("2022-12-01T08:30").tick()
    assert mail.mails == []
    assert subject.outcomes("2022-12-01")["person-P1"] == "waiting smtp_451"
    subject.receives(record("R1", "book_issue", "2022-12-01", person_id="P1"), record("R2", "video", "2022-11-30"))
    subject.at("2022-12-01T08:32").tick()
    (clerk,) = mail.mails
    assert (clerk.to, "雷婷雨" in clerk.text, "许悦丽" in clerk.text) == ("clerk@x1.example.cn", True, False)
    assert "视频展播" not in clerk.text
    assert subject.outcomes("2022-12-01")["person-P1"] == "ended met"


def test_a_count_leaves_out_who_joined_later_and_owes_it_by_another_day(subject: Subject, mail: MailServer) -> None:
    """Counted again at the sending, since something came after the decision."""
    document = document_of(CAMPAIGN.replace("record: book_issue", "record: book_issue, joiners_days: 30").encode())
    joined = replace(teacher("P2", name="雷婷雨"), since="2022-12-05")
    subject.receives(CampaignAmended("xue", 2, document), teacher("P1"), joined)
    subject.knows(Contact("office-O3", "", "o3@example.cn"))
    mail.answer = lambda _to, before: "451 later" if before == 0 else "250 OK"
    subject.at("2022-12-08T09:00").tick()
    subject.receives(record("R2", "video", "2022-12-08"))
    subject.at("2022-12-08T09:05").tick()
    assert "书籍人手一本，截止日 2022年11月30日：第1中学\n" in mail.mails[0].text, "one, not two"


def test_a_withdrawn_record_is_notified_as_not_done(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1"), record("R1", "book_issue", "2022-11-10", person_id="P1"))
    subject.receives(RecordWithdrawn("R1", "2022-11-20T00:00:00.000000Z", "w")).knows(PERSON)
    subject.at("2022-11-25T08:30").tick()
    assert [item.to for item in mail.mails] == ["xu@x1.example.cn"]


def test_none_in_quiet_hours_none_on_a_rest_day_none_before_the_hour(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1")).knows(PERSON)
    for local in ("2022-11-25T07:59", "2022-11-25T08:29", "2022-11-25T20:00", "2022-11-26T10:00", "2022-11-27T10:00"):
        subject.at(local).tick()
    assert mail.mails == []
    assert subject.events("digest_decided") == []
    subject.at("2022-11-28T19:59").tick()
    assert [item.seen for item in mail.mails] == ["2022-11-28T19:59+08:00"]


def test_nothing_is_decided_before_everything_recorded_is_here(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1")).knows(PERSON).at("2022-11-25T08:30").tick(caught_up=False)
    assert (mail.mails, subject.events("day_decided")) == ([], [])


def test_a_decision_that_takes_long_is_a_sign_of_life_and_has_an_end(
    subject: Subject, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []

    def takes_long(_module: str, given: Any, seconds: float, heartbeat: Callable[[], None]) -> Any:
        subject.runtime.monitor.pulses["reminding"] = 0.0
        assert not subject.runtime.health.live()
        heartbeat()
        assert subject.runtime.health.live()
        seen.append(seconds)
        return write_digests(given)

    monkeypatch.setattr(handlers, "preloaded_workers", SimpleNamespace(run_module=takes_long))
    subject.receives(teacher("P1")).knows(PERSON).at("2022-11-25T08:30").tick()
    assert (len(mail.mails), seen) == (1, [handlers.DECISION_SECONDS])


def test_what_waited_goes_only_when_everything_recorded_is_here(subject: Subject, mail: MailServer) -> None:
    mail.answer = lambda _to, before: "451 later" if before == 0 else "250 OK"
    subject.receives(teacher("P1")).knows(PERSON).at("2022-11-25T08:30").tick()
    subject.at("2022-11-25T08:32").tick(caught_up=False)
    assert (mail.mails, subject.outcomes("2022-11-25")["person-P1"]) == ([], "waiting smtp_451")
    subject.tick()
    assert [item.to for item in mail.mails] == ["xu@x1.example.cn"]


def test_a_campaign_launched_after_the_hour_begins_on_the_next_working_day(
    tmp_path: Path, url: str, mail: MailServer
) -> None:
    """What the district has done comes in behind the campaign: nobody is reminded in the middle of that."""
    subject = Subject(tmp_path / "data", url, mail).at("2022-11-25T08:30").launches()
    subject.receives(teacher("P1")).knows(PERSON, CLERK).tick().at("2022-11-25T19:59").tick()
    assert (mail.mails, subject.events("day_decided")) == ([], [])
    assert subject.service.campaign_clock.now().block_reason == "launched_today"
    subject.at("2022-11-28T08:30").rebuild().tick()
    assert [item.to for item in mail.mails] == ["clerk@x1.example.cn", "xu@x1.example.cn"]
    subject.close()


def test_on_the_day_of_the_launch_the_operator_may_order_it(tmp_path: Path, url: str, mail: MailServer) -> None:
    subject = Subject(tmp_path / "data", url, mail).at("2022-11-30T09:00").launches()
    subject.receives(teacher("P1")).knows(PERSON).tick()
    subject.service.campaign_clock.allow_on_launch_day(day_of("2022-11-30"))
    subject.tick()
    assert ["请在今天完成" in item.text for item in mail.mails] == [True]
    subject.close()


def test_two_replicas_send_once(subject: Subject, mail: MailServer) -> None:
    other = subject.receives(teacher("P1")).knows(PERSON).again()
    subject.at("2022-11-25T08:30")
    for name in (DECIDING, "email"):
        with try_sending_lock(other.service.store, other.service.folder, name) as lock:
            assert lock is not None
            subject.tick()
            assert mail.mails == []
    subject.tick()
    other.tick()
    assert len(mail.mails) == 1


def test_names_stay_in_the_unit(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1"), teacher("P2", name="雷婷雨"))
    subject.knows(
        CLERK, HEAD, Contact("office-O3", "", "o3@example.cn"), Contact("campaign-office", "", "all@example.cn")
    )
    for day in ("2022-12-01", "2022-12-05", "2022-12-08", "2022-12-14"):
        subject.at(f"{day}T09:00").tick()
    letters = {item.to: item for item in mail.mails}
    assert all("许悦丽" in letters[to].text for to in ("clerk@x1.example.cn", "head@x1.example.cn"))
    assert "书籍人手一本，截止日 2022年11月30日：第1中学 2 项" in letters["o3@example.cn"].text
    assert "1 个单位，共 2 项" in letters["all@example.cn"].text
    for to in ("o3@example.cn", "all@example.cn"):
        whole = letters[to].message.as_string() + letters[to].text + letters[to].html
        assert not any(word in whole for word in ("许悦丽", "雷婷雨", "P1", "P2"))


def test_who_is_erased_is_not_reached_under_their_posts_either(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1"), teacher("P2", name="雷婷雨"))
    subject.receives(PostAssigned(unit_id="X1", post="clerk", person_id="P1", since="2022-09-01", until="", digest=""))
    subject.knows(PERSON, CLERK, HEAD)
    subject.receives(PersonErased("P1"))
    subject.at("2022-12-01T09:00").tick()
    assert {item.to for item in mail.mails} <= {"head@x1.example.cn"}


def test_who_is_erased_is_not_reached_and_not_named(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1"), teacher("P2", name="雷婷雨")).knows(PERSON, CLERK)
    subject.receives(PersonErased("P1"))
    subject.at("2022-12-01T09:00").tick()
    (clerk,) = mail.mails
    assert "雷婷雨" in clerk.text and "许悦丽" not in clerk.text
    assert subject.outcomes("2022-12-01")["person-P1"] == "ended inbox_only"
