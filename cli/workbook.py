"""`--workbook`: the input as an Excel file, with the reason of every refused row in a red column."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from cli.api_client import JsonObject
from cli.input_files import InputFile
from cli.input_rows import Line, read_lines
from cli.result_files import write_atomically

ROWS_OF_A_SHEET = 1_048_576
CHARACTERS_OF_A_CELL = 32_767
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
RED = Font(color="FFC00000", bold=True)
PINK = PatternFill("solid", fgColor="FFFDECEA")
BOLD = Font(bold=True)


class Workbook:
    """Merges the rows of the files with the stream of refused rows, both in the same order, so neither is held in
    memory."""

    def __init__(self, path: Path, files: list[InputFile]) -> None:
        self._path = path
        self._files = iter(files)
        self._book = openpyxl.Workbook(write_only=True)
        self._file: InputFile | None = None
        self._sheet: WriteOnlyWorksheet | None = None
        self._rows: Iterator[Line] = iter(())
        self._ahead: Line | None = None
        self._written = 0
        self._width = 0

    def __enter__(self) -> Self:
        self._next_file()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            while self._file is not None:
                self._copy_until(None)
                self._next_file()
            with write_atomically(self._path) as draft:
                self._book.save(draft)

    def refuse(self, entry: JsonObject) -> None:
        """Marks one refused row; entries come in file order and line order."""
        while self._file is not None and f"{self._file.path.stem.lower()}.csv" != entry["file"]:
            self._copy_until(None)
            self._next_file()
        self._copy_until(int(entry["line"]))
        reason = f"{entry.get('message') or entry.get('code')}（{entry.get('column')}: {entry.get('code')}）"
        if self._ahead is not None and self._ahead[0] == int(entry["line"]):
            self._write(self._ahead[1], reason)
            self._ahead = next(self._rows, None)

    def _next_file(self) -> None:
        self._file = next(self._files, None)
        if self._file is None:
            return
        self._rows = read_lines(self._file.path)
        self._ahead = next(self._rows, None)
        self._width = len(self._ahead[1]) if self._ahead else 0
        self._new_sheet()
        if self._ahead and self._ahead[0] == 1:
            self._write_header(self._ahead[1])
            self._ahead = next(self._rows, None)

    def _new_sheet(self) -> None:
        assert self._file is not None
        self._sheet = self._book.create_sheet(self._file.path.stem)
        self._sheet.freeze_panes = "A2"
        self._written = 0

    def _copy_until(self, line: int | None) -> None:
        while self._ahead is not None and (line is None or self._ahead[0] < line):
            self._write(self._ahead[1], "")
            self._ahead = next(self._rows, None)

    def _write_header(self, cells: list[str]) -> None:
        assert self._sheet is not None
        row = [text_cell(self._sheet, value, BOLD) for value in cells]
        self._sheet.append([*row, text_cell(self._sheet, "未接收原因", RED)])
        self._written += 1

    def _write(self, cells: list[str], reason: str) -> None:
        if self._written >= ROWS_OF_A_SHEET:
            self._new_sheet()
        assert self._sheet is not None
        row = [text_cell(self._sheet, value) for value in cells]
        if reason:
            for cell in row:
                cell.fill = PINK
            row += [text_cell(self._sheet, "") for _ in range(self._width - len(row))]
            row.append(text_cell(self._sheet, reason, RED))
        self._sheet.append(row)
        self._written += 1


def text_cell(sheet: WriteOnlyWorksheet, value: str, font: Font | None = None) -> Any:
    """A cell of a sheet being written that shows the value as text, whatever it looks like."""
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
