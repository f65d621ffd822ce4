"""Use cases: undo an import or a roster, some hundred rows per transaction, latest first."""

from dataclasses import dataclass, field
from typing import Any

from chassis.events.sealed_text import decipher
from chassis.process.problems import Problem
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.imports import ImportUndone
from contracts.roster import RosterUndone
from services.participation.batch.handlers import load_ledger, submit_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import Refused
from services.participation.domain.people_messages import sentence_for_people
from services.participation.domain.rows import CorrectionRow, ReportedCorrection
from services.participation.history.domain import Cell
from services.participation.imports.deciding import correlation_of as correlation_of_import
from services.participation.imports.queries import find_import
from services.participation.roster.handlers import correlation_of as correlation_of_roster
from services.participation.roster.queries import applied_roster
from services.participation.undo.domain import (
    MESSAGES,
    UNDO,
    RowName,
    Step,
    cells_corrected,
    correction_of,
    step_of,
)
from services.participation.undo.queries import Place, built_on, histories, rows_touched

BATCH = 300
_Rows = list[tuple[RowName, CorrectionRow | ReportedCorrection]]


@dataclass
class UndoOutcome:
    """The result of one transaction: the number of rows undone, those that stay (table, row, code, message), and where
    the next begins; None: done."""

    undone: int = 0
    left: list[dict[str, str]] = field(default_factory=list)
    place: Place | None = None
    positions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Undo:
    """`correlation`: of the events of what is undone."""

    import_id: str
    correlation: str
    reason: str

    @property
    def own_correlation(self) -> str:
        return f"{UNDO}{self.correlation}"


def undo_import(
    units_of_work: UnitsOfWork, import_id: str, reason: str, before: Place | None, actor: object
) -> UndoOutcome:
    """Undo the next rows of an import before a place (None: its end).  Idempotent.  Problem 404, 409, 422."""
    undo = _Undo(import_id, correlation_of_import(import_id), reason)
    with units_of_work.begin(actor, undo.own_correlation) as unit_of_work:
        _require_finished(unit_of_work, import_id)
        outcome = _undo_next(unit_of_work, undo, before)
        if outcome.place is None:
            unit_of_work.append(ImportUndone(import_id, reason))
    outcome.positions = list(unit_of_work.positions)
    return outcome


def undo_roster(
    units_of_work: UnitsOfWork, roster_id: str, reason: str, before: Place | None, actor: object
) -> UndoOutcome:
    """The same for an applied roster: from the first call on nothing more of it is applied."""
    undo = _Undo(roster_id, correlation_of_roster(roster_id), reason)
    with units_of_work.begin(actor, undo.own_correlation) as unit_of_work:
        applied = applied_roster(unit_of_work.connection, roster_id)
        if applied is not None and not applied.undone_at:
            unit_of_work.append(RosterUndone(roster_id, reason))
        outcome = _undo_next(unit_of_work, undo, before)
    outcome.positions = list(unit_of_work.positions)
    return outcome


def _require_finished(unit_of_work: UnitOfWork, import_id: str) -> None:
    progress = find_import(unit_of_work.connection, import_id)
    if progress is None:
        raise Problem(404, "unknown_import", f"没有编号为 {import_id[:60]} 的导入。")
    if progress.is_open:
        raise Problem(409, "import_open", "这次导入还没有完成，完成之后才能撤销。")


def _undo_next(unit_of_work: UnitOfWork, undo: _Undo, before: Place | None) -> UndoOutcome:
    names, place = rows_touched(unit_of_work.connection, undo.correlation, before, BATCH)
    outcome = UndoOutcome(place=place)
    steps = {name: step_of(entries, undo.correlation, undo.own_correlation)
             for name, entries in histories(unit_of_work.connection, names).items()}  # fmt: skip
    voided = [name for name in names if steps[name].value == ""]
    used = built_on(unit_of_work.connection, voided) if voided else set()
    rows: _Rows = []
    for name in names:
        step = steps[name]
        if step.refusal or name in used:
            outcome.left.append(_remaining_row(name, step.refusal or "built_on"))
        if name not in used:
            rows += _rows_of(unit_of_work, undo, name, step, outcome)
    _submit(unit_of_work, rows, outcome)
    return outcome


def _rows_of(unit_of_work: UnitOfWork, undo: _Undo, name: RowName, step: Step, outcome: UndoOutcome) -> _Rows:
    rows: _Rows = []
    if step.value is not None:
        rows.append((name, correction_of(undo.import_id, name, step.value, undo.reason)))
    unit_of_work.keys.load({cell.subject for _, cell in step.cells if cell.subject})
    plain = [(column, _plain(unit_of_work, cell)) for column, cell in step.cells]
    if any(text is None for _, text in plain):
        outcome.left.append(_remaining_row(name, "erased"))
    readable = [(column, text) for column, text in plain if text is not None]
    if readable:
        rows.append((name, cells_corrected(name, readable, undo.reason)))
    return rows


def _plain(unit_of_work: UnitOfWork, cell: Cell) -> str | None:
    """None if its person was erased."""
    return decipher(cell.text, cell.subject, unit_of_work.keys.of(cell.subject)) if cell.subject else cell.text


def _submit(unit_of_work: UnitOfWork, rows: _Rows, outcome: UndoOutcome) -> None:
    """One after the other, since each changes what the next is decided against."""
    rules = rules_in_force(unit_of_work)
    load_ledger(unit_of_work, [row for _, row in rows])
    undone: set[RowName] = set()
    for name, row in rows:
        (decision,) = submit_rows(unit_of_work, [row], rules)
        if isinstance(decision, Refused):
            outcome.left.append(
                _remaining_row(name, decision.code, sentence_for_people(decision.code, decision.column, name.row))
            )
        else:
            undone.add(name)
    outcome.undone += len(undone)


def _remaining_row(name: RowName, code: str, text: str = "") -> dict[str, Any]:
    return {"table": name.table, "row": name.row, "code": code, "message": text or MESSAGES[code]}
