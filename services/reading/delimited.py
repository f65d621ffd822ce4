"""Reads text files: one row per line, cells separated by comma, tab or semicolon, quoted as in CSV."""

import contextlib
import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from services.reading.encodings import encoding_of
from services.reading.limited_rows import check_column, is_blank
from services.reading.table import EMPTY, LIMITS, Cell, CellKind, MergedRange, SheetRow, Unreadable

DELIMITERS = ",\t;"
_MARK = "\ufeff"
LONGEST_CELL = 1 << 20
"""The most characters of a cell; more are an unclosed quote."""
FIRST_LINES = 10
LEAST_SIGNS = 3
LONGEST_HEADER = 1 << 18
SHORTEST_ROW = 4
"""Bytes per row: a file with fewer cannot exceed the limit of rows, so its rows are not counted beforehand."""
_TOO_MANY = f"超过 {LIMITS.rows} 行，请拆分后导入。"
_SEPARATOR_LINE = re.compile(r'"?sep=(\t|[^\w\s"])"?[\r\n]*', re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


@dataclass
class TextSheet:
    """The table of a text file."""

    source: Path
    name: str = ""
    hidden: bool = False
    merged: list[MergedRange] = field(default_factory=list)
    ends_early: int = 0

    def rows(self) -> Iterator[SheetRow]:
        """The rows in order, decoded and split.  Raises Unreadable."""
        csv.field_size_limit(LONGEST_CELL)
        encoding, errors = encoding_of(self.source)
        with self.source.open(encoding=encoding, errors=errors, newline="") as text:
            delimiter, skipped = _delimiter(text)
            start = text.tell()
            if self.source.stat().st_size > SHORTEST_ROW * LIMITS.rows:
                _check_rows(csv.reader(_short_lines(text, skipped), delimiter=delimiter, strict=True))
                text.seek(start)
            kept = _KeptLines(text, skipped)
            yield from self._parse_rows(kept, delimiter)

    def _parse_rows(self, kept: "_KeptLines", delimiter: str) -> Iterator[SheetRow]:
        reader = csv.reader(kept, delimiter=delimiter, strict=True)
        count, empty = 0, 0
        while True:
            kept.begin_row()
            try:
                texts = next(reader, None)
            except csv.Error as error:
                raise Unreadable(_sentence(kept, delimiter, error)) from None
            if texts is None:
                return
            if all(is_blank(text) for text in texts):
                empty += 1
                if empty >= LIMITS.empty_rows:
                    self.ends_early = kept.first_line - empty
                    return
                continue
            count, empty = count + 1, 0
            check_column(kept.first_line, len(texts))
            if count > LIMITS.rows + FIRST_LINES:
                raise Unreadable(_TOO_MANY)
            yield SheetRow(kept.first_line, False, [Cell(text, CellKind.TEXT) if text else EMPTY for text in texts])


def _check_rows(rows: Iterator[list[str]]) -> None:
    """Count the rows first: normalising takes twenty times as long.  Raises Unreadable."""
    count = empty = 0
    with contextlib.suppress(csv.Error):  # reported with its line when the rows before it are read
        for texts in rows:
            text = "".join(texts)
            if not text or text.isspace():
                empty += 1
                if empty >= LIMITS.empty_rows:
                    return
                continue
            count, empty = count + 1, 0
            if count > LIMITS.rows + FIRST_LINES:
                raise Unreadable(_TOO_MANY)


def _short_lines(text: IO[str], number: int) -> Iterator[str]:
    kept = _KeptLines(text, number)
    for line in kept:
        yield line
        kept.begin_row()


class _KeptLines:
    """Numbers the lines and keeps those of the current row, for the message about its quotes."""

    def __init__(self, text: IO[str], number: int) -> None:
        self._text, self._number = text, number
        self.first_line = number + 1
        self.lines: list[str] = []

    def begin_row(self) -> None:
        """The next line is the first of a row."""
        self.first_line = self._number + 1
        self.lines = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_CELL)
        if not line:
            raise StopIteration
        self._number += 1
        line = line.lstrip(_MARK) if self._number == 1 else line
        if len(line) == LONGEST_CELL and not line.endswith(("\n", "\r")):
            raise Unreadable(f"第 {self._number} 行超过 {LONGEST_CELL} 字，不像是表格，请检查换行后再导入。")
        self.lines.append(line)
        return line


def _delimiter(text: IO[str]) -> tuple[str, int]:
    """(delimiter, number of lines before the table); `text` is positioned after those lines."""
    first = text.readline(LONGEST_HEADER)
    if separator := _SEPARATOR_LINE.fullmatch(first.lstrip(_MARK)):
        return separator[1], 1
    further = itertools.islice(iter(lambda: text.readline(LONGEST_HEADER), ""), FIRST_LINES)
    lines = [_QUOTED.sub("", line) for line in itertools.chain([first], further)]
    text.seek(0)
    delimiter = max(DELIMITERS, key=lambda sign: _use(lines, sign))  # a title may contain other signs than the table
    for sign in "|，；":
        if sum(line.count(sign) >= LEAST_SIGNS for line in lines) > _use(lines, delimiter)[0]:
            raise Unreadable(f"各列之间用的是“{sign}”，请改用英文逗号或制表符，或另存为 .xlsx 后再导入。")
    return delimiter, 0


def _use(lines: Sequence[str], sign: str) -> tuple[int, int]:
    """(number of lines that contain it, number of occurrences)"""
    return sum(sign in line for line in lines), sum(line.count(sign) for line in lines)


def _sentence(kept: _KeptLines, delimiter: str, error: csv.Error) -> str:
    line, closed = _last_quote(kept, delimiter)
    if closed:
        return f"第 {line} 行有一格的引号之后还有内容（引号未成对），请在该行补上或删去引号后再导入。"
    if "limit" in str(error) or "end of data" in str(error):
        return f"第 {line} 行开始的引号没有结束，请在该行补上或删去引号后再导入。"
    return f"第 {line} 行无法读取（引号或换行有误），请检查该行后再导入。"


def _last_quote(kept: _KeptLines, delimiter: str) -> tuple[int, bool]:
    """(line on which the last quoted cell of the row began, whether it was closed on that line)."""
    line, inside, at_start, began = kept.first_line, False, True, kept.first_line
    closed = False
    for number, content in enumerate(kept.lines, kept.first_line):
        pairs = io.StringIO(content.replace('""', "\0\0") if inside else content)
        while letter := pairs.read(1):
            if inside and letter == '"':
                inside, closed = False, number == began
            elif not inside and at_start and letter == '"':
                inside, began, closed = True, number, False
            at_start = not inside and letter in (delimiter, "\n", "\r")
        line = began
    return line, closed and not inside
