"""Finds the rows that make a unit's figures differ, by calculating what its subjects contribute with and without each
row."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from duties.campaign import Campaign
from duties.instances import Instance, person_contribution, unit_instances
from duties.report_requests import ScoreRequest, schedule_for, window_of_request
from duties.scores import assessed_points
from duties.subjects import Unit
from duties.window_totals import WindowTotals
from services.assessment.freezes.row_versions import Key
from services.assessment.scores.queries import FactsAsKnown

RowName = tuple[str, Key]
"""A table of scoring.md 1, and the key of a row in it."""
Rows = Mapping[RowName, Any]
_OF_PERSONS = ("people", "records", "exemptions")


class ContributionCalculator:
    """Calculates contributions under one reading of the facts (official or present) for one window."""

    def __init__(self, facts: FactsAsKnown, request: ScoreRequest) -> None:
        self._facts, self._request = facts, request
        self.campaign: Campaign = facts.campaign
        self.units: dict[str, Unit] = {unit.unit_id: unit for unit in facts.units()}
        self._kinds = {unit.unit_id: unit.kind for unit in self.units.values()}
        self._schedule = schedule_for(self.campaign, [request])
        periods = [*self._schedule.unit_periods, *(item for item, _, _ in self._schedule.person_periods)]
        self._totals = WindowTotals(self.campaign, request, periods)
        self._window = window_of_request(self.campaign, request)
        self._joinable = {duty.id for duty in self.campaign.duties if duty.joiners_days is not None}

    def of_unit(self, unit_id: str, rows: Rows) -> Any:
        """What the unit's own rows contribute to its figures, as a comparable value."""
        facts = self._facts.unit_of_rows(unit_id, *(rows_of(rows, name, unit_id=unit_id) for name in _OF_UNITS))
        unit = self.units.get(unit_id)
        instances = unit_instances(self._schedule, unit, facts.records, facts.exemptions) if unit else ()
        return self._counts_by_instance(instances, unit_id), assessed_points(
            self.campaign, self._window, self._request.as_of, facts.findings, facts.sheet_rows
        )

    def of_person(self, person_id: str, unit_id: str, rows: Rows) -> Any:
        """What the person's rows contribute to the figures of the unit, as a comparable value."""
        facts = self._facts.person_of_rows(
            person_id, *(rows_of(rows, name, person_id=person_id) for name in _OF_PERSONS)
        )
        contribution = person_contribution(
            self._schedule, person_id, facts.memberships, facts.records, facts.exemptions, self._kinds
        )
        return self._counts_by_instance(contribution.instances, unit_id)

    def _counts_by_instance(self, instances: Iterable[Instance], unit_id: str) -> Any:
        as_of = self._request.as_of
        return [
            (item.duty, item.period, item.needed, item.counted(as_of)) for item in instances
            if item.unit_id == unit_id and (item.duty, item.period) in self._totals.offsets
            and (item.duty not in self._joinable or self._totals.holds(item))
        ]  # fmt: skip


_OF_UNITS = ("records", "exemptions", "findings", "sheets")


def rows_of(rows: Rows, table: str, **subject: str) -> list[Any]:
    """The subject's rows of a table, without exemptions that name both a person and a unit: these exempt nobody."""
    ((column, name),) = subject.items()
    return [
        row for (of_table, _), row in rows.items()
        if of_table == table and getattr(row, column) == name
        and not (table == "exemptions" and row.person_id and row.unit_id)
    ]  # fmt: skip


def rows_that_matter(official: Rows, present: Rows, official_brings: Any, present_brings: Any) -> set[RowName]:
    """Of the rows that differ between the readings, those that change the contribution by themselves; if none does, all
    that differ.  The last two arguments calculate a contribution from rows."""
    before, after = official_brings(official), present_brings(present)
    if before == after:
        return set()
    changed = changed_rows(official, present)
    result = {
        name
        for name in changed
        if official_brings(_with_row_as_in(official, name, present)) != before
        or present_brings(_with_row_as_in(present, name, official)) != after
    }
    return result or set(changed)


def changed_rows(official: Rows, present: Rows) -> Collection[RowName]:
    """The names of the rows that differ between the two readings."""
    return [name for name in official.keys() | present.keys()
            if cells_of(official.get(name)) != cells_of(present.get(name))]  # fmt: skip


_STAMPS = frozenset({"position", "known_from", "known_until", "voided", "changed", "correction_id"})


def cells_of(row: Any) -> dict[str, Any] | None:
    """The cells of a row, without the columns that describe its version."""
    return row and {name: value for name, value in vars(row).items() if name not in _STAMPS}


def _with_row_as_in(rows: Rows, name: RowName, other: Rows) -> Rows:
    """The rows with one of them replaced by that of the other reading."""
    result = {key: row for key, row in rows.items() if key != name}
    return result | {name: other[name]} if name in other else result
