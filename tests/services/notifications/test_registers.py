"""Calendar and contacts: what is taken, what is told with its line, and what stays unreadable."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.events.sealed_text import decipher
from chassis.process.problems import Problem
from duties.days import day_of
from services.notifications.calendar.handlers import fill_calendar, import_calendar_year, set_calendar_day
from services.notifications.calendar.queries import working_days
from services.notifications.contacts.domain import Contact
from services.notifications.contacts.handlers import import_contacts
from services.notifications.contacts.queries import contacts_of
from services.notifications.digests.domain.kept_digests import PreviewFilter
from services.notifications.digests.recipient_inbox import list_inboxes
from tests.services.notifications.subject import OPERATOR, Subject, teacher


@pytest.fixture
def local(tmp_path: Path) -> Subject:
    return Subject(tmp_path / "data").launches()


def test_a_campaign_is_known_as_soon_as_it_is_launched(tmp_path: Path) -> None:
    subject = Subject(tmp_path / "data")
    assert subject.service.campaign_clock.now() is None
    assert subject.launches().service.campaign_clock.now() is not None


def is_working_day(subject: Subject, day: str) -> bool:
    with subject.runtime.store.reading() as connection:
        return working_days(connection).is_working_day(day_of(day))


def test_the_library_fills_what_is_missing_once_and_the_bureau_has_the_last_word(local: Subject) -> None:
    assert is_working_day(local, "2023-01-28") is False
    assert 2023 in fill_calendar(local.service.units_of_work, "test")
    assert fill_calendar(local.service.units_of_work, "test") == []
    assert (is_working_day(local, "2023-01-28"), is_working_day(local, "2023-01-23")) == (True, False)
    set_calendar_day(local.service.units_of_work, OPERATOR, "2023-01-28", "rest", "")
    import_calendar_year(
        local.service.units_of_work, OPERATOR, 2023, [{"day": "2023-01-28", "kind": "work", "name": ""}], "own.csv"
    )
    assert (is_working_day(local, "2023-01-28"), is_working_day(local, "2023-01-23")) == (False, True)
    set_calendar_day(local.service.units_of_work, OPERATOR, "2023-01-28", "usual", "")
    assert is_working_day(local.rebuild(), "2023-01-28") is True


def test_a_year_that_nobody_knows_raises_nothing_and_is_reported(local: Subject) -> None:
    local.tick()
    now = local.service.campaign_clock.now()
    assert now is not None
    preview = local.service.digest_preview.preview(now.campaign, day_of("2031-05-01"), PreviewFilter(), 10)
    assert (preview["working_day"], list(preview["unknown_years"])) == (True, [2031])


def test_wrong_days_are_reported_with_their_lines(local: Subject) -> None:
    given = (("2027-02-30", "rest"), ("2026-01-01", "rest"), ("2027-01-01", "x"))
    days = [{"day": day, "kind": kind} for day, kind in given]
    with pytest.raises(Problem) as caught:
        import_calendar_year(local.service.units_of_work, OPERATOR, 2027, days, "")
    listed = caught.value.more["problems"]
    assert [(item["line"], item["code"]) for item in listed] == [
        (2, "bad_date"),
        (3, "other_year"),
        (4, "not_a_choice"),
    ]


def test_contacts_are_reported_row_by_row_and_the_same_again_is_nothing(local: Subject) -> None:
    good = Contact("clerk-X1", "填报员", "clerk@x1.example.cn")
    rows = [good, Contact("clerk-X9", "", "a@b.cn"), Contact("boss-X1", "", "a@b.cn"), Contact("head-X1", "", "a b@c"),
            Contact("head-X2"), good]  # fmt: skip
    listed = import_contacts(local.service.units_of_work, OPERATOR, rows)
    assert (listed["registered"], listed["refused"]) == (1, 5)
    assert [(problem["line"], problem["code"]) for problem in listed["problems"]] == [
        (3, "unknown_unit"), (4, "unknown_recipient"), (5, "bad_address"), (6, "no_way"), (7, "duplicate"),
    ]  # fmt: skip
    assert import_contacts(local.service.units_of_work, OPERATOR, [good])["unchanged"] == 1


def test_a_new_holder_makes_the_former_one_unreadable(local: Subject) -> None:
    local.knows(Contact("clerk-X1", "许悦丽", "xu@x1.example.cn"))
    local.knows(Contact("clerk-X1", "雷婷雨", "lei@x1.example.cn"))
    first, second = local.events("contact_registered")
    assert first.email.startswith("k1:") and second.email.startswith("k1:")
    with local.rebuild().runtime.store.reading() as connection:
        assert contacts_of(connection, local.runtime.store, ["clerk-X1"])["clerk-X1"].name == "雷婷雨"
        from chassis.store import subject_keys

        key = subject_keys.existing_keys(connection, ["clerk-X1"])["clerk-X1"]
        assert decipher(first.email, "clerk-X1", key) is None


def test_inboxes_of_posts_are_listed_with_the_name_of_their_unit_and_a_person_s_without(local: Subject) -> None:
    local.receives(teacher("P1")).knows(Contact("person-P1", "许悦丽", "xu@x1.example.cn"))
    local.at("2022-11-25T08:30").tick()
    with local.runtime.store.reading() as connection:
        inboxes = {item["recipient"]: item["unit"] for item in list_inboxes(connection, 10)}
    assert inboxes["clerk-X1"] == "第1中学" and inboxes["person-P1"] == ""
