"""The units that an office stands over, side by side: their own duties summed up, and when each was last on record."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from duties.days import iso
from duties.progress import DutyProgress, ProgressPlan, UnitProgress
from duties.subjects import Unit
from services.assessment.scores.queries import FactsAsKnown, UnitFacts

_WORST_FIRST: Final = ("overdue", "open", "late", "done", "excused")


def supervised_units(facts: FactsAsKnown, plan: ProgressPlan, unit_ids: Sequence[str]) -> dict[str, Any]:
    """One line for each of these units that is in service on the day; persons' duties are left out."""
    as_of = plan.request.as_of
    units = {unit.unit_id: unit for unit in facts.units(unit_ids) if unit.in_service(as_of)} if unit_ids else {}
    names = facts.unit_names(sorted(units)) if units else {}
    known = facts.unit_facts(sorted(units), every=False, assessed=False) if units else ()
    lines = [_line(plan, units[own.unit_id], names, own) for own in known]
    titles = {cell["duty"]: cell["title"] for line in lines for cell in line["duties"]}
    order = [duty.id for duty in plan.campaign.duties if duty.id in titles]
    return {"units": lines, "duties": [{"duty": duty, "title": titles[duty]} for duty in order]}


def _line(plan: ProgressPlan, unit: Unit, names: Mapping[str, str], own: UnitFacts) -> dict[str, Any]:
    progress = UnitProgress(plan, unit, {unit.unit_id: unit.kind})
    progress.add_unit(own.records, own.exemptions, (), ())
    days = [record.day for record in own.records if record.day <= plan.request.as_of]
    last = plan.window.last  # what is to be done after it is another window's matter
    cells = _cells(item for item in progress.own if item.state != "open" or item.instance.due <= last)
    return {"unit_id": unit.unit_id, "name": names.get(unit.unit_id, unit.unit_id), "kind": unit.kind,
            "last_on": iso(max(days)) if days else "", "overdue": sum(cell["overdue"] for cell in cells),
            "duties": cells}  # fmt: skip


def _cells(progress: Iterable[DutyProgress]) -> list[dict[str, Any]]:
    """By duty: how many instances, records done and needed, and the state that asks most for a look."""
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
