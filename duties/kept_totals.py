"""The scores of one request, kept between two looks: whose facts changed is replaced, everything else stays added up.

Equal, figure for figure, to a `ScoreCalculation` over the same facts; the caller says whose facts changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from duties.campaign import Campaign
from duties.days import Day
from duties.instances import person_contribution, unit_instances
from duties.month_totals import MonthFigures, MonthTotals, Row
from duties.report_requests import ScoreRequest, Window, schedule_for
from duties.scores import AssessedPoints, UnitScore, assessed_points, unit_score
from duties.subjects import Exemption, Finding, Membership, Record, SheetRow, Unit

MOST_PARTS = 100_000
"""Half a kilobyte each.  A unit whose people's parts were given up is filled anew when one of them changes."""


class KeptTotals:
    """Each unit's totals, and beside them the part of its own instances and of each of its people."""

    def __init__(
        self, campaign: Campaign, units: Iterable[Unit], request: ScoreRequest, most_parts: int = MOST_PARTS
    ) -> None:
        self.campaign, self.request = campaign, request
        self.units = {unit.unit_id: unit for unit in units}
        self._kinds = {unit.unit_id: unit.kind for unit in self.units.values()}
        self._schedule = schedule_for(campaign, [request])
        periods = [*self._schedule.unit_periods, *(item for item, _, _ in self._schedule.person_periods)]
        self._totals = MonthTotals(campaign, request, periods)
        self._own: dict[str, Row] = {}
        self._assessed: dict[str, AssessedPoints] = {}
        self._people: dict[str, dict[str, Row]] = {}
        self._filling: frozenset[str] = frozenset()
        self._parts, self._most_parts = 0, most_parts
        self._last: dict[str, Day] = {}  # of the people whose parts were given up
        self._scores: dict[str, UnitScore] = {}
        self._stale: set[str] = set()

    @property
    def window(self) -> Window:
        return self._totals.window

    def holds(self, unit_id: str) -> bool:
        """Whether the parts of the unit's people are kept, so that one of them can be replaced."""
        return unit_id in self._people

    def begin_filling(self, unit_ids: Iterable[str]) -> None:
        """Empties these units.  Until `end_filling` all their facts are to be given: their own, and everybody's who
        ever served there."""
        self._filling = frozenset(unit_ids)
        for unit_id in self._filling:
            self._release(unit_id)
            self._totals.clear(unit_id)
            self._own.pop(unit_id, None)
            self._last.pop(unit_id, None)
            self._people[unit_id] = {}
        self._stale |= self._filling

    def end_filling(self) -> None:
        """Whose turn to be given up has come is only asked now: until here a part may have been waited for."""
        self._filling = frozenset()
        while self._parts > self._most_parts:
            self._release(next(iter(self._people)))

    def replace_unit(
        self,
        unit_id: str,
        records: Sequence[Record],
        exemptions: Iterable[Exemption] = (),
        findings: Sequence[Finding] = (),
        sheet_rows: Sequence[SheetRow] = (),
    ) -> None:
        """The unit's own facts are now these."""
        instances = unit_instances(self._schedule, self.units[unit_id], records, exemptions)
        rows = self._totals.parts(instances, of_person=False)
        now = self._with_last(rows.get(unit_id), max(self._days(records), default=0), of_person=False)
        self._totals.replace_part(unit_id, self._own.pop(unit_id, None), now, of_person=False)
        if now is not None:
            self._own[unit_id] = now
        self._assessed[unit_id] = assessed_points(
            self.campaign, self._totals.window, self.request.as_of, findings, sheet_rows
        )
        self._stale.add(unit_id)

    def replace_person(
        self,
        person_id: str,
        served: Iterable[str],
        memberships: Sequence[Membership],
        records: Sequence[Record],
        exemptions: Iterable[Exemption] = (),
    ) -> None:
        """The person's facts are now these.  `served`: the units whose totals may have a part of theirs."""
        contribution = person_contribution(self._schedule, person_id, memberships, records, exemptions, self._kinds)
        rows = self._totals.parts(contribution.instances, of_person=True)
        last = self._last_by_unit(memberships, records)
        for unit_id in {*served, *rows, *last}:
            if unit_id in self._people or unit_id in self._filling:
                now = self._with_last(rows.get(unit_id), last.get(unit_id, 0), of_person=True)
                self._replace_part(unit_id, person_id, now)

    def _replace_part(self, unit_id: str, person_id: str, now: Row | None) -> None:
        if now is not None and unit_id in self._filling:
            self._last[unit_id] = max(self._last.get(unit_id, 0), now[-1])
        kept = self._people.get(unit_id)
        before = kept.pop(person_id, None) if kept else None
        if before == now:
            if kept is not None and now is not None:
                kept[person_id] = now
            return
        self._totals.replace_part(unit_id, before, now, of_person=True)
        self._stale.add(unit_id)
        self._parts -= before is not None
        if kept is not None and now is not None:
            kept[person_id] = now
            self._parts += 1
            if self._parts > self._most_parts * 5 // 4 and unit_id in self._filling:  # nobody comes to it twice
                self._release(unit_id)

    def _release(self, unit_id: str) -> None:
        """Gives up the parts of the unit's people, not its totals."""
        people = self._people.pop(unit_id, {})
        self._parts -= len(people)
        if unit_id not in self._filling:
            self._last[unit_id] = _last_of(people)

    def _with_last(self, part: Row | None, last: Day, of_person: bool) -> Row | None:
        """The part with the day of the subject's last record at its end."""
        if part is None and last:
            part = self._totals.empty_part(of_person)
        if part is not None:
            part[-1] = last
        return part

    def _days(self, records: Iterable[Record]) -> list[Day]:
        return [record.day for record in records if record.day <= self.request.as_of]

    def _last_by_unit(self, memberships: Iterable[Membership], records: Sequence[Record]) -> dict[str, Day]:
        """The day of the last record of the person's time in each unit."""
        result: dict[str, Day] = {}
        days = self._days(records)
        for membership in memberships:
            last = max((day for day in days if membership.covers(day)), default=0)
            if last > result.get(membership.unit_id, 0):
                result[membership.unit_id] = last
        return result

    def last_record(self, unit_id: str) -> Day:
        """The day of the last record, up to the day that was asked, of the unit or of somebody while there; 0: none."""
        people, own = self._people.get(unit_id), self._own.get(unit_id)
        of_people = self._last.get(unit_id, 0) if people is None else _last_of(people)
        return max(of_people, own[-1] if own else 0)

    def figures(self, unit_ids: Iterable[str]) -> list[MonthFigures]:
        """Of these units together, by duty and month."""
        return self._totals.figures(unit_ids)

    def scores(self) -> list[UnitScore]:
        """The units that have a score, not ranked."""
        for unit_id in self._stale & self.units.keys():
            assessed = self._assessed.get(unit_id, AssessedPoints())
            score = unit_score(self.campaign, unit_id, self._totals.of_unit(unit_id), assessed)
            self._scores.pop(unit_id, None)
            if score is not None:
                self._scores[unit_id] = score
        self._stale.clear()
        return list(self._scores.values())


def _last_of(people: Mapping[str, Row]) -> Day:
    return max((part[-1] for part in people.values()), default=0)
