"""A report's files for whoever reads them: with names behind the ids, and as one workbook; figures stay as they are."""

import csv
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

MOST_NAMES = 1000
ROWS_OF_A_SHEET = 1_048_576
CHARACTERS_OF_A_CELL = 32_767
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FIGURE = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
NAME_COLUMNS = {"unit_id": "unit_name", "person_id": "person_name"}
KINDS = {"unit_id": "units", "person_id": "people"}
NamesOf = Callable[[str, Sequence[str]], Mapping[str, str]]
"""(`units` or `people`, at most MOST_NAMES ids) -> the names by id; one without a name is absent or empty."""


class Sheet(NamedTuple):
    """A file's name without its ending, and its rows with the header first."""

    title: str
    rows: Iterator[list[str]]


def sheets_with_names(paths: Sequence[Path], kinds: Collection[str], names_of: NamesOf) -> list[Sheet]:
    """Each file with a further column of names for each id column whose kind is among `kinds`."""
    wanted: dict[str, set[str]] = {kind: set() for kind in kinds}
    for path in paths:
        for row in _dictionaries(path):
            for column, kind in KINDS.items():
                if kind in wanted and row.get(column):
                    wanted[kind].add(row[column])
    names = {kind: _all_names(kind, sorted(ids), names_of) for kind, ids in wanted.items()}
    return [Sheet(path.stem, _named_rows(path, names)) for path in paths]


def write_csv(target: Path, sheet: Sheet) -> None:
    """UTF-8, as the service writes its files."""
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([_formula_free(cell) for cell in row] for row in sheet.rows)


def _formula_free(cell: str) -> str:
    """What a spreadsheet would take for a formula, with an apostrophe before it; a figure such as `-0.5` stays."""
    return f"'{cell}".replace("\r", " ") if cell.startswith(FORMULA_STARTS) and not _FIGURE.fullmatch(cell) else cell


def write_workbook(target: Path, sheets: Sequence[Sheet]) -> None:
    """A sheet a file, the header bold and frozen; what is longer than a sheet goes on in a further one."""
    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets:
        header = next(rows, [])
        sheet = _new_sheet(book, title, header)
        for number, row in enumerate(rows):
            if number and number % (ROWS_OF_A_SHEET - 1) == 0:
                sheet = _new_sheet(book, title, header)
            sheet.append([_text_cell(sheet, value) for value in row])
    book.save(target)


def _dictionaries(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _all_names(kind: str, ids: Sequence[str], names_of: NamesOf) -> dict[str, str]:
    names: dict[str, str] = {}
    for start in range(0, len(ids), MOST_NAMES):
        names |= names_of(kind, ids[start : start + MOST_NAMES])
    return names


def _named_rows(path: Path, names: Mapping[str, Mapping[str, str]]) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        named = [(place, column) for place, column in enumerate(header) if KINDS.get(column) in names]
        yield [*header, *(NAME_COLUMNS[column] for _, column in named)]
        for row in rows:
            yield [*row, *(names[KINDS[column]].get(row[place], "") for place, column in named)]


def _new_sheet(book: openpyxl.Workbook, title: str, header: Sequence[str]) -> WriteOnlyWorksheet:
    sheet: WriteOnlyWorksheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append([_text_cell(sheet, value, Font(bold=True)) for value in header])
    return sheet


def _text_cell(sheet: WriteOnlyWorksheet, value: str, font: Font | None = None) -> Any:
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
