"""The result files of an import, byte for byte as scoring.md 8 and 9 say."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from os import getpid
from pathlib import Path
from typing import Any

from cli.doors import JsonObject

IMPORT = ("file", "rows", "accepted", "unchanged", "refused")
REFUSED = ("file", "line", "column", "code")
Row = Callable[[Sequence[Any]], object]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` that takes its place when all went well; a reader never sees half a file."""
    draft = path.with_name(f".{path.name}.{getpid()}.part")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def csv_file(path: Path, header: Sequence[str]) -> Iterator[Row]:
    """The row writer of a CSV file with this header: UTF-8 without BOM, `\\n`, minimal quoting."""
    with replacing(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        writer.writerow(header)
        yield writer.writerow


def write_import(path: Path, rows: list[JsonObject]) -> None:
    """import.csv: one line a file, in the order in which they were taken."""
    with csv_file(path, IMPORT) as write:
        for row in rows:
            write([row[column] for column in IMPORT])


@contextmanager
def refused_writer(path: Path) -> Iterator[Callable[[JsonObject], None]]:
    """A taker of refused rows, which come in file and line order, for refused.csv."""
    with csv_file(path, REFUSED) as write:

        def take(entry: JsonObject) -> None:
            write([entry[column] for column in REFUSED])

        yield take
