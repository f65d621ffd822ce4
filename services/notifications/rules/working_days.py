"""Working days with 调休, from a calendar that the bureau edits; for years without entries by weekday."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from duties.days import LAST_DAY, Day, year_of

_LONGEST: Final = 366  # limit of a search, in case a calendar has no working day


@dataclass(frozen=True)
class WorkingDays:
    """`kinds`: the days that differ from their weekday (True: work); `years`: those that the calendar has."""

    kinds: Mapping[Day, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_working_day(self, day: Day) -> bool:
        known = self.kinds.get(day)
        return day % 7 in (1, 2, 3, 4, 5) if known is None else known  # ordinal 1 was a Monday

    def unknown_years(self, first: Day, last: Day) -> tuple[int, ...]:
        """The years of `[first, last]` that the calendar lacks: weekdays decide there."""
        return tuple(year for year in range(year_of(first), year_of(last) + 1) if year not in self.years)

    def on_or_before(self, day: Day) -> Day:
        """The last working day up to the day: what is due on a rest day is to be done by then."""
        return self._walk(day + 1, -1, 1)

    def after(self, day: Day, count: int) -> Day:
        """The `count`th working day after the day."""
        return self._walk(day, 1, count)

    def before(self, day: Day, count: int) -> Day:
        """The `count`th working day before the day."""
        return self._walk(day, -1, count)

    def _walk(self, day: Day, step: int, count: int) -> Day:
        for _ in range(count):
            start = day
            day += step
            while not self.is_working_day(day) and abs(day - start) < _LONGEST and 1 < day < LAST_DAY:
                day += step
        return day
