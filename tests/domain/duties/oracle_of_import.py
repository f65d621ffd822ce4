"""Section 1 of scoring.md once more, from the page alone: which rows are accepted, unchanged or refused, and why.

What is accepted is kept with the instant at which it was recorded, so that it can be read as known at any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.domain.duties.oracle_of_cells import IDS, TABLES, Row, id_of
from tests.domain.duties.oracle_of_rows import Fault, RowOracle, no_row

Outcome = Fault | str
"""(code, column) of a refusal, or "accepted" or "unchanged"."""
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The recorded_at of rows for which nobody asks when they were recorded."""


@dataclass
class Change:
    """What an accepted row, correction or withdrawal made of a row: the whole row as it stands from then on."""

    table: str
    row_id: str
    columns: tuple[str, ...]
    cells: Row
    voided: bool
    recorded_at: Any
    late_entry: str
    cause: str


@dataclass
class ImportOracle:
    """One district; `given` takes rows in their order, each judged by what was accepted before."""

    campaign: dict[str, Any]
    changes: list[Change] = field(default_factory=list)
    now: dict[str, dict[str, Row]] = field(default_factory=lambda: {table: {} for table in TABLES})
    accepted: dict[str, dict[str, Row]] = field(default_factory=lambda: {table: {} for table in TABLES})
    live: dict[str, dict[str, Row]] = field(default_factory=lambda: {table: {} for table in TABLES})

    def given(self, table: str, rows: Sequence[Row], recorded_at: Any = NEVER, late_entry: str = "") -> list[Outcome]:
        """The outcome of each row of a file, or of one event."""
        cells = [{column: row.get(column) or "" for column in TABLES[table]} for row in rows]
        if table == "units":
            return self.units_given(cells, recorded_at, late_entry)
        return [self.row_given(table, row, recorded_at, late_entry) for row in cells]

    def units_given(self, rows: list[Row], recorded_at: Any, late_entry: str) -> list[Outcome]:
        """A row may name a unit of a later row that is itself accepted: who names nobody falls out, again and again."""
        assumed = {row["unit_id"] for row in rows}
        while True:
            states = [{table: dict(rows) for table, rows in s.items()} for s in (self.now, self.accepted, self.live)]
            trial = ImportOracle(self.campaign, [], *states)
            outcomes = [trial.row_given("units", row, recorded_at, late_entry, assumed) for row in rows]
            good = {row["unit_id"] for row, result in zip(rows, outcomes, strict=True) if result == "accepted"}
            if good == assumed:
                return [self.row_given("units", row, recorded_at, late_entry, assumed) for row in rows]
            assumed = good

    def row_given(
        self, table: str, row: Row, recorded_at: Any, late_entry: str, assumed: set[str] | None = None
    ) -> Outcome:
        row_id = id_of(table, row)
        if row_id in self.now[table] and all(row[column] for column in IDS[table]):
            same = row in (self.now[table][row_id], self.accepted[table][row_id])
            return "unchanged" if same and not self.is_void(table, row_id) else ("conflict", IDS[table][0])
        judged = self.judge()
        faults = judged.faults(table, row, assumed or set())
        if faults:
            return faults[0]
        if table == "corrections":
            return self.corrected(row, recorded_at, late_entry)
        self.now[table][row_id] = self.accepted[table][row_id] = row
        if table == "withdrawals":
            cells = self.now["records"][row_id]
            self.changed(Change("records", row_id, ("*",), cells, True, recorded_at, late_entry, row_id))
        else:
            columns = tuple(TABLES[table])
            self.changed(Change(table, row_id, columns, row, False, recorded_at, late_entry, row_id))
        return "accepted"

    def is_void(self, table: str, row_id: str) -> bool:
        return table != "corrections" and table != "withdrawals" and row_id not in self.live[table]

    def judge(self, but: tuple[str, str] = ("", "")) -> RowOracle:
        """The rows that exist: neither voided nor withdrawn; `but`: without that row."""
        rows = dict(self.live)
        if but[0]:
            rows[but[0]] = {row_id: row for row_id, row in self.live[but[0]].items() if row_id != but[1]}
        return RowOracle(self.campaign, rows)

    def corrected(self, correction: Row, recorded_at: Any, late_entry: str) -> Outcome:
        table, row_id, column = correction["table"], correction["row"], correction["column"]
        restores = column == "*" and correction["value"] == "restore"
        if row_id not in self.now[table] or self.is_void(table, row_id) != restores:
            return "unknown_row", "row"
        was = self.now[table][row_id]
        becomes = was if column == "*" else was | {column: correction["value"]}
        spent = self.now["corrections"], self.accepted["corrections"]
        if column != "*" and becomes == was:
            for rows in spent:
                rows[correction["correction_id"]] = correction
            return "unchanged"
        if column != "*" or restores:
            fault = self.fault_of_change(table, row_id, becomes, restores)
            if fault != no_row:
                return fault[0], "value"
        for rows in spent:
            rows[correction["correction_id"]] = correction
        columns, cause = (column,), correction["correction_id"]
        voided = column == "*" and not restores
        self.changed(Change(table, row_id, columns, becomes, voided, recorded_at, late_entry, cause))
        return "accepted"

    def fault_of_change(self, table: str, row_id: str, becomes: Row, restores: bool) -> Fault:
        """The first fault that the row as it stands would not be refused for as well; a restoration's first of all."""
        rivals = self.judge(but=(table, row_id))
        own = {becomes["unit_id"]} if table == "units" else set()
        before = [] if restores else rivals.faults(table, self.now[table][row_id], own)
        return next((fault for fault in rivals.faults(table, becomes, own) if fault not in before), no_row)

    def changed(self, change: Change) -> None:
        self.changes.append(change)
        self.now[change.table][change.row_id] = change.cells
        self.live[change.table].pop(change.row_id, None)
        if not change.voided:
            self.live[change.table][change.row_id] = change.cells
