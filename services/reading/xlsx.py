"""Reads .xlsx and .xlsm, transitional and strict, row by row with constant memory.

By expat, not openpyxl: in read-only mode that provides neither merged nor hidden cells (docs/decisions/0136)."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.reading.limited_rows import RowLimits, check_column, check_length, check_row_count
from services.reading.merging import check_merged, column_number, fill_merged, merged_range
from services.reading.number_formats import day_text, number_cell
from services.reading.table import EMPTY, Cell, CellKind, MergedRange, Sheet, SheetRow, Unreadable
from services.reading.xlsx_parts import (
    Attributes,
    Book,
    RichText,
    SharedTexts,
    local,
    new_parser,
    pieces,
    read_book,
    read_formats,
    unescaped,
)  # fmt: skip

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*?ref\s*=\s*[\"']([A-Za-z0-9:$]+)[\"']")
_LONGEST_TAG = 200
PICTURE = re.compile(r"DISPIMG\(\s*\"?([^\",)]*)", re.IGNORECASE)
_OF_TEMPLATE = re.compile(r'IF\(([A-Z]{1,3})([0-9]{1,7})="","","((?:[^"]|"")*)"\)')
_LETTERS = re.compile(r"([A-Z]{1,3})\d*", re.IGNORECASE)


def xlsx_sheets(package: zipfile.ZipFile) -> Iterator[Sheet]:
    """Raises KeyError, ExpatError, ValueError for broken files; Unreadable."""
    book = read_book(package)
    texts = SharedTexts()
    if book.shared_texts:
        texts.load(package, book.shared_texts)
    formats = read_formats(package, book.styles)
    for part in book.sheets:
        yield XlsxSheet(part.name, part.hidden, package, part.part, StoredValues(book, texts, formats))
    texts.close()


@dataclass(frozen=True)
class StoredValues:
    """What is needed to convert a stored value to the displayed one."""

    book: Book
    texts: SharedTexts
    formats: list[tuple[int, str]]

    def number(self, value: str, style: int) -> Cell:
        """The cell of a stored number in the format of that style.  Raises ValueError if it is no number."""
        format_id, code = self.formats[style] if 0 <= style < len(self.formats) else (0, "")
        return number_cell(value, format_id, code, self.book.epoch_1904)


@dataclass
class XlsxSheet:
    """One worksheet."""

    name: str
    hidden: bool
    package: zipfile.ZipFile
    part: str
    stored: StoredValues
    merged: list[MergedRange] = field(default_factory=list)
    ends_early: int = 0

    def rows(self) -> Iterator[SheetRow]:
        """Raises Unreadable; ExpatError, ValueError for broken files."""
        self.merged = find_merged(self.package, self.part)
        return fill_merged(self._rows(), self.merged)

    def _rows(self) -> Iterator[SheetRow]:
        limits = RowLimits()
        reader = _RowReader(self.stored, limits)
        parser = new_parser(reader.start, reader.end, reader.text)
        for piece in pieces(self.package, self.part):
            parser.Parse(piece, False)
            yield from reader.take()
            if limits.ended:
                self.ends_early = limits.last
                return
        parser.Parse(b"", True)
        yield from reader.take()


def find_merged(package: zipfile.ZipFile, part: str) -> list[MergedRange]:
    """The merged ranges, which follow all rows, so the part is searched for them first.  Raises Unreadable."""
    merged: list[MergedRange] = []
    rest = b""
    stated = 0
    for at, content in enumerate(pieces(package, part)):
        stated += sum(b"<v>" in row or b"<t" in row for row in content.split(b"</row>"))
        check_row_count(stated - at)  # a row may be split across two pieces
        if not rest and content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise Unreadable("工作表以 UTF-16 保存，请用 Excel 打开后另存为 .xlsx 再导入。")
        piece, matched = rest + content, 0
        for match in _MERGED.finditer(piece):
            matched = match.end()
            if place := merged_range(match[1].decode()):
                merged.append(place)
        check_merged(merged)
        rest = piece[max(matched, len(piece) - _LONGEST_TAG) :]
    return merged


class _RowReader:
    """Handles the XML events of a sheet, returns finished rows."""

    def __init__(self, stored: StoredValues, limits: RowLimits) -> None:
        self._stored, self._limits = stored, limits
        self._ready: list[SheetRow] = []
        self._number = 0
        self._hidden = False
        self._cells: list[Cell] = []
        self._skipped = True
        self._column = 0
        self._type = self._style = ""
        self._value: str | None = None
        self._formula: str | None = None
        self._rich: RichText | None = None
        self._collected: list[str] | None = None
        self._length = 0

    def take(self) -> list[SheetRow]:
        """The rows that are complete."""
        ready, self._ready = self._ready, []
        return ready

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        match local(name):
            case "row":
                self._start_row(attributes)
            case "c" if not self._skipped:
                self._start_cell(attributes)
            case "v" | "f" if self._column:
                self._collected, self._length = [], 0
            case "is" if self._column:
                self._rich = RichText()
            case other if self._rich:
                self._rich.start(other)

    def end(self, name: str) -> None:
        """An element ends."""
        match local(name):
            case "v" if self._collected is not None:
                self._value, self._collected = "".join(self._collected), None
            case "f" if self._collected is not None:
                self._formula, self._collected = "".join(self._collected), None
            case "c" if not self._skipped:
                self._end_cell()
            case "row":
                self._end_row()
            case other if self._rich:
                self._rich.end(other)

    def text(self, piece: str) -> None:
        """Collect the characters of a cell.  Raises Unreadable above the limit of a cell."""
        if self._collected is not None:
            self._length += len(piece)
            check_length(self._number, self._length)
            self._collected.append(piece)
        elif self._rich:
            self._rich.text(piece)

    def _start_row(self, attributes: Attributes) -> None:
        self._number = int(attributes.get("r") or self._number + 1)
        self._hidden = attributes.get("hidden", "0") in ("1", "true", "on") or attributes.get("ht") in ("0", "0.0")
        self._cells = []
        self._column = 0
        self._skipped = self._limits.ends_at(self._number)

    def _start_cell(self, attributes: Attributes) -> None:
        letters = _LETTERS.match(attributes.get("r", ""))
        self._column = column_number(letters[1].upper()) if letters else self._column + 1
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._value = self._formula = self._rich = None

    def _end_cell(self) -> None:
        cell = self._cell()
        self._rich = None
        if cell.kind is CellKind.EMPTY:
            return
        check_column(self._number, self._column)
        check_length(self._number, len(cell.text))
        missing = self._column - 1 - len(self._cells)
        if missing < 0:
            raise ValueError("cells out of order")
        self._cells.extend([EMPTY] * missing)
        self._cells.append(cell)

    def _end_row(self) -> None:
        if self._skipped:
            return
        row = SheetRow(self._number, self._hidden, self._cells)
        self._skipped, self._column = True, 0
        if self._limits.admits(row):
            self._ready.append(row)

    def _cell(self) -> Cell:
        formula, value = self._formula, self._value
        picture = PICTURE.search(formula or (value if value and value.startswith("=") else "") or "")
        if picture:
            return Cell(picture[1], CellKind.PICTURE)
        if formula is not None and not (value or self._rich or (self._type == "str" and value is not None)):
            return self._of_template(formula) or Cell(f"={formula}"[:200], CellKind.FAULT)
        if self._rich:
            value = self._rich.take()
            return Cell(value, CellKind.TEXT) if value else EMPTY
        return self._typed_cell(value) if value and (self._type != "n" or value.strip()) else EMPTY

    def _of_template(self, formula: str) -> Cell | None:
        """The value of a formula of our templates if the program that saved it did not calculate it: its text once the
        cell that it depends on, to the left in the same row, is filled in."""
        match = _OF_TEMPLATE.fullmatch(formula)
        if match is None or int(match[2]) != self._number or (asked := column_number(match[1])) >= self._column:
            return None
        filled_in = asked <= len(self._cells) and self._cells[asked - 1].kind is not CellKind.EMPTY
        return Cell(match[3].replace('""', '"'), CellKind.TEXT) if filled_in else EMPTY

    def _typed_cell(self, value: str) -> Cell:
        match self._type:
            case "s":
                text = self._stored.texts[int(value)]
                return Cell(text, CellKind.TEXT) if text else EMPTY
            case "str" | "inlineStr":
                return Cell(unescaped(value), CellKind.TEXT)
            case "b":
                return Cell("TRUE" if value.strip() in ("1", "true") else "FALSE", CellKind.BOOLEAN)
            case "e":
                return Cell(value.strip(), CellKind.FAULT)
            case "d":
                return day_text(value) or Cell(value, CellKind.TEXT)
        return self._stored.number(value.strip(), int(self._style))
