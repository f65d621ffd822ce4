"""Reads .ods row by row: cells store both value and displayed text, so leading zeros and days are known."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.reading.limited_rows import RowLimits, check_column, check_length
from services.reading.merging import Filler, check_merged
from services.reading.number_formats import day_text, number_cell, time_text
from services.reading.table import EMPTY, Cell, CellKind, MergedRange, Sheet, SheetRow, Unreadable
from services.reading.xlsx_parts import MOST_SHEETS, Attributes, local, new_parser, pieces

CONTENT = "content.xml"
MOST_REPEATS = 1000
"""Repetitions of a row that is not empty: more are in no real table."""
_NUMBERS = ("float", "currency", "percentage")
_NOT_SHOWN = frozenset(("annotation", "ruby-text", "frame", "custom-shape", "forms", "shapes", "table-source"))


def ods_sheets(package: zipfile.ZipFile) -> Iterator[Sheet]:
    """Raises KeyError, ExpatError, ValueError for broken files; Unreadable."""
    manifest = "META-INF/manifest.xml"
    if manifest in package.NameToInfo and any(b"encryption-data" in piece for piece in pieces(package, manifest)):
        raise Unreadable("工作簿带有密码，请去掉密码，另存为不加密的 .xlsx 再导入。")
    reader = _ContentReader()
    items = _items(package, reader)
    count = 0
    for item in items:
        if isinstance(item, OdsSheet):
            count += 1
            if count > MOST_SHEETS:
                raise Unreadable(f"工作簿超过 {MOST_SHEETS} 张工作表，请拆分后导入。")
            item.items = items
            yield item


@dataclass
class OdsSheet:
    """One table; its rows come from the stream that all tables share."""

    name: str
    hidden: bool
    merged: list[MergedRange] = field(default_factory=list)
    ends_early: int = 0
    items: "Iterator[OdsSheet | SheetRow | None]" = field(default_factory=lambda: iter(()))

    def rows(self) -> Iterator[SheetRow]:
        """The rows in order, repeated ones as often as they stand.  Raises Unreadable."""
        for item in self.items:
            if not isinstance(item, SheetRow):
                return
            yield item


def _items(package: zipfile.ZipFile, reader: "_ContentReader") -> "Iterator[OdsSheet | SheetRow | None]":
    """A sheet, its rows, None at its end, and so on."""
    parser = new_parser(reader.start, reader.end, reader.text)
    for piece in pieces(package, CONTENT):
        parser.Parse(piece, False)
        yield from reader.take()
    parser.Parse(b"", True)
    yield from reader.take()


class _ContentReader:
    """Handles the XML events of content.xml."""

    def __init__(self) -> None:
        self._ready: list[OdsSheet | SheetRow | None] = []
        self._hidden_styles: set[str] = set()
        self._date_formats: set[str] = set()
        self._date_styles: set[str] = set()
        self._style = ""
        self._sheet: OdsSheet | None = None
        self._tables = self._unseen = 0
        self._limits = RowLimits()
        self._filler = Filler()
        self._number = self._repeats = 0
        self._hidden = False
        self._cells: list[Cell] = []
        self._column = 0
        self._attributes: Attributes | None = None
        self._paragraphs: list[str] | None = None
        self._length = 0

    def take(self) -> "list[OdsSheet | SheetRow | None]":
        """The completed items."""
        ready, self._ready = self._ready, []
        return ready

    def start(self, name: str, given: Attributes) -> None:
        """An element begins."""
        name = local(name)
        if name in _NOT_SHOWN or self._unseen:
            self._unseen += 1
            return
        attributes = {local(key): value for key, value in given.items()}
        match name:
            case "style":
                self._style = attributes.get("name", "")
                if attributes.get("data-style-name", "") in self._date_formats:
                    self._date_styles.add(self._style)
            case "date-style":
                self._date_formats.add(attributes.get("name", ""))
            case "table-properties" if attributes.get("display") == "false":
                self._hidden_styles.add(self._style)
            case "table":
                self._start_table(attributes)
            case "table-row" if self._tables == 1:
                self._number += 1
                self._repeats = _count(attributes, "number-rows-repeated")
                self._hidden = attributes.get("visibility", "visible") != "visible"
                self._cells, self._column = [], 0
            case "table-cell" | "covered-table-cell" if self._tables == 1:
                self._attributes = attributes
                self._paragraphs = None if name.startswith("covered") else []
            case _ if self._paragraphs is not None:
                self._start_text(name, attributes)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._unseen:
            self._unseen -= 1
            return
        match local(name):
            case "table":
                self._tables -= 1
                if not self._tables:
                    self._ready.append(None)
            case "table-row" if self._tables == 1:
                self._end_row()
            case "table-cell" | "covered-table-cell" if self._tables == 1 and self._attributes is not None:
                self._end_cell(self._attributes)
                self._attributes = self._paragraphs = None

    def text(self, piece: str) -> None:
        """Collect the characters of a cell.  Raises Unreadable above the limit of a cell."""
        if self._paragraphs and not self._unseen:
            self._length += len(piece)
            check_length(self._number, self._length)
            self._paragraphs.append(piece)

    def _start_table(self, attributes: Attributes) -> None:
        self._tables += 1
        if self._tables > 1:
            return
        hidden = attributes.get("style-name", "") in self._hidden_styles
        self._sheet = OdsSheet(attributes.get("name", ""), hidden)
        self._ready.append(self._sheet)
        self._limits, self._filler, self._number = RowLimits(), Filler(), 0

    def _start_text(self, name: str, attributes: Attributes) -> None:
        assert self._paragraphs is not None
        match name:
            case "p":
                self._length = 0 if not self._paragraphs else self._length
                self._paragraphs.append("\n" if self._paragraphs else "\ufeff")
            case "s":
                self._paragraphs.append(" " * min(_count(attributes, "c"), 1000))
            case "tab":
                self._paragraphs.append("\t")
            case "line-break":
                self._paragraphs.append("\n")

    def _end_cell(self, attributes: Attributes) -> None:
        repeats = _count(attributes, "number-columns-repeated")
        cell = self._cell(attributes)
        first = self._column + 1
        self._column += repeats
        if cell.kind is CellKind.EMPTY:
            return
        check_column(self._number, self._column)
        self._cells.extend([EMPTY] * (first - 1 - len(self._cells)))
        self._cells.extend([cell] * repeats)
        rows, columns = _count(attributes, "number-rows-spanned"), _count(attributes, "number-columns-spanned")
        if (rows > 1 or columns > 1) and self._sheet:
            place = MergedRange(self._number, first, self._number + rows - 1, first + columns - 1)
            self._sheet.merged.append(place)
            check_merged(self._sheet.merged)
            self._filler.add(place, cell)

    def _end_row(self) -> None:
        last = self._number + self._repeats - 1
        if not self._cells:
            self._number = last
            return
        row = SheetRow(self._number, self._hidden, self._cells)
        self._number = last
        if self._sheet and self._limits.ends_at(row.number):
            self._sheet.ends_early = self._limits.last
        elif self._limits.admits(row):
            if self._repeats > MOST_REPEATS:
                raise Unreadable(f"第 {row.number} 行重复了 {self._repeats} 次，请删去重复的行后再导入。")
            self._ready.append(self._filler.fill(row))
            self._ready += [SheetRow(at, row.hidden, row.cells) for at in range(row.number + 1, last + 1)]
            self._limits.last = last

    def _cell(self, attributes: Attributes) -> Cell:
        shown = "".join(self._paragraphs or ()).removeprefix("\ufeff")
        kind = attributes.get("value-type", "")
        if self._paragraphs is None:
            return EMPTY
        if "formula" in attributes and not kind and self._paragraphs and not shown:
            return EMPTY  # LibreOffice's form of a formula with an empty text
        if "formula" in attributes and (not kind or shown.startswith(("#", "Err:"))):
            return Cell((shown or attributes["formula"])[:200], CellKind.FAULT)
        if "DISPIMG(" in attributes.get("formula", ""):
            return Cell(shown, CellKind.PICTURE)
        if kind in _NUMBERS:
            is_date = attributes.get("style-name", "") in self._date_styles  # SheetJS stores days like this
            return _number(attributes.get("value", ""), shown, "yyyy-mm-dd" if is_date else "General")
        if kind == "date":
            return day_text(attributes.get("date-value", "")) or Cell(shown, CellKind.TEXT)
        if kind == "boolean":
            return Cell("TRUE" if attributes.get("boolean-value") == "true" else "FALSE", CellKind.BOOLEAN)
        if kind == "time":
            return time_text(attributes.get("time-value", ""), shown)
        text = shown or attributes.get("string-value", "")
        return Cell(text, CellKind.TEXT) if text else EMPTY


def _number(value: str, shown: str, code: str) -> Cell:
    cell = number_cell(value.strip(), 0, code, False)
    digits_only = shown.isascii() and shown.isdigit() and (shown.lstrip("0") or "0") == cell.number
    return Cell(shown, CellKind.NUMBER, cell.number, True) if digits_only else cell


def _count(attributes: Attributes, name: str) -> int:
    return max(1, min(int(attributes.get(name, "1")), 1 << 21))
