"""A report's files as one workbook."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from console.report_files import FORMULA_STARTS, Sheet

ROWS_OF_A_SHEET = 1_048_576
CHARACTERS_OF_A_CELL = 32_767


def write_workbook(target: Path, sheets: Sequence[Sheet]) -> None:
    """A sheet a file, the header bold and frozen; what is longer than a sheet goes on in a further one."""
    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets:
        header = next(rows, [])
        sheet = _new_sheet(book, title, header)
        for number, row in enumerate(rows):
            if number and number % (ROWS_OF_A_SHEET - 1) == 0:
                sheet = _new_sheet(book, title, header)
            sheet.append([_cell(sheet, value) for value in row])
    book.save(target)


def _new_sheet(book: openpyxl.Workbook, title: str, header: Sequence[str | Decimal]) -> WriteOnlyWorksheet:
    sheet: WriteOnlyWorksheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append([text_cell(sheet, str(value), Font(bold=True)) for value in header])
    return sheet


def _cell(sheet: WriteOnlyWorksheet, value: str | Decimal) -> Any:
    """A figure as a number, so that it can be added up."""
    return WriteOnlyCell(sheet, float(value)) if isinstance(value, Decimal) else text_cell(sheet, value)


def text_cell(sheet: WriteOnlyWorksheet, value: str, font: Font | None = None) -> Any:
    """The value as text: no id loses its zeros, and no name becomes a formula."""
    shown = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)[:CHARACTERS_OF_A_CELL]
    cell = WriteOnlyCell(sheet, shown)
    if shown:
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = shown.startswith(FORMULA_STARTS)
    if font:
        cell.font = font
    return cell
