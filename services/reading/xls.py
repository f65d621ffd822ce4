"""Reads .xls by xlrd, which provides number formats, merged and hidden cells."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import xlrd
from xlrd.biffh import XLRDError, error_text_from_code

from services.reading.limited_rows import RowLimits, check_column, check_length
from services.reading.merging import check_merged, fill_merged
from services.reading.number_formats import number_cell
from services.reading.table import EMPTY, Cell, CellKind, MergedRange, Sheet, SheetRow, Unreadable

_SAVE_AS = "请用 Excel 或 WPS 打开后另存为 .xlsx 再导入。"
ENCRYPTED = "encrypted"


def xls_sheets(source: Path) -> Iterator[Sheet]:
    """Raises Unreadable, and what xlrd raises on broken files."""
    try:
        book = xlrd.open_workbook(str(source), formatting_info=True, on_demand=True, logfile=_NOWHERE)
    except XLRDError as error:
        if ENCRYPTED in str(error).lower():
            raise Unreadable("工作簿带有密码，请去掉密码，另存为不加密的 .xlsx 再导入。") from None
        raise Unreadable(f"这个 .xls 工作簿不能读取，{_SAVE_AS}") from None
    for at, name in enumerate(book.sheet_names()):
        yield XlsSheet(name, bool(book.sheet_by_index(at).visibility), book, at)
        book.unload_sheet(at)


class _Nowhere:
    """A null file for xlrd's warnings."""

    def write(self, _: str) -> None:
        """Discards the text."""

    def flush(self) -> None:
        """Does nothing."""


_NOWHERE = _Nowhere()


@dataclass
class XlsSheet:
    """One worksheet."""

    name: str
    hidden: bool
    book: xlrd.Book
    at: int
    merged: list[MergedRange] = field(default_factory=list)
    ends_early: int = 0

    def rows(self) -> Iterator[SheetRow]:
        """The rows in order.  Raises Unreadable."""
        sheet = self.book.sheet_by_index(self.at)
        self.merged = [MergedRange(top + 1, left + 1, bottom, right)
                       for top, bottom, left, right in sheet.merged_cells]  # fmt: skip
        check_merged(self.merged)
        return fill_merged(self._rows(sheet), self.merged)

    def _rows(self, sheet: xlrd.sheet.Sheet) -> Iterator[SheetRow]:
        limits = RowLimits()
        for at in range(sheet.nrows):
            if limits.ends_at(at + 1):
                self.ends_early = limits.last
                return
            cells = [self._cell(cell, at + 1, column) for column, cell in enumerate(sheet.row(at), 1)]
            info = sheet.rowinfo_map.get(at)
            row = SheetRow(at + 1, bool(info and info.hidden), cells)
            if limits.admits(row):
                yield row

    def _cell(self, cell: xlrd.sheet.Cell, row: int, column: int) -> Cell:
        value = cell.value
        if cell.ctype == xlrd.XL_CELL_TEXT and value:
            check_column(row, column)
            check_length(row, len(str(value)))
            return Cell(str(value), CellKind.TEXT)
        if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
            return self._number(repr(value), cell.xf_index or 0)
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return Cell("TRUE" if value else "FALSE", CellKind.BOOLEAN)
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return Cell(error_text_from_code.get(int(value), "#N/A"), CellKind.FAULT)
        return EMPTY

    def _number(self, value: str, style: int) -> Cell:
        format_id = self.book.xf_list[style].format_key
        known = self.book.format_map.get(format_id)
        code = known.format_str if known and format_id >= _FIRST_OWN else ""
        return number_cell(value, format_id, code, bool(self.book.datemode))


_FIRST_OWN = 59
"""Formats below are built in (164 and above are the file's own)."""
