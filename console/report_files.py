"""A report's files for whoever reads them: with names behind the ids; figures stay as they are."""

import csv
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

MOST_NAMES = 1000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FIGURE = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
DUTIES = "duties"
NAME_COLUMNS = {"unit_id": "unit_name", "person_id": "person_name", "duty": "duty_title"}
KINDS = {"unit_id": "units", "person_id": "people", "duty": DUTIES}
NamesOf = Callable[[str, Sequence[str]], Mapping[str, str]]
"""(`units`, `people` or `duties`, at most MOST_NAMES ids) -> the names by id; one without a name is absent or empty."""


class Sheet(NamedTuple):
    """A file's name without its ending, and its rows with the header first; a Decimal is a figure in a workbook."""

    title: str
    rows: Iterator[list[str | Decimal]]


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
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([_formula_free(str(cell)) for cell in row] for row in sheet.rows)


def _formula_free(cell: str) -> str:
    """What a spreadsheet would take for a formula, with an apostrophe before it; a figure such as `-0.5` stays."""
    return f"'{cell}".replace("\r", " ") if cell.startswith(FORMULA_STARTS) and not _FIGURE.fullmatch(cell) else cell


def _dictionaries(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _all_names(kind: str, ids: Sequence[str], names_of: NamesOf) -> dict[str, str]:
    names: dict[str, str] = {}
    for start in range(0, len(ids), MOST_NAMES):
        names |= names_of(kind, ids[start : start + MOST_NAMES])
    return names


def _named_rows(path: Path, names: Mapping[str, Mapping[str, str]]) -> Iterator[list[str | Decimal]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        named = [(place, column) for place, column in enumerate(header) if KINDS.get(column) in names]
        yield [*header, *(NAME_COLUMNS[column] for _, column in named)]
        for row in rows:
            yield [*row, *(names[KINDS[column]].get(row[place], "") for place, column in named)]
