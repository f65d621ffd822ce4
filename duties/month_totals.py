"""Adds instances up into six integers per unit, duty and month of the due day: what a score needs to know of a million
people, and how a year went by."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import NamedTuple, TypeAlias

from duties.campaign import Campaign
from duties.days import Day
from duties.instances import Instance
from duties.report_requests import ScoreRequest, period_filter, window_of_request
from duties.rules import Duty
from duties.schedule import DutyPeriod
from duties.window_totals import DutyTotals


class MonthFigures(NamedTuple):
    """Instances of one duty that fell due in one month: how many, how many complete, how many of these wholly on time;
    and their counted records."""

    duty: Duty
    month: str
    instances: int
    complete: int
    punctual: int
    on_time: int
    late: int
    evidence: int


_WIDTH = 6
Row: TypeAlias = "array[int]"
"""The six integers of each duty and month, side by side; a part has one more at its end, see `MonthTotals.parts`."""


class MonthTotals:
    """The totals of one score request, kept by month.  Persons' duties come first in a row and units' own after them,
    so that a part is as long as what its subject can owe."""

    def __init__(self, campaign: Campaign, request: ScoreRequest, periods: Iterable[DutyPeriod]) -> None:
        self.request, self.window = request, window_of_request(campaign, request)
        self._starts_on = campaign.starts_on
        self._last = min(self.window.last, request.as_of)
        test = period_filter(campaign, request)
        due = [item for item in periods if test(item)]
        asked = {item.duty.id for item in due}
        self.duties = [duty for duty in campaign.duties if duty.id in asked]
        self._joinable = frozenset(duty.id for duty in self.duties if duty.joiners_days is not None)
        months = {(item.duty.id, item.period): month_of(self._day_of(item)) for item in due
                  if item.duty.id not in self._joinable}  # fmt: skip
        keys = {(duty, month) for (duty, _), month in months.items()}
        keys |= {(duty, month) for duty in self._joinable for month in months_between(self.window.first, self._last)}
        in_turn = sorted(self.duties, key=lambda duty: not duty.of_persons)
        self._slots = [(duty, month) for duty in in_turn for month in sorted(m for name, m in keys if name == duty.id)]
        self._of_persons = sum(duty.of_persons for duty, _ in self._slots) * _WIDTH
        self._places = {(duty.id, month): at * _WIDTH for at, (duty, month) in enumerate(self._slots)}
        self._offsets = {key: self._places[key[0], month] for key, month in months.items()}
        self._empty: Row = array("q", bytes(8 * _WIDTH * len(self._slots)))
        self._rows: dict[str, Row] = {}

    def _day_of(self, item: DutyPeriod) -> Day:
        """The due day, or the period's last where that is earlier and counts: in the window and begun."""
        return max(self.window.first, min(item.falls_on, max(item.due, self._starts_on)))

    def parts(self, instances: Iterable[Instance], of_person: bool) -> dict[str, Row]:
        """What these instances bring to each unit; the totals stay as they are.  The integer at the end is the
        caller's."""
        rows: dict[str, Row] = {}
        begin = 0 if of_person else self._of_persons
        for instance in instances:
            offset = self._offset_of(instance)
            if offset is not None:
                row = rows.get(instance.unit_id)
                if row is None:
                    row = rows[instance.unit_id] = self.empty_part(of_person)
                self._add(row, instance, offset - begin)
        return rows

    def empty_part(self, of_person: bool) -> Row:
        length = self._of_persons if of_person else len(self._empty) - self._of_persons
        return array("i", bytes(4 * (length + 1)))

    def _add(self, row: Row, instance: Instance, offset: int) -> None:
        on_time, late, evidence = instance.counted(self.request.as_of)
        complete = on_time + late == instance.needed
        row[offset] += 1
        row[offset + 1] += complete
        row[offset + 2] += complete and not late
        row[offset + 3] += on_time
        row[offset + 4] += late
        row[offset + 5] += evidence

    def _offset_of(self, instance: Instance) -> int | None:
        """None where the window does not count the instance; of a duty with due days of joiners' own by that day."""
        if instance.duty not in self._joinable:
            return self._offsets.get((instance.duty, instance.period))
        due = max(instance.due, self._starts_on)
        return self._places[instance.duty, month_of(due)] if self.window.first <= due <= self._last else None

    def replace_part(self, unit_id: str, before: Row | None, now: Row | None, of_person: bool) -> None:
        """Takes a part of the unit's totals back and adds another; None: nothing."""
        total = self._rows.setdefault(unit_id, self._empty[:])
        part = slice(0, self._of_persons) if of_person else slice(self._of_persons, len(total))
        if before is not None:
            total[part] = array("q", map(operator.sub, total[part], before))
        if now is not None:
            total[part] = array("q", map(operator.add, total[part], now))

    def clear(self, unit_id: str) -> None:
        """The unit's totals are empty again."""
        self._rows.pop(unit_id, None)

    def of_unit(self, unit_id: str) -> list[DutyTotals]:
        """The duties of which the unit has an instance, all months together, in the order of the file."""
        sums: dict[str, list[int]] = {}
        row = self._rows.get(unit_id, self._empty)
        for at, (duty, _) in enumerate(self._slots):
            if row[at * _WIDTH]:
                figures = row[at * _WIDTH : at * _WIDTH + _WIDTH]
                before = sums.get(duty.id)
                sums[duty.id] = list(map(operator.add, before, figures)) if before else list(figures)
        result = []
        for duty in self.duties:
            if duty.id in sums:
                instances, complete, _, on_time, late, evidence = sums[duty.id]
                result.append(DutyTotals(duty, instances, complete, on_time, late, evidence))
        return result

    def figures(self, unit_ids: Iterable[str]) -> list[MonthFigures]:
        """Of these units together, each duty and month of which they have an instance; duties in the order of the
        file."""
        total = self._empty
        for unit_id in unit_ids:
            if unit_id in self._rows:
                total = array("q", map(operator.add, total, self._rows[unit_id]))
        places = {duty.id: place for place, duty in enumerate(self.duties)}
        lines = [MonthFigures(duty, month, *total[at * _WIDTH : at * _WIDTH + _WIDTH])
                 for at, (duty, month) in enumerate(self._slots) if total[at * _WIDTH]]  # fmt: skip
        return sorted(lines, key=lambda line: (places[line.duty.id], line.month))


@cache
def month_of(day: Day) -> str:
    """The month of the day, such as `2022-11`."""
    return date.fromordinal(day).isoformat()[:7]


def months_between(first: Day, last: Day) -> list[str]:
    """Every month with a day in `[first, last]`."""
    return sorted({month_of(day) for day in range(first, last + 1)})
