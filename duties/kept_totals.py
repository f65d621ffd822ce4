"""The scores of one request, kept between two looks: whose facts changed is replaced, everything else stays added up.

Equal, figure for figure, to a `ScoreCalculation` over the same facts; the caller says whose facts changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from duties.campaign import Campaign
from duties.instances import person_contribution, unit_instances
from duties.report_requests import ScoreRequest, Window, schedule_for
from duties.scores import AssessedPoints, UnitScore, assessed_points, unit_score
from duties.subjects import Exemption, Finding, Membership, Record, SheetRow, Unit
from duties.window_totals import Row, WindowTotals

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
        self._totals = WindowTotals(campaign, request, periods)
        self._own: dict[str, Row] = {}
        self._assessed: dict[str, AssessedPoints] = {}
        self._people: dict[str, dict[str, Row]] = {}
        self._filling: frozenset[str] = frozenset()
        self._parts, self._most_parts = 0, most_parts
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
        records: Iterable[Record],
        exemptions: Iterable[Exemption] = (),
        findings: Sequence[Finding] = (),
        sheet_rows: Sequence[SheetRow] = (),
    ) -> None:
        """The unit's own facts are now these."""
        rows = self._totals.parts(unit_instances(self._schedule, self.units[unit_id], records, exemptions))
        now = rows.get(unit_id)
        self._totals.replace_part(unit_id, self._own.pop(unit_id, None), now)
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
        records: Iterable[Record],
        exemptions: Iterable[Exemption] = (),
    ) -> None:
        """The person's facts are now these.  `served`: the units whose totals may have a part of theirs."""
        contribution = person_contribution(self._schedule, person_id, memberships, records, exemptions, self._kinds)
        rows = self._totals.parts(contribution.instances)
        for unit_id in {*served, *rows}:
            if unit_id in self._people or unit_id in self._filling:
                self._replace_part(unit_id, person_id, rows.get(unit_id))

    def _replace_part(self, unit_id: str, person_id: str, now: Row | None) -> None:
        kept = self._people.get(unit_id)
        before = kept.pop(person_id, None) if kept else None
        if before == now:
            if kept is not None and now is not None:
                kept[person_id] = now
            return
        self._totals.replace_part(unit_id, before, now)
        self._stale.add(unit_id)
        self._parts -= before is not None
        if kept is not None and now is not None:
            kept[person_id] = now
            self._parts += 1
            if self._parts > self._most_parts * 5 // 4 and unit_id in self._filling:  # nobody comes to it twice
                self._release(unit_id)

    def _release(self, unit_id: str) -> None:
        """Gives up the parts of the unit's people, not its totals."""
        self._parts -= len(self._people.pop(unit_id, ()))

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
