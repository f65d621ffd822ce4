"""Translates what people write in cells into codes and ids, for a batch of rows.  Pure.

Labels become codes, titles and full names become ids; unknown values stay, and the rules refuse them.  The only fault
found here is a name of several units.  Doubtful values get a note."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from duties.campaign import Campaign
from services.participation.domain.rows import (
    CORRECTABLE,
    CellsRow,
    CorrectionRow,
    ReportedCorrection,
    cells_of,
    kind_of,
    row_of,
)
from services.participation.imports.catalogue import (
    RESTORE,
    WHOLE_ROW,
    code_labels,
    column_codes,
    table_kind,
)
from services.participation.imports.lookalikes import folded
from services.participation.imports.semester_titles import semester_named
from services.reading.catalogue import Column, ColumnType
from services.reading.cells import read_cell
from services.reading.table import Cell, CellKind

Words = Mapping[str, str]
"""What people write, normalised by `word_key` -> the code."""
_EVER: Final = "~"
_DRIFT: Final = re.compile("[\\s.\u00b7\uff0e\u2022\u2027\u2219\u22c5\u30fb\uff65\u0387]+")


class KnownUnit(NamedTuple):
    unit_id: str
    name: str
    opened_on: str
    closed_on: str


class ValueNote(NamedTuple):
    """A doubtful cell: `known` is what it looks like."""

    column: str
    code: str
    value: str
    known: str


class ResolvedRow(NamedTuple):
    """The row in codes and ids; `fault`: column, code and value if it is refused before it is decided."""

    row: CellsRow
    fault: tuple[str, str, str] | None
    notes: tuple[ValueNote, ...]


@dataclass(frozen=True)
class KnownValues:
    """What is known of everything that a batch refers to: units (those of the import too), ids by space and folded
    form, names of persons by id; `today`: the campaign's day."""

    rules: Campaign | None = None
    today: str = ""
    units: Sequence[KnownUnit] = ()
    ids: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def unit_ids(self) -> frozenset[str]:
        return frozenset(unit.unit_id for unit in self.units)

    @cached_property
    def units_by_name(self) -> Mapping[str, frozenset[str]]:
        """For units in service today."""
        result: dict[str, frozenset[str]] = {}
        for unit in self.units:
            if unit.opened_on <= self.today < (unit.closed_on or _EVER):
                key = word_key(unit.name)
                result[key] = result.get(key, frozenset()) | {unit.unit_id}
        return result

    @cached_property
    def campaign_words(self) -> Mapping[str, Words]:
        """Titles of the campaign by column; an ambiguous one is left out."""
        if self.rules is None:
            return {}
        duties, sheets = self.rules.duties, self.rules.sheets
        return {
            "record": _one_of_each((duty.title, duty.record) for duty in duties),
            "duty": _one_of_each((duty.title, duty.id) for duty in duties),
            "item": _one_of_each((item.title, item.id) for item in sheets.items) if sheets else {},
        }

    def looks_like(self, space: str, text: str) -> str:
        """A known id that looks like this unknown one; empty if there is none."""
        if space == "unit" and text in self.unit_ids:
            return ""
        alike = self.ids.get((space, folded(text)), frozenset())
        return "" if text in alike else min(alike, default="")


def resolve_rows(table: str, rows: Sequence[CellsRow], known: KnownValues) -> list[ResolvedRow]:
    """The rows of one table (`people`) in order."""
    seen: dict[str, str] = {}
    return [_Resolver(table, row, known, seen).run() for row in rows]


class _Resolver:
    """Resolves rows; `seen`: the first cells of previous rows, by folded form."""

    def __init__(self, table: str, row: CellsRow, known: KnownValues, seen: dict[str, str]) -> None:
        self._table, self._row, self._known, self._seen = table, row, known, seen
        self._fault: tuple[str, str, str] | None = None
        self._notes: list[ValueNote] = []

    def run(self) -> ResolvedRow:
        before = cells_of(self._row)
        cells = self._correction(dict(before)) if isinstance(self._row, CorrectionRow) else {
            column.name: self._cell(self._table, column, before[column.name], column.name)
            for column in table_kind(self._table).columns}  # fmt: skip
        if self._table == "people":
            cells["name"] = self._known_name(cells)
        self._note_likes(cells)
        if cells == before:
            return ResolvedRow(self._row, self._fault, tuple(self._notes))
        row = row_of(kind_of(self._row).name, cells)
        assert not isinstance(row, ReportedCorrection)  # files have none
        return ResolvedRow(row, self._fault, tuple(self._notes))

    def _cell(self, table: str, column: Column, text: str, where: str) -> str:
        """`where`: the column of the file, which differs for a correction's `value`."""
        if not text:
            return text
        match column.type:
            case ColumnType.UNIT:
                return self._unit(text, where)
            case ColumnType.CODE | ColumnType.CODES:
                words = _fixed_words(table, column.name) or self._known.campaign_words.get(column.name, {})
                codes = self._codes(column.name)
                return ";".join(item if item in codes else words.get(word_key(item), item) for item in text.split(";"))
            case ColumnType.PERIOD if self._known.rules is not None:
                semesters = self._known.rules.semesters
                return text if semesters.named(text) else semester_named(semesters, text)
        return text

    def _codes(self, column: str) -> frozenset[str]:
        """The campaign's codes, which are never replaced by an equal title."""
        rules = self._known.rules
        match column:
            case "record" if rules:
                return rules.record_kinds
            case "duty" if rules:
                return frozenset(rules.duty_by_id)
            case "item" if rules:
                return frozenset(rules.item_max)
        return frozenset()

    def _unit(self, text: str, where: str) -> str:
        if text in self._known.unit_ids:
            return text
        named = self._known.units_by_name.get(word_key(text), frozenset())
        if len(named) > 1 and self._fault is None:
            self._fault = (where, "ambiguous_name", text)
        return next(iter(named)) if len(named) == 1 else text

    def _correction(self, cells: dict[str, str]) -> dict[str, str]:
        """Its table and column by label, its value as a cell of that column."""
        table = cells["table"] = _fixed_words("corrections", "table").get(word_key(cells["table"]), cells["table"])
        if table not in CORRECTABLE:
            return cells
        column = cells["column"] = _column_words(table).get(word_key(cells["column"]), cells["column"])
        if column == WHOLE_ROW[0]:
            cells["value"] = RESTORE[0] if cells["value"] == RESTORE[1] else cells["value"]
            return cells
        if cells["value"] and (named := next((it for it in table_kind(table).columns if it.name == column), None)):
            read = read_cell(named.type, Cell(cells["value"], CellKind.TEXT))
            if read.fault:
                self._fault = ("value", read.fault, cells["value"])
            cells["value"] = self._cell(table, named, read.text, "value")
        return cells

    def _known_name(self, cells: Mapping[str, str]) -> str:
        """The person's known name, if this one differs only by its dot or blanks."""
        given, known = cells["name"], self._known.names.get(cells["person_id"], "")
        if not known or known == given or _DRIFT.sub("", known) != _DRIFT.sub("", given):
            return given
        self._notes.append(ValueNote("name", "name_as_known", given, known))
        return known

    def _note_likes(self, cells: Mapping[str, str]) -> None:
        for at, (column, space, text) in enumerate(named_ids(self._table, cells)):
            known = self._known.looks_like(space, text)
            if not known and at == 0:
                known = self._seen.setdefault(folded(text), text)
            if known and known != text:
                self._notes.append(ValueNote(column, "like_known", text, known))


_SPACES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("unit_id", "zone_id", "community_id", "liaison_id", "assessor_id"), "unit"),
    **{f"{name}_id": name
       for name in ("person", "record", "exemption", "finding", "sheet", "decision", "correction")},
}  # fmt: skip


def named_ids(table: str, cells: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(column, space, id) for each id in a row, its own first."""
    named = [(name, _SPACES[name], text) for name, text in cells.items() if text and name in _SPACES]
    if table == "corrections" and (kind := CORRECTABLE.get(cells["table"], "")) not in ("", "membership", "post"):
        named.append(("row", kind, cells["row"]))
    return named


@lru_cache(maxsize=16_384)
def word_key(text: str) -> str:
    """Equal for spellings of one word that differ by blanks, width, case and the form of a dot."""
    words = unicodedata.normalize("NFKC", text).casefold()
    return "".join(words.split()).translate(_ONE_DOT)


_ONE_DOT: Final = str.maketrans("\u2022\u2027\u30fb\u0387", "\u00b7" * 4)


def _one_of_each(pairs: Iterable[tuple[str, str]]) -> Words:
    codes_by_word: dict[str, set[str]] = {}
    for word, code in pairs:
        codes_by_word.setdefault(word_key(word), set()).add(code)
    return {word: next(iter(codes)) for word, codes in codes_by_word.items() if len(codes) == 1}


@lru_cache(maxsize=64)
def _fixed_words(table: str, column: str) -> Words:
    codes = code_labels(table, column)
    return _one_of_each((word, code) for code, labels in codes.items() for word in (code, *labels))


@lru_cache(maxsize=16)
def _column_words(table: str) -> Words:
    words = _one_of_each((word, name) for name, labels in column_codes(table).items() for word in (name, *labels))
    return {**words, word_key(WHOLE_ROW[1]): WHOLE_ROW[0]}
