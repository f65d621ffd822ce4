"""Translates the cells of a batch into the ids and codes of registry and campaign before its rows are decided, with
notes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, cast

from chassis.store.unit_of_work import UnitOfWork
from duties.campaign import Campaign
from services.participation.domain.messages import note_message
from services.participation.domain.rows import CellsRow
from services.participation.imports.accepted_rows import AcceptedRows
from services.participation.imports.domain import Line, SpooledRows
from services.participation.imports.known_values import load_known
from services.participation.imports.unit_reading import LoadLedger, UnitReading, load_named
from services.participation.imports.values import ValueNote, resolve_rows


class ReadBatch(NamedTuple):
    """Parts of one table with their rows in codes and ids; `notes`: [file, sheet, line, column, code, text]."""

    parts: list[SpooledRows]
    notes: list[list[Any]]


def read_values(
    unit_of_work: UnitOfWork, batch: Sequence[SpooledRows], rules: Campaign | None,
    accepted: AcceptedRows | None = None, *, unit_id: str = "", load: LoadLedger = load_named,
) -> ReadBatch:  # fmt: skip
    """The batch with labels, titles and names translated.  `accepted`: by a dry run so far; `unit_id`: whose own file
    it is (empty: the district's); `load`: the ledger of everything that rows refer to."""
    table = batch[0].part.table
    readable = [line for spooled in batch for line in spooled.lines if line.fault is None]
    rows = [cast(CellsRow, line.row) for line in readable]
    resolved = iter(resolve_rows(table, rows, load_known(unit_of_work, table, rows, rules, accepted)))
    parts, notes = [], []
    for spooled in batch:
        lines = []
        for line in spooled.lines:
            if line.fault is None:
                row, fault, own = next(resolved)
                notes += [_note(spooled, line, note) for note in own]
                line = replace(line, row=row, fault=fault)  # noqa: PLW2901 - the same line, read
            lines.append(line)
        parts.append(replace(spooled, lines=lines))
    if unit_id and rules is not None:
        reading = UnitReading(unit_id, unit_of_work, rules, load, accepted)
        parts = reading.read(parts)
        notes += [_note(*note) for note in reading.notes]
    return ReadBatch(parts, notes)


def _note(spooled: SpooledRows, line: Line, note: ValueNote) -> list[Any]:
    text = note_message(note.code, note.column, note.value, note.known)
    return [spooled.part.file, spooled.part.sheet, line.number, note.column, note.code, text]
