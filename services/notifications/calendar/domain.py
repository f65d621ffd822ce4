"""The rules for the days of a year's calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from duties.days import day_of, year_of

IMPORTED_KINDS: Final = ("work", "rest")
SET_KINDS: Final = ("work", "rest", "usual")


class CalendarError(NamedTuple):
    """Why a day is not accepted in the calendar; `place` is its index in the list, from 0."""

    place: int
    column: str
    code: str


def calendar_errors(year: int, days: Sequence[Mapping[str, str]]) -> list[CalendarError]:
    """An error for every unacceptable day of that year's calendar."""
    errors, seen = [], set()
    for index, day in enumerate(days):
        try:
            in_other_year = year_of(day_of(day["day"])) != year
        except ValueError:
            errors.append(CalendarError(index, "day", "bad_date"))
            continue
        if in_other_year:
            errors.append(CalendarError(index, "day", "other_year"))
        elif day["day"] in seen:
            errors.append(CalendarError(index, "day", "duplicate"))
        elif day["kind"] not in IMPORTED_KINDS:
            errors.append(CalendarError(index, "kind", "not_a_choice"))
        seen.add(day["day"])
    return errors


def sorted_days(days: Iterable[Mapping[str, str]]) -> tuple[tuple[str, ...], ...]:
    """The days as an event contains them: (day, kind, name), ordered by day."""
    return tuple(sorted((day["day"], day["kind"], day.get("name", "")) for day in days))
