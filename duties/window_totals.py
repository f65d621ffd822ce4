"""Adds instances up into five integers per unit and duty: all that a score needs to know of a million people."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from duties.campaign import Campaign
from duties.instances import Instance
from duties.report_requests import ScoreRequest, period_filter, window_of_request
from duties.rules import Duty
from duties.schedule import DutyPeriod


class DutyTotals(NamedTuple):
    """A unit's instances of one duty in a window: how many, how many complete, and their counted records."""

    duty: Duty
    instances: int
    complete: int
    on_time: int
    late: int
    evidence: int


_WIDTH = 5
Row: TypeAlias = "array[int]"
"""The five integers of each duty of a window, side by side."""


class WindowTotals:
    """The totals of one score request.  Memory: forty bytes a unit and duty that has a due day in the window."""

    def __init__(self, campaign: Campaign, request: ScoreRequest, periods: Iterable[DutyPeriod]) -> None:
        self.request = request
        self.window = window_of_request(campaign, request)
        test = period_filter(campaign, request)
        due = [item for item in periods if test(item)]
        asked = {item.duty.id for item in due}
        self.duties = [duty for duty in campaign.duties if duty.id in asked]
        places = {duty.id: place * _WIDTH for place, duty in enumerate(self.duties)}
        self.offsets: Mapping[tuple[str, str], int] = {
            (item.duty.id, item.period): places[item.duty.id] for item in due
        }
        self._joinable = frozenset(duty.id for duty in self.duties if duty.joiners_days is not None)
        self._starts_on = campaign.starts_on
        self._empty: Row = array("q", bytes(8 * _WIDTH * len(self.duties)))
        self._rows: dict[str, Row] = {}

    def add(self, instance: Instance, offset: int) -> None:
        """Adds the instance at the offset of its (duty, period)."""
        on_time, late, evidence = instance.counted(self.request.as_of)
        row = self._rows.get(instance.unit_id)
        if row is None:
            row = self._rows[instance.unit_id] = self._empty[:]
        row[offset] += 1
        if on_time + late == instance.needed:
            row[offset + 1] += 1
        row[offset + 2] += on_time
        row[offset + 3] += late
        row[offset + 4] += evidence

    def holds(self, instance: Instance) -> bool:
        """Whether the instance of a duty with due days of joiners' own is due in the window."""
        due = max(instance.due, self._starts_on)
        return self.window.first <= due <= min(self.window.last, self.request.as_of)

    def offset_of(self, instance: Instance) -> int | None:
        """Where the instance is added; None where the window does not count it."""
        offset = self.offsets.get((instance.duty, instance.period))
        return None if instance.duty in self._joinable and not self.holds(instance) else offset

    def units(self) -> Iterator[str]:
        return iter(self._rows)

    def of_unit(self, unit_id: str) -> list[DutyTotals]:
        """The duties of which the unit has an instance, in the order of the file."""
        row = self._rows.get(unit_id, self._empty)
        result = []
        for place, duty in enumerate(self.duties):
            at = place * _WIDTH
            if row[at]:
                result.append(DutyTotals(duty, *row[at : at + _WIDTH]))
        return result
