"""`qihang report --xlsx`: the result files as one workbook, a sheet a file."""

import csv
from collections.abc import Sequence
from pathlib import Path

import openpyxl
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from cli.result_files import formula_free, write_atomically
from cli.text_cells import BOLD, ROWS_OF_A_SHEET, text_cell


def write_workbook(target: Path, paths: Sequence[Path]) -> None:
    """Every cell as the text that the file bears, the header bold and frozen; what is longer than a sheet goes on in
    a further one."""
    book = openpyxl.Workbook(write_only=True)
    for path in paths:
        _add_file(book, path)
    with write_atomically(target) as draft:
        book.save(draft)


def _add_file(book: openpyxl.Workbook, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        sheet = _new_sheet(book, path.stem, header)
        for number, row in enumerate(rows):
            if number and number % (ROWS_OF_A_SHEET - 1) == 0:
                sheet = _new_sheet(book, path.stem, header)
            sheet.append([text_cell(sheet, _as_given(value)) for value in row])


def _as_given(value: str) -> str:
    """Without the apostrophe that keeps a CSV's cell from being a formula: a text cell of a workbook never is one."""
    return value[1:] if value.startswith("'") and formula_free(value[1:]) == value else value


def _new_sheet(book: openpyxl.Workbook, title: str, header: Sequence[str]) -> WriteOnlyWorksheet:
    sheet: WriteOnlyWorksheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append([text_cell(sheet, value, BOLD) for value in header])
    return sheet
