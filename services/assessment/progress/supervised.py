"""The units that an office supervises, side by side: a summary of their own duties, and the day of each one's last
record."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import Connection

from chassis.store.database import Store
from chassis.store.row_moment import RowMoment, positions
from duties.campaign import Campaign
from duties.days import iso
from duties.progress import DutyProgress, ProgressPlan
from duties.report_requests import ScoreRequest
from duties.subjects import Unit
from services.assessment.scores.queries import FactsAsKnown, UnitFacts
from services.assessment.scores.score_changes import changed_facts

MOST_LINES = 20_000
"""The most cached lines, of some two kilobytes each; the least recently used windows are dropped first."""
Line: TypeAlias = dict[str, Any]
_WORST_FIRST: Final = ("overdue", "open", "late", "done", "excused")


class _CachedLines(NamedTuple):
    """The cached lines of one plan's units at a moment; None for a unit that is not in service on the day."""

    campaign: Campaign
    moment: RowMoment
    lines: dict[str, Line | None]


class SupervisedUnits:
    """A cache of lines for facts as known now: a request calculates only the lines of units whose facts changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[ScoreRequest, _CachedLines] = {}

    def look(self, connection: Connection, facts: FactsAsKnown, plan: ProgressPlan, year: ProgressPlan,
             unit_ids: Collection[str]) -> dict[str, Any]:  # fmt: skip
        """One line for each of these units that is in service on the day; duties of persons are left out.  `year`: the
        plan of the year in which the window ends, as of the same day."""
        kept = self._still_true(connection, plan) if facts.known_at is None else None
        lines = kept.lines if kept else {}
        lines |= _lines(facts, plan, year, sorted(set(unit_ids) - lines.keys()))
        if kept:
            self._kept[plan.request] = kept
            self._give_up_oldest()
        shown = [line for unit_id in sorted(unit_ids) if (line := lines[unit_id]) is not None]
        titles = {cell["duty"]: cell["title"] for line in shown for cell in line["duties"]}
        order = [duty.id for duty in plan.campaign.duties if duty.id in titles]
        return {"units": shown, "duties": [{"duty": duty, "title": titles[duty]} for duty in order]}

    def _still_true(self, connection: Connection, plan: ProgressPlan) -> _CachedLines:
        """The cached lines, without those of units whose facts changed since.  They are removed from the cache
        meanwhile: a concurrent request calculates its own."""
        now = RowMoment(positions(connection), self._store.rebuilds)
        kept = self._kept.pop(plan.request, None)
        if kept is None or kept.campaign is not plan.campaign or kept.moment.rebuilds != now.rebuilds:
            return _CachedLines(plan.campaign, now, {})
        before = kept.moment.positions
        changes = changed_facts(connection, before, now.positions, plan.campaign.person_kinds)
        if changes is None:
            return _CachedLines(plan.campaign, now, {})
        return _CachedLines(plan.campaign, now, {name: kept.lines[name] for name in kept.lines.keys() - changes.units})

    def _give_up_oldest(self) -> None:
        while len(self._kept) > 1 and sum(len(kept.lines) for kept in self._kept.values()) > MOST_LINES:
            self._kept.pop(next(iter(self._kept)))


def _lines(facts: FactsAsKnown, plan: ProgressPlan, year: ProgressPlan, unit_ids: Sequence[str]
           ) -> dict[str, Line | None]:  # fmt: skip
    """Of these units, read from the store."""
    if not unit_ids:
        return {}
    as_of = plan.request.as_of
    units = {unit.unit_id: unit for unit in facts.units(unit_ids) if unit.in_service(as_of)}
    names = facts.unit_names(sorted(units)) if units else {}
    known = facts.unit_facts(sorted(units), every=False, assessed=False) if units else ()
    lines = {own.unit_id: _line(plan, year, units[own.unit_id], names, own) for own in known}
    return dict.fromkeys(unit_ids) | lines


def _line(plan: ProgressPlan, year: ProgressPlan, unit: Unit, names: Mapping[str, str], own: UnitFacts) -> Line:
    progress = _displayed_progress(plan, unit, own)
    days = [record.day for record in own.records if record.day <= plan.request.as_of]
    last = plan.window.last  # duties that begin after it belong to another window
    cells = _cells(item for item in progress if item.state != "open" or item.instance.due <= last)
    elsewhere = _overdue(_displayed_progress(year, unit, own)) - _overdue(progress) if year is not plan else ()
    return {"unit_id": unit.unit_id, "name": names.get(unit.unit_id, unit.unit_id), "kind": unit.kind,
            "last_on": iso(max(days)) if days else "", "overdue": sum(cell["overdue"] for cell in cells),
            "overdue_elsewhere": len(elsewhere), "duties": cells}  # fmt: skip


def _displayed_progress(plan: ProgressPlan, unit: Unit, own: UnitFacts) -> list[DutyProgress]:
    return [item for item in plan.of_unit(unit, own.records, own.exemptions) if plan.is_shown(item)]


def _overdue(progress: Iterable[DutyProgress]) -> set[tuple[str, str]]:
    return {(item.duty.id, item.instance.period) for item in progress if item.state == "overdue"}


def _cells(progress: Iterable[DutyProgress]) -> list[dict[str, Any]]:
    """By duty: the number of instances, records done and needed, and the most urgent state."""
    by_duty: dict[str, list[DutyProgress]] = {}
    for item in progress:
        by_duty.setdefault(item.duty.id, []).append(item)
    return [_cell(same) for same in by_duty.values()]


def _cell(same: Sequence[DutyProgress]) -> dict[str, Any]:
    duty, owing = same[0].duty, [item for item in same if not item.excuse]
    states = {item.state for item in same}
    return {"duty": duty.id, "title": duty.title, "state": next(state for state in _WORST_FIRST if state in states),
            "done": sum(len(item.records) for item in owing), "needed": sum(item.instance.needed for item in owing),
            "overdue": sum(item.state == "overdue" for item in same)}  # fmt: skip
