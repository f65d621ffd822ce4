"""Cells of a workbook that show a value as text, whatever it looks like."""

from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

ROWS_OF_A_SHEET = 1_048_576
CHARACTERS_OF_A_CELL = 32_767
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BOLD = Font(bold=True)


def text_cell(sheet: WriteOnlyWorksheet, value: str, font: Font | None = None) -> Any:
    """A cell of a sheet being written."""
    shown = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)[:CHARACTERS_OF_A_CELL]
    cell = WriteOnlyCell(sheet, shown)
    if shown:
        # Everything is text: no date guessed, no leading zero lost, and `=cmd|...` is never a formula,
        # not even after someone edits the cell or saves the sheet as CSV from Excel.
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = shown.startswith(FORMULA_STARTS)
    if font:
        cell.font = font
    return cell
