"""Decides the next batch of an import's rows in the transaction that records the import's progress; for a large import
in a process of its own (`deciding_process`), so that the service keeps answering."""

from collections.abc import Sequence
from typing import NamedTuple

from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.imports import ImportAdvanced
from services.participation.batch.handlers import release_pending_reports, submit_foreign_rows
from services.participation.campaign.queries import rules_of
from services.participation.domain import Accepted, Decision, Refused, Row
from services.participation.holdings.record_holdings import NewHoldings
from services.participation.imports.domain import (
    DecidedRows,
    ImportProgress,
    SpooledRows,
    count_outcomes,
    decide_lines,
)
from services.participation.imports.queries import find_import
from services.participation.imports.refused_values import values_at_fault
from services.participation.imports.spool import Spool
from services.participation.imports.value_reading import read_values
from services.participation.intake.causation import cause_of_report


def correlation_of(import_id: str) -> str:
    """The correlation id of all events that an import causes."""
    return f"import-{import_id}"


class BatchResult(NamedTuple):
    """The result of a batch: the number of released reports, and whether rows are left."""

    released: int
    is_left: bool


class BatchDecider:
    """Decides batches of the imports of one store."""

    def __init__(self, units_of_work: UnitsOfWork, spool: Spool) -> None:
        self._units_of_work, self._spool = units_of_work, spool

    def decide_batch(self, import_id: str, actor: str, most: int) -> BatchResult:
        """Decide at most this many rows, from where the store says the import is: another process may have advanced it.
        Problem 409 if its rows are not in the spool."""
        with self._units_of_work.begin(actor, correlation_of(import_id)) as unit_of_work:
            stored = find_import(unit_of_work.connection, import_id)
            if stored is None or not stored.is_open or not stored.left:
                return BatchResult(0, False)
            batch = self._spool.read(import_id, stored.left, most)
            released = self._decide_rows(unit_of_work, stored, batch)
        return BatchResult(released, len(batch) < len(stored.left) or not batch[-1].done)

    def _decide_rows(self, unit_of_work: UnitOfWork, stored: ImportProgress, batch: Sequence[SpooledRows]) -> int:
        rules = rules_of(unit_of_work, stored.campaign)
        cause = cause_of_report(stored.source, correlation_of(stored.import_id)) if stored.source else ""
        batch, notes = read_values(unit_of_work, batch, rules, unit_id=stored.unit_id)
        self._spool.notes.add_of_rows(stored.import_id, notes)
        lines = [line for spooled in batch for line in spooled.lines]
        holdings = NewHoldings(unit_of_work)

        def decide(rows: Sequence[Row]) -> list[Decision]:
            decided = submit_foreign_rows(unit_of_work, rows, rules, late_entry=stored.late_entry, causation=cause)
            for row, decision in zip(rows, decided, strict=True):
                if stored.source and isinstance(decision, Accepted):
                    holdings.add(row, stored.source)
            holdings.write()
            return decided

        decisions = decide_lines(lines, decide)
        released = 0
        for spooled in batch:
            own, decisions = decisions[: len(spooled.lines)], decisions[len(spooled.lines) :]
            decided = count_outcomes(spooled, own)
            part = decided.progress
            unit_of_work.append(ImportAdvanced(
                stored.import_id, part.number, part.name, part.rows, part.accepted, part.unchanged, part.refused,
                decided.refused, part.done_bytes, part.done,
            ))  # fmt: skip
            keep_texts(self._spool, stored.import_id, spooled, decided, own)
            released += release_pending_reports(unit_of_work, decided.events)
        return released


def keep_texts(
    spool: Spool, import_id: str, spooled: SpooledRows, decided: DecidedRows, decisions: Sequence[Decision]
) -> None:
    """Store what the log does not have: the values of refused cells, and which rows were accepted."""
    values = values_at_fault(spooled.lines, decided.refused)
    spool.refused_values.add(import_id, spooled.part.name, values)
    spool.keep_outcomes(import_id, spooled, [_outcome(decision) for decision in decisions])


def _outcome(decision: Decision) -> str:
    match decision:
        case Accepted():
            return "accepted"
        case Refused():
            return "refused"
    return "unchanged"
