"""Reads .xlsb ([MS-XLSB]) record by record, with number formats, merged and hidden cells (docs/decisions/0137)."""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.reading.limited_rows import RowLimits, check_column, check_length
from services.reading.merging import check_merged, fill_merged
from services.reading.table import EMPTY, Cell, CellKind, MergedRange, Sheet, SheetRow, Unreadable
from services.reading.xlsx import PICTURE, StoredValues
from services.reading.xlsx_parts import MOST_FORMATS, MOST_SHEETS, Book, SharedTexts, SheetPart, links_of, pieces

MAIN = "xl/workbook.bin"
ROW, FORMULA_ERROR = 0, 11
SHARED_TEXT, FORMAT, CELL_FORMAT, RICH_TEXT, SHEET, WORKBOOK, MERGED = 19, 44, 47, 62, 156, 153, 176
CELL_FORMATS_BEGIN, CELL_FORMATS_END = 617, 618
SHORT = range(12, 19)
"""Records 1 to 7 without a column: it is the next one."""
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
LONGEST_RECORD = 1 << 20
Record = tuple[int, bytes]


def records(package: zipfile.ZipFile, part: str) -> Iterator[Record]:
    """(type, content) of each.  Raises ValueError if one is cut off or too long."""
    rest = b""
    for piece in pieces(package, part):
        rest += piece
        at = 0
        while place := _record(rest, at):
            kind, begin, end = place
            yield kind, rest[begin:end]
            at = end
        rest = rest[at:]
    if rest:
        raise ValueError("cut off")


def _record(content: bytes, at: int) -> tuple[int, int, int] | None:
    """(type, begin, end), or None if incomplete."""
    kind = _variable_length_number(content, at, 2)
    size = kind and _variable_length_number(content, kind[1], 4)
    if not kind or not size:
        return None
    if size[0] > LONGEST_RECORD:
        raise ValueError("record too long")
    end = size[1] + size[0]
    return (kind[0], size[1], end) if end <= len(content) else None


def _variable_length_number(content: bytes, at: int, most: int) -> tuple[int, int] | None:
    """(number in seven bits per byte, position after it)."""
    value = 0
    for position in range(most):
        if at + position >= len(content):
            return None
        byte = content[at + position]
        value |= (byte & 0x7F) << (7 * position)
        if not byte & 0x80:
            return value, at + position + 1
    return value, at + most


def _text(content: bytes, at: int) -> tuple[str, int]:
    """(text, position after it); the length 0xFFFFFFFF means no text."""
    (length,) = struct.unpack_from("<I", content, at)
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(content):
        raise ValueError("text longer than its record")
    return content[at + 4 : end].decode("utf-16-le", "surrogatepass"), end


def xlsb_sheets(package: zipfile.ZipFile) -> Iterator[Sheet]:
    """Raises KeyError, ValueError, struct.error for broken files; Unreadable."""
    book = _book(package)
    if len(book.sheets) > MOST_SHEETS:
        raise Unreadable(f"工作簿有 {len(book.sheets)} 张工作表，最多 {MOST_SHEETS} 张，请拆分后导入。")
    texts = SharedTexts()
    if book.shared_texts:
        for kind, content in records(package, book.shared_texts):
            if kind == SHARED_TEXT:
                texts.append(_text(content, 1)[0])
    stored = StoredValues(book, texts, _formats(package, book.styles))
    for part in book.sheets:
        yield XlsbSheet(part.name, part.hidden, package, part.part, stored)
    texts.close()


def _book(package: zipfile.ZipFile) -> Book:
    links = links_of(package, MAIN)
    names = set(package.namelist())
    sheets, epoch_1904 = [], False
    for kind, content in records(package, MAIN):
        if kind == WORKBOOK:
            epoch_1904 = bool(content[0] & 1)
        elif kind == SHEET:
            (state,) = struct.unpack_from("<I", content)
            link, behind = _text(content, 8)
            if links.get(link, ("", ""))[0] == "worksheet":
                sheets.append(SheetPart(_text(content, behind)[0], links[link][1], state != 0))
    of_kind = {kind: target for kind, target in links.values() if target in names}
    return Book(sheets, epoch_1904, of_kind.get("sharedStrings", ""), of_kind.get("styles", ""))


def _formats(package: zipfile.ZipFile, part: str) -> list[tuple[int, str]]:
    codes: dict[int, str] = {}
    ids: list[int] = []
    inside = False
    for kind, content in records(package, part) if part else ():
        match kind:
            case _ if kind == FORMAT:
                codes[struct.unpack_from("<H", content)[0]] = _text(content, 2)[0][:255]
            case _ if kind in (CELL_FORMATS_BEGIN, CELL_FORMATS_END):
                inside = kind == CELL_FORMATS_BEGIN
            case _ if kind == CELL_FORMAT and inside and len(ids) < MOST_FORMATS:
                ids.append(struct.unpack_from("<H", content, 2)[0])
    return [(number, codes.get(number, "")) for number in ids]


@dataclass
class XlsbSheet:
    """One worksheet."""

    name: str
    hidden: bool
    package: zipfile.ZipFile
    part: str
    stored: StoredValues
    merged: list[MergedRange] = field(default_factory=list)
    ends_early: int = 0

    def rows(self) -> Iterator[SheetRow]:
        """The rows in order.  Raises Unreadable."""
        for kind, content in records(self.package, self.part):
            if kind == MERGED:
                top, bottom, left, right = struct.unpack_from("<4I", content)
                self.merged.append(MergedRange(top + 1, left + 1, bottom + 1, right + 1))
                check_merged(self.merged)
        return fill_merged(self._rows(), self.merged)

    def _rows(self) -> Iterator[SheetRow]:
        limits = RowLimits()
        row: SheetRow | None = None
        column = 0
        for kind, content in records(self.package, self.part):
            if kind == ROW:
                if row and limits.admits(row):
                    yield row
                number = struct.unpack_from("<I", content)[0] + 1
                row, column = SheetRow(number, bool(content[11] & 0x10), []), 0
                if limits.ends_at(number):
                    self.ends_early = limits.last
                    return
            elif row and (kind <= FORMULA_ERROR or kind in SHORT or kind == RICH_TEXT):
                column = column + 1 if kind in SHORT else struct.unpack_from("<I", content)[0] + 1
                self._place(row, column, _cell(self.stored, kind, content))
        if row and limits.admits(row):
            yield row

    def _place(self, row: SheetRow, column: int, cell: Cell) -> None:
        if cell.kind is CellKind.EMPTY:
            return
        check_column(row.number, column)
        check_length(row.number, len(cell.text))
        row.cells.extend([EMPTY] * (column - 1 - len(row.cells)))
        row.cells.append(cell)


def _cell(stored: StoredValues, kind: int, content: bytes) -> Cell:
    at = 4
    if kind in SHORT:
        kind, at = kind - SHORT.start + 1, 0
    style = struct.unpack_from("<I", content, at)[0] & 0xFFFFFF
    at += 4
    match kind:
        case 2:
            return stored.number(_rk(struct.unpack_from("<I", content, at)[0]), style)
        case 3 | 11:
            return Cell(ERRORS.get(content[at], "#N/A"), CellKind.FAULT)
        case 4 | 10:
            return Cell("TRUE" if content[at] else "FALSE", CellKind.BOOLEAN)
        case 5 | 9:
            return stored.number(repr(struct.unpack_from("<d", content, at)[0]), style)
        case 6 | 8:
            return _text_cell(_text(content, at)[0])
        case 7:
            return _text_cell(stored.texts[struct.unpack_from("<I", content, at)[0]])
        case _ if kind == RICH_TEXT:
            return _text_cell(_text(content, at + 1)[0])
    return EMPTY


def _text_cell(text: str) -> Cell:
    if text.startswith("=") and (picture := PICTURE.search(text)):
        return Cell(picture[1], CellKind.PICTURE)
    return Cell(text, CellKind.TEXT) if text else EMPTY


def _rk(packed: int) -> str:
    """[MS-XLSB] RkNumber: thirty bits of an integer or a double, possibly divided by 100."""
    value: float = (packed >> 2) - (1 << 30 if packed >> 31 else 0)
    if not packed & 2:
        value = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0]
    return repr(value / 100 if packed & 1 else value)
