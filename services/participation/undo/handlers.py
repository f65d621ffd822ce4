"""Undoes an import, some hundred rows a transaction, the last first."""

from dataclasses import dataclass, field
from typing import Any

from chassis.process.problems import Problem
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.imports import ImportUndone
from services.participation.batch.handlers import submit_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import Refused, message
from services.participation.imports.job import correlation_of
from services.participation.imports.queries import find_import
from services.participation.undo.domain import MESSAGES, RowName, correction_of, step_of
from services.participation.undo.queries import Place, built_on, histories, rows_touched

BATCH = 300


@dataclass
class UndoOutcome:
    """What one transaction did: how many rows it undid, which it left (table, row, code, message), and where the next
    begins; None: all is done."""

    undone: int = 0
    left: list[dict[str, str]] = field(default_factory=list)
    place: Place | None = None
    positions: list[str] = field(default_factory=list)


def undo_import(
    units_of_work: UnitsOfWork, import_id: str, reason: str, before: Place | None, actor: object
) -> UndoOutcome:
    """Undoes the next rows of an import before a place (None: its last).  The same again does nothing twice.  Problems
    404, 409, 422."""
    correlation = correlation_of(import_id)
    with units_of_work.begin(actor, f"undo-{correlation}") as unit_of_work:
        _require_finished(unit_of_work, import_id)
        names, place = rows_touched(unit_of_work.connection, correlation, before, BATCH)
        outcome = UndoOutcome(place=place)
        _undo_rows(unit_of_work, import_id, names, reason, outcome)
        if place is None:
            unit_of_work.append(ImportUndone(import_id, reason))
    outcome.positions = list(unit_of_work.positions)
    return outcome


def _require_finished(unit_of_work: UnitOfWork, import_id: str) -> None:
    progress = find_import(unit_of_work.connection, import_id)
    if progress is None:
        raise Problem(404, "unknown_import", f"没有编号为 {import_id[:60]} 的导入。")
    if progress.is_open:
        raise Problem(409, "import_open", "这次导入还没有完成，完成之后才能撤销。")


def _undo_rows(
    unit_of_work: UnitOfWork, import_id: str, names: list[RowName], reason: str, outcome: UndoOutcome
) -> None:
    correlation = correlation_of(import_id)
    steps = {name: step_of(entries, correlation, f"undo-{correlation}")
             for name, entries in histories(unit_of_work.connection, names).items()}  # fmt: skip
    voided = [name for name in names if steps[name].value == ""]
    used = built_on(unit_of_work.connection, names[0].table, [name.row for name in voided]) if names else set()
    rows = []
    for name in names:
        step = steps[name]
        if step.refusal or (step.value == "" and name.row in used):
            outcome.left.append(_left(name, step.refusal or "built_on"))
        elif step.value is not None:
            rows.append(correction_of(import_id, name, step.value, reason))
    for row, decision in zip(rows, submit_rows(unit_of_work, rows, rules_in_force(unit_of_work)), strict=True):
        if isinstance(decision, Refused):
            text = message(decision.code, decision.column, row.row)
            outcome.left.append(_left(RowName(row.table, row.row), decision.code, text))
        else:
            outcome.undone += 1


def _left(name: RowName, code: str, text: str = "") -> dict[str, Any]:
    return {"table": name.table, "row": name.row, "code": code, "message": text or MESSAGES[code]}
