"""Interprets the rows of a unit's own file by the importer's post, before they are decided (docs/decisions/0152,
0153)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

from chassis.store import subject_keys
from chassis.store.unit_of_work import UnitOfWork
from duties.campaign import Campaign
from services.participation.batch.handlers import load_behind, load_ledger
from services.participation.domain import Ledger, Row, cells_of
from services.participation.domain.rows import CellsRow, RecordRow
from services.participation.imports.accepted_rows import AcceptedRows
from services.participation.imports.domain import Line, SpooledRows
from services.participation.imports.unit_facts import members_accepted, members_of, records_like, unit_name
from services.participation.imports.unit_rows import (
    Member,
    OwnershipCheck,
    RecordsOfRegister,
    as_accepted,
    day_of,
    key_of,
    kind_from_names,
    other_name,
    person_named,
    record_meant,
    with_unit,
)
from services.participation.imports.values import ValueNote

LoadLedger = Callable[[UnitOfWork, Sequence[Row]], Ledger]
Place = tuple[SpooledRows, Line]


def load_named(unit_of_work: UnitOfWork, rows: Sequence[Row]) -> Ledger:
    """The ledger with everything that the rows refer to, and what the rows that they correct refer to."""
    ledger = load_ledger(unit_of_work, rows)
    for row in rows:
        load_behind(unit_of_work, row)
    return ledger


@dataclass
class UnitReading:
    """One batch of one table; `load` gives the ledger of everything that rows refer to, `dry` what a dry run has
    accepted."""

    unit_id: str
    unit_of_work: UnitOfWork
    rules: Campaign
    load: LoadLedger
    dry: AcceptedRows | None = None
    notes: list[tuple[SpooledRows, Line, ValueNote]] = field(default_factory=list)

    def read(self, batch: Sequence[SpooledRows]) -> list[SpooledRows]:
        """The batch with the unit, persons and ids of its rows filled in, and rows that are not the unit's marked as
        faulty."""
        lines = [(spooled, self._complete_line(spooled, line)) for spooled in batch for line in spooled.lines]
        if batch[0].part.table == "records":
            lines = self._give_record_ids(lines)
        judged = iter(self._judge_lines(lines))
        return [replace(spooled, lines=[next(judged) for _ in spooled.lines]) for spooled in batch]

    @cached_property
    def _members(self) -> list[Member]:
        known = members_of(self.unit_of_work.connection, self.unit_id)
        return [*known, *(members_accepted(self.unit_of_work, self.unit_id, self.dry) if self.dry else ())]

    @cached_property
    def _unit_name(self) -> str:
        return unit_name(self.unit_of_work.connection, self.unit_id)

    def _complete_line(self, spooled: SpooledRows, line: Line) -> Line:
        """With what the file's name and the post tell, and the person that a name refers to."""
        if line.fault is not None:
            return line
        row = cast(CellsRow, line.row)
        if isinstance(row, RecordRow):
            if not row.record:
                kind, name = kind_from_names((spooled.part.sheet, spooled.part.file), self._unit_name, self.rules)
                row = row._replace(record=kind)
                described = self.rules.kinds.get(kind)
                title = described.title if described else kind
                self._note(spooled, line, "record", "kind_from_name", title, name)
            if line.person_name:
                return self._with_person(spooled, line, row)
        return replace(line, row=with_unit(row, self.unit_id, self.rules))

    def _with_person(self, spooled: SpooledRows, line: Line, row: RecordRow) -> Line:
        fault = ""
        if row.person_id:
            known = other_name(row.person_id, line.person_name, self._members)
            self._note(spooled, line, "person_name", "name_differs", line.person_name, known)
        elif row.unit_id in ("", self.unit_id):  # another unit's row is refused for that
            person_id, fault = person_named(line.person_name, self._members, day_of(row, self.rules))
            row = row._replace(person_id=person_id)
        named = ("person_name", fault, line.person_name) if fault else None
        return replace(line, row=with_unit(row, self.unit_id, self.rules), fault=named)

    def _give_record_ids(self, lines: Sequence[Place]) -> list[Place]:
        """Give records without an id that of the record they are."""
        keys = {at: key_of(line.row, self.unit_id, self.rules) for at, (_, line) in enumerate(lines)
                if line.fault is None and isinstance(line.row, RecordRow) and not line.row.record_id}  # fmt: skip
        connection = self.unit_of_work.connection
        secrets = subject_keys.existing_keys(connection, {key.person_id for key in keys.values()})
        register = RecordsOfRegister(records_like(connection, keys.values()), frozenset(keys.values()))
        rows: dict[int, RecordRow] = {}
        for at, key in keys.items():
            spooled, line = lines[at]
            meant = record_meant(key, register.of(key), secrets.get(key.person_id))
            for code, known in register.notes_on(meant, line.number):
                self._note(spooled, line, "record_id", code, meant.record_id, known)
            rows[at] = cast(RecordRow, line.row)._replace(record_id=meant.record_id)
        ledger, result = self.load(self.unit_of_work, list(rows.values())), list(lines)
        for at, row in rows.items():
            spooled, line = lines[at]
            accepted = as_accepted(row, self.unit_id, ledger.records.get(row.record_id), secrets.get(row.person_id))
            result[at] = (spooled, replace(line, row=accepted))
        return result

    def _judge_lines(self, lines: Sequence[Place]) -> list[Line]:
        rows = [line.row for _, line in lines if line.fault is None]
        ledger, whose = self.load(self.unit_of_work, rows), OwnershipCheck(self.unit_id, self.rules)
        result = []
        for _, line in lines:
            outside = whose.outside(line.row, ledger) if line.fault is None else None
            if outside:
                value = cells_of(line.row).get(outside[0], "")
                line = replace(line, fault=(*outside, value))  # noqa: PLW2901 - the same line, judged
            result.append(line)
        return result

    def _note(self, spooled: SpooledRows, line: Line, column: str, code: str, value: str, known: str) -> None:
        if known:
            self.notes.append((spooled, line, ValueNote(column, code, value, known)))
