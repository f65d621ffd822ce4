"""The campaign's table of semesters: entries with dates in full and entries that repeat every year (scoring.md 2)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from duties.days import LAST_DAY, Day, date_in_year, year_of
from duties.periods import Period

_REPEATED: Final = re.compile(r"([0-9]{4})-(.+)")
_LAST_YEAR: Final = 9999


@dataclass(frozen=True, slots=True)
class Semester:
    """Days `[start, end)`, work on time up to and with `due`."""

    id: str
    start: Day
    end: Day
    due: Day

    @property
    def period(self) -> Period:
        return Period(self.id, self.start, self.end)


@dataclass(frozen=True, slots=True)
class RepeatedSemester:
    """A semester of every year in which it starts; its days are given as (month, day)."""

    id: str
    start: tuple[int, int]
    end: tuple[int, int]
    due: tuple[int, int]

    def of_year(self, year: int) -> Semester:
        """The semester that starts in that year; what is not after the start's day is of the next year."""

        def after_start(day: tuple[int, int]) -> Day:
            return date_in_year(year + (day <= self.start), *day)

        name = f"{year:04}-{self.id}"
        return Semester(name, date_in_year(year, *self.start), after_start(self.end), after_start(self.due))


@dataclass(frozen=True)
class SemesterTable:
    """Semesters by arithmetic, never running out; a written-out one replaces the repeated one of its id."""

    written: tuple[Semester, ...] = ()
    repeated: tuple[RepeatedSemester, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.written or self.repeated)

    @cached_property
    def _written_by_id(self) -> Mapping[str, Semester]:
        return {semester.id: semester for semester in self.written}

    @cached_property
    def _starts(self) -> list[Day]:
        return [semester.start for semester in self.written]

    def named(self, semester_id: str) -> Semester | None:
        """The semester of that id."""
        written = self._written_by_id.get(semester_id)
        match = _REPEATED.fullmatch(semester_id)
        if written is not None or match is None or match[1] == "0000":
            return written
        return next((item.of_year(int(match[1])) for item in self.repeated if item.id == match[2]), None)

    def containing(self, day: Day) -> Semester | None:
        """The semester in which the day falls; None in a gap."""
        place = bisect_right(self._starts, day) - 1
        if place >= 0 and day < self.written[place].end:
            return self.written[place]
        if not 1 <= day <= LAST_DAY:
            return None
        year = year_of(day)
        return next((item for item in self._repeated_between(year - 1, year) if item.start <= day < item.end), None)

    def between(self, first: Day, last: Day) -> list[Semester]:
        """Every semester that has a day in `[first, last]`, in order of time."""
        first, last = max(first, 1), min(last, LAST_DAY)
        if last < first:
            return []
        candidates = self.of_years(year_of(first) - 1, year_of(last))
        return [item for item in candidates if item.start <= last and item.end > first]

    def of_years(self, first_year: int, last_year: int) -> list[Semester]:
        """All written-out semesters and the repeated ones that start in these years, in order of time."""
        return sorted([*self.written, *self._repeated_between(first_year, last_year)], key=lambda item: item.start)

    def _repeated_between(self, first_year: int, last_year: int) -> Iterator[Semester]:
        """The repeated semesters that start in these years, but for those that are replaced."""
        for year in range(max(first_year, 1), min(last_year, _LAST_YEAR) + 1):
            for item in self.repeated:
                semester = item.of_year(year)
                if semester.id not in self._written_by_id:
                    yield semester
