"""Who is reminded when, by each of the campaign's rules about days: prepares_on, due_on, counts_in, joiners_days, from
and until, semesters that repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.participation import CampaignAmended, MembershipEnded
from duties.days import day_of
from services.notifications.digests.decision import DigestDecision
from services.notifications.obligations import queries
from tests.services.notifications.subject import Subject, record, school, teacher
from tests.support.campaigns import document_of

HEAD = """
campaign: xue
version: 2
title: 学论述
timezone: Asia/Shanghai
starts_on: 2022-11-01
semesters: [{id: autumn, start: 09-01, end: 02-01, due: 12-31}, {id: spring, start: 02-20, end: 07-10, due: 06-30}]
defaults: {late_credit: 1/2, late_days: 10, min_service: 1/2}
"""
PLAN = "{id: plan, title: 活动方案, who: {kinds: [school]}, every: once, due: 2022-10-31, count: 1, record: plan}"
Reminders = set[tuple[str, str, str, str]]


@pytest.fixture
def subject(tmp_path: Path) -> Iterator[Subject]:
    result = Subject(tmp_path / "data").launches()
    yield result
    result.close()


@pytest.fixture
def amended(subject: Subject) -> Callable[..., Subject]:
    """The subject after the campaign got these duties, and these lines before them, instead."""

    def amend(*duties: str, head: str = "") -> Subject:
        text = HEAD + head + "duties:\n" + "".join(f"  - {duty}\n" for duty in duties)
        return subject.receives(CampaignAmended("xue", 2, document_of(text.encode())))

    return amend


def reminders_on(subject: Subject, day: str) -> Reminders:
    """Recipient, stage, period and due day of all reminders of the day, were there none before."""
    with subject.runtime.store.reading() as connection:
        campaign = queries.campaign_in_force(connection)
        assert campaign is not None
        digests = DigestDecision(connection, subject.runtime.store, campaign, day_of(day)).digests()
        return {(digest.recipient, item.stage, item.period, item.due) for digest in digests for item in digest.items}


def of_clerk(subject: Subject, day: str) -> set[tuple[str, str, str]]:
    return {item[1:] for item in reminders_on(subject, day) if item[0] == "clerk-X1"}


def test_a_plan_due_on_31_october_is_reminded_of_before_the_campaign_begins(amended: Callable[..., Subject]) -> None:
    subject = amended(PLAN, head="prepares_on: 2022-10-08\n")
    assert of_clerk(subject, "2022-10-25") == set()
    assert of_clerk(subject, "2022-10-26") == {("due_soon", "once", "2022-10-31")}
    assert of_clerk(subject, "2022-10-31") == {("due_today", "once", "2022-10-31")}
    assert of_clerk(subject, "2022-11-01") == {("overdue", "once", "2022-10-31")}
    subject.receives(record("R1", "plan", "2022-10-27"))
    assert of_clerk(subject, "2022-10-31") == set()


def test_a_plan_is_not_reminded_of_before_its_preparation_begins(amended: Callable[..., Subject]) -> None:
    subject = amended(PLAN, head="prepares_on: 2022-10-28\n")
    assert of_clerk(subject, "2022-10-27") == set()
    assert of_clerk(subject, "2022-10-28") == {("due_soon", "once", "2022-10-31")}


def test_a_duty_of_a_year_is_reminded_of_by_its_day_in_the_year(amended: Callable[..., Subject]) -> None:
    subject = amended(
        "{id: sum, title: 总结, who: {kinds: [school]}, every: year, due_on: 06-30, count: 1, record: sum}"
    )
    assert of_clerk(subject, "2023-06-26") == set()
    assert of_clerk(subject, "2023-06-27") == {("due_soon", "2023", "2023-06-30")}
    assert of_clerk(subject, "2023-07-03") == {("overdue", "2023", "2023-06-30")}
    assert of_clerk(subject, "2023-12-29") == set()


def test_a_day_of_the_year_before_the_preparation_is_owed_by_nobody(amended: Callable[..., Subject]) -> None:
    duty = "{id: sum, title: 总结, who: {kinds: [school]}, every: year, due_on: 10-31, count: 1, record: sum}"
    assert of_clerk(amended(duty), "2022-11-01") == set()
    subject = amended(duty, head="prepares_on: 2022-10-08\n")
    assert of_clerk(subject, "2022-11-01") == {("overdue", "2022", "2022-10-31")}


def test_what_counts_in_its_period_is_reminded_of_by_its_due_day(amended: Callable[..., Subject]) -> None:
    subject = amended("{id: video, title: 视频, who: {kinds: [school]}, every: month, due_days: 9, counts_in: period, "
                      "count: 1, record: video}")  # fmt: skip
    assert of_clerk(subject, "2022-11-30") == set()
    assert of_clerk(subject, "2022-12-06") == {("due_soon", "2022-11", "2022-12-09")}
    assert of_clerk(subject, "2022-12-12") == {("overdue", "2022-11", "2022-12-09")}


BOOK = (
    "{id: book, title: 一人一书, who: {roles: [teacher]}, every: once, due: 2022-11-30, joiners_days: 30, count: 1, "
    "record: book}"
)


def test_who_joins_later_is_reminded_by_their_own_day_and_who_was_there_by_the_duty_s(
    amended: Callable[..., Subject],
) -> None:
    subject = amended(BOOK).receives(teacher("P1"), replace(teacher("P2"), since="2022-12-05"))
    assert ("person-P1", "due_today", "once", "2022-11-30") in reminders_on(subject, "2022-11-30")
    assert not {item for item in reminders_on(subject, "2022-11-30") if item[0] == "person-P2"}
    assert ("person-P2", "due_soon", "once", "2023-01-04") in reminders_on(subject, "2022-12-30")
    assert ("person-P2", "overdue", "once", "2023-01-04") in reminders_on(subject, "2023-01-05")
    assert ("clerk-X1", "overdue", "once", "2023-01-04") in reminders_on(subject, "2023-01-05")
    assert not {item for item in reminders_on(subject, "2023-01-05") if item[0] == "person-P1" and item[1] != "overdue"}


def test_who_joins_and_leaves_before_their_own_day_is_not_reminded(amended: Callable[..., Subject]) -> None:
    subject = amended(BOOK).receives(replace(teacher("P2"), since="2022-12-05"))
    subject.receives(MembershipEnded("P2", "X1", "2022-12-05", "2023-01-04"))
    assert reminders_on(subject, "2022-12-30") == reminders_on(subject, "2023-01-05") == set()


def test_a_school_that_opens_later_is_reminded_by_its_own_day(amended: Callable[..., Subject]) -> None:
    subject = amended(PLAN.replace("record:", "joiners_days: 14, record:"), head="prepares_on: 2022-10-08\n")
    subject.receives(replace(school("X3"), opened_on="2022-11-14"))
    assert {item for item in reminders_on(subject, "2022-11-23") if item[1] != "overdue"} == {
        ("clerk-X3", "due_soon", "once", "2022-11-28")
    }


def test_nobody_is_reminded_of_a_period_before_from_or_after_until(amended: Callable[..., Subject]) -> None:
    subject = amended("{id: video, title: 视频, who: {kinds: [school]}, every: month, from: 2022-12-01, "
                      "until: 2023-01-01, count: 1, record: video}")  # fmt: skip
    assert of_clerk(subject, "2022-11-30") == of_clerk(subject, "2023-01-31") == set()
    assert of_clerk(subject, "2022-12-30") == {("due_today", "2022-12", "2022-12-31")}


def test_semesters_that_repeat_are_reminded_of_year_after_year(amended: Callable[..., Subject]) -> None:
    subject = amended("{id: sum, title: 总结, who: {kinds: [school]}, every: semester, count: 1, record: sum}")
    for year in (2022, 2023, 2027):
        assert ("due_today", f"{year}-autumn", f"{year}-12-31") in of_clerk(subject, f"{year}-12-31")
