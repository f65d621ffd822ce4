"""Months, quarters and years as half-open ranges of days (scoring.md 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from duties.days import LAST_DAY, Day

Cadence: TypeAlias = Literal["once", "month", "quarter", "semester", "year"]
CADENCES: Final[tuple[Cadence, ...]] = ("once", "month", "quarter", "semester", "year")
ONCE: Final = "once"

_FORMS: Final = {
    "month": re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])"),
    "quarter": re.compile(r"([0-9]{4})-Q([1-4])"),
    "year": re.compile(r"([0-9]{4})"),
}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """The days `[start, end)` under an id."""

    id: str
    start: Day
    end: Day


def _first_day(month: int) -> Day:
    """The first day of a month counted from year 0; the day after the calendar's last for year 10000."""
    year, index = divmod(month, 12)
    return LAST_DAY + 1 if year > 9999 else date(year, index + 1, 1).toordinal()


def _period_number(cadence: Cadence, number: int) -> Period:
    size = _MONTHS[cadence]
    year, place = divmod(number * size, 12)
    match cadence:
        case "month":
            name = f"{year:04}-{place + 1:02}"
        case "quarter":
            name = f"{year:04}-Q{place // 3 + 1}"
        case _:
            name = f"{year:04}"
    return Period(name, _first_day(number * size), _first_day((number + 1) * size))


def _number_of(cadence: Cadence, day: Day) -> int:
    when = date.fromordinal(day)
    return (when.year * 12 + when.month - 1) // _MONTHS[cadence]


def looks_like_a_calendar_period(period_id: str) -> bool:
    """Whether the id is written as a month, a quarter or a year is, or is `once`."""
    return period_id == ONCE or any(form.fullmatch(period_id) for form in _FORMS.values())


def period_named(cadence: Cadence, period_id: str) -> Period | None:
    """The month, quarter or year that bears the id, whether or not the campaign reaches it."""
    match = _FORMS[cadence].fullmatch(period_id)
    if match is None or match[1] == "0000":
        return None
    year, *rest = (int(part) for part in match.groups())
    return _period_number(cadence, year * (12 // _MONTHS[cadence]) + (rest[0] - 1 if rest else 0))


def period_containing(cadence: Cadence, day: Day) -> Period | None:
    """The month, quarter or year in which the day falls."""
    return _period_number(cadence, _number_of(cadence, day)) if 1 <= day <= LAST_DAY else None


def periods_between(cadence: Cadence, first: Day, last: Day) -> list[Period]:
    """Every month, quarter or year that has a day in `[first, last]`, in order of time."""
    first, last = max(first, 1), min(last, LAST_DAY)
    if last < first:
        return []
    return [_period_number(cadence, n) for n in range(_number_of(cadence, first), _number_of(cadence, last) + 1)]
