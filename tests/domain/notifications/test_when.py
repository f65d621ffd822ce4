"""Working days with 调休, unknown years, quiet hours and rest days."""

from __future__ import annotations

import pytest

from duties.days import day_of, iso
from duties.reminders import Reminders
from services.notifications.rules.reminder_stages import sending_block_reason
from services.notifications.rules.working_days import WorkingDays
from tests.domain.notifications.given import NEW_YEAR


@pytest.mark.parametrize(
    ("day", "count", "result"),
    [
        ("2022-12-30", 1, "2023-01-03"),
        ("2023-01-20", 1, "2023-01-28"),
        ("2023-01-20", 3, "2023-01-30"),
        ("2022-12-31", 1, "2023-01-03"),
    ],
)
def test_working_days_after(day: str, count: int, result: str) -> None:
    assert iso(NEW_YEAR.after(day_of(day), count)) == result


def test_working_days_before_and_on() -> None:
    assert iso(NEW_YEAR.before(day_of("2023-01-30"), 2)) == "2023-01-28"
    assert iso(NEW_YEAR.on_or_before(day_of("2023-01-27"))) == "2023-01-20"
    assert iso(NEW_YEAR.on_or_before(day_of("2023-01-29"))) == "2023-01-29"


def test_an_unknown_year_goes_by_weekdays_and_is_reported() -> None:
    table = NEW_YEAR
    assert [table.is_working_day(day_of(f"2031-01-0{n}")) for n in (3, 4, 5, 6)] == [True, False, False, True]
    assert table.unknown_years(day_of("2023-12-01"), day_of("2024-01-05")) == (2024,)
    assert table.unknown_years(day_of("2023-12-01"), day_of("2023-12-31")) == ()


def test_a_table_without_a_working_day_ends_the_search() -> None:
    nothing = WorkingDays(dict.fromkeys(range(738000, 739500), False))
    assert nothing.after(738100, 1) - 738100 <= 366


@pytest.mark.parametrize(
    ("day", "time", "why"),
    [
        ("2022-12-30", (8, 30), ""),
        ("2022-12-30", (8, 29), "too_early"),
        ("2022-12-30", (7, 59), "quiet_hours"),
        ("2022-12-30", (20, 0), "quiet_hours"),
        ("2022-12-31", (9, 0), "rest_day"),
        ("2023-01-28", (9, 0), ""),
    ],
)
def test_when_something_may_be_sent(day: str, time: tuple[int, int], why: str) -> None:
    assert sending_block_reason(day_of(day), time[0] * 60 + time[1], Reminders(), NEW_YEAR) == why


def test_a_campaign_launched_before_the_hour_is_notified_on_the_same_day() -> None:
    day = day_of("2022-12-30")
    expected = [sending_block_reason(day, 9 * 60, Reminders(), NEW_YEAR, (day, minute)) for minute in (509, 510, 540)]
    assert expected == ["", "launched_today", "launched_today"]
    assert sending_block_reason(day_of("2023-01-03"), 9 * 60, Reminders(), NEW_YEAR, (day, 540)) == ""
