"""The result files of an import, byte for byte as scoring.md 8 and 9 define."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from os import getpid
from pathlib import Path
from typing import Any

from cli.api_client import JsonObject

IMPORT = ("file", "rows", "accepted", "unchanged", "refused")
REFUSED = ("file", "line", "column", "code")
NOTES = ("file", "sheet", "line", "column", "code", "text")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FIGURE = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
Row = Callable[[Sequence[Any]], object]


@contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that is renamed to it at the end; a reader never sees half a file."""
    draft = path.with_name(f".{path.name}.{getpid()}.part")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def formula_free(cell: Any) -> Any:
    """What a spreadsheet would take for a formula, with an apostrophe before it; a figure such as `-0.5`, and every
    id, stays.  A bare CR would end the row: csv does not quote it."""
    is_formula = isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) and not _FIGURE.fullmatch(cell)
    return f"'{cell}".replace("\r", " ") if is_formula else cell


@contextmanager
def csv_file(path: Path, header: Sequence[str]) -> Iterator[Row]:
    """The row writer of a CSV file with this header: UTF-8 without BOM, `\\n`, minimal quoting."""
    with write_atomically(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        writer.writerow(header)
        yield lambda row: writer.writerow([formula_free(cell) for cell in row])


def write_import(path: Path, rows: list[JsonObject]) -> None:
    """import.csv: one line a file, in the order in which they were taken."""
    with csv_file(path, IMPORT) as write:
        for row in rows:
            write([row[column] for column in IMPORT])


@contextmanager
def refused_rows_writer(path: Path) -> Iterator[Callable[[JsonObject], None]]:
    """A function that writes one row of refused.csv; rows come in file and line order."""
    with csv_file(path, REFUSED) as write:

        def write_row(entry: JsonObject) -> None:
            write([entry[column] for column in REFUSED])

        yield write_row


@contextmanager
def notes_writer(path: Path) -> Iterator[Callable[[JsonObject], None]]:
    """A function that writes one row of notes.csv; line 0, which stands for the sheet as a whole, stays empty."""
    with csv_file(path, NOTES) as write:

        def write_note(entry: JsonObject) -> None:
            write([entry[column] or "" for column in NOTES])

        yield write_note
