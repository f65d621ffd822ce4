"""Rows of an input file with the line numbers that scoring.md 1 gives them; for showing, never for deciding."""

import codecs
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

Line = tuple[int, list[str]]
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # an unclosed quote makes one cell of the rest of the file


def read_lines(path: Path) -> Iterator[Line]:
    """(line, cells) of every row that is not blank; the header is line 1."""
    return _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)


def _csv(path: Path) -> Iterator[Line]:
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        reader = csv.reader(file)
        first = 1
        for cells in reader:
            if cells:
                yield first, cells
            first = reader.line_num + 1


def _encoding(path: Path) -> str:
    """UTF-8 when it decodes as such, else GB18030 when that does; else UTF-8 with marks in place of bad bytes."""
    for name in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(name)()
        with path.open("rb") as file:
            try:
                while chunk := file.read(1 << 20):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
        return name
    return "utf-8-sig"


def _xlsx(path: Path) -> Iterator[Line]:
    from openpyxl import load_workbook  # slow to load, and most files are CSV

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            cells = ["" if value is None else str(value) for value in row]
            if any(cells):
                yield number, cells
    finally:
        book.close()
