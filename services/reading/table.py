"""The content of a file independent of its format: sheets of rows of cells, each as a person sees it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class Unreadable(ValueError):
    """The file cannot be read; the message is one sentence for its author, with the remedy.  Codes: unreadable,
    column_twice, no_kind (no header of any kind), several_kinds."""

    def __init__(self, sentence: str, code: str = "unreadable") -> None:
        super().__init__(sentence)
        self.code = code


class CellKind(StrEnum):
    """The kind of a cell's content."""

    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    FAULT = "fault"
    """A formula without a stored value, or an error value."""
    PICTURE = "picture"
    """A picture inside a cell (DISPIMG)."""


class Cell(NamedTuple):
    """One cell: `text` is what a reader of the file sees: a text with its line breaks and blanks, a number as displayed
    if its format has digits only ('00712') and otherwise in digits, TRUE or FALSE, a day as YYYY-MM-DD, an instant as
    YYYY-MM-DDTHH:MM:SS[.fff], a fault as #N/A or =FORMULA, a picture's id."""

    text: str
    kind: CellKind
    number: str = ""
    """NUMBER: the exact decimal without exponent: '712', '202000000012345700', '1.5'."""
    formats_digits_only: bool = False
    """NUMBER: whether its format has digits only (0, 00000), so that `text` is the id as displayed."""
    format_known: bool = True
    """NUMBER: False if the file does not state the format: leading zeros may have been displayed."""


EMPTY = Cell("", CellKind.EMPTY)


class MergedRange(NamedTuple):
    """Rows and columns from 1, inclusive."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


class SheetRow(NamedTuple):
    """A row with at least one cell of its own; `number` is its line in the file (in text files the first).  Merged
    cells are filled in rows that exist."""

    number: int
    hidden: bool
    cells: list[Cell]


class Sheet(Protocol):
    """A table of a file, read row by row."""

    name: str
    """Empty in a text file."""
    hidden: bool
    merged: list[MergedRange]
    """Complete after `rows` has ended, in the file's order."""
    ends_early: int
    """The row after which a thousand rows were empty and reading stopped; 0: everything was read."""

    def rows(self) -> Iterator[SheetRow]:
        """All rows in order, once.  Raises Unreadable."""


@dataclass(frozen=True)
class Limits:
    """The limits of one file (docs/reading.md)."""

    bytes: int = 200 << 20
    rows: int = 1_000_000
    columns: int = 2_000
    unpacked: int = 512 << 20
    unpacked_ratio: int = 100
    empty_rows: int = 1_000
    cell: int = 32_767
    """Characters of a workbook's cell: Excel's own limit."""
    merged: int = 200_000


LIMITS = Limits()
