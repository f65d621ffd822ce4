"""Local days as plain integers (proleptic Gregorian ordinals), so that hot loops compare numbers and never dates."""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, TypeAlias

Day: TypeAlias = int
"""A local date as `date.toordinal()` gives it."""
Instant: TypeAlias = int
"""A moment as microseconds since 1970-01-01T00:00Z."""

EVER: Final = 1 << 62
"""Later than every day and every instant."""
LAST_DAY: Final = date.max.toordinal()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@functools.lru_cache(maxsize=4096)
def day_of(text: str) -> Day:
    """The day that `YYYY-MM-DD` names; ValueError for any other writing."""
    digits = text[:4] + text[5:7] + text[8:]
    if len(text) != 10 or text[4] != "-" or text[7] != "-" or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"not a date: {text!r}")
    return date(int(text[:4]), int(text[5:7]), int(text[8:])).toordinal()


def iso(day: Day) -> str:
    """`YYYY-MM-DD`; a day beyond the calendar shows as its last day."""
    return date.fromordinal(min(day, LAST_DAY)).isoformat()


def year_of(day: Day) -> int:
    return date.fromordinal(min(day, LAST_DAY)).year


def date_in_year(year: int, month: int, day: int) -> Day:
    """That day of a year, 29 February being the 28th in other years; beyond the calendar the day after its last."""
    if year > date.max.year:
        return LAST_DAY + 1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, month, 28 if (month, day) == (2, 29) and not leap else day).toordinal()


def microseconds(moment: datetime) -> Instant:
    """An aware datetime as an instant; ValueError for a naive one, since its offset would be a guess."""
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset")
    return (moment - _EPOCH) // _MICROSECOND


def local_day(instant: Instant, zone: tzinfo) -> Day:
    """The local day of an instant in the campaign's timezone; OverflowError outside the years 1 to 9999."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone).toordinal()
