"""What a file holds once its format does not matter any more: sheets of rows of cells, each as a person sees it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class Unreadable(ValueError):
    """The file cannot be taken; the message is one true sentence for whoever made it, with the way out.  Codes:
    unreadable, column_twice, no_kind (no header of any kind), several_kinds."""

    def __init__(self, sentence: str, code: str = "unreadable") -> None:
        super().__init__(sentence)
        self.code = code


class CellKind(StrEnum):
    """What stands in a cell."""

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
    """One cell: `text` is what a reader of the file sees: the text itself with its line breaks and blanks, the number
    as shown where its format is digits only ('00712') and otherwise in digits, TRUE or FALSE, a day as YYYY-MM-DD, an
    instant as YYYY-MM-DDTHH:MM:SS[.fff], a fault as #N/A or =FORMULA, a picture's id."""

    text: str
    kind: CellKind
    number: str = ""
    """NUMBER: the exact decimal in digits, without exponent: '712', '202000000012345700', '1.5'."""
    formats_digits_only: bool = False
    """NUMBER: whether its format shows digits only (0, 00000), so that `text` is an id as seen."""
    format_known: bool = True
    """NUMBER: False where the file's format was not told: leading zeros may have been shown."""


EMPTY = Cell("", CellKind.EMPTY)


class MergedRange(NamedTuple):
    """Rows and columns from 1, the last ones included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


class SheetRow(NamedTuple):
    """A row that has something in a cell of its own; its number is the file's (text: the line on which it begins).
    Merged cells are filled: the value stands in every cell that the range covers in rows that are there."""

    number: int
    hidden: bool
    cells: list[Cell]


class Sheet(Protocol):
    """A table of a file, opened row by row."""

    name: str
    """Empty in a text file."""
    hidden: bool
    merged: list[MergedRange]
    """Complete once `rows` has ended, in the file's order."""
    ends_early: int
    """The row after which a thousand rows were empty and nothing more was read; 0: all was read."""

    def rows(self) -> Iterator[SheetRow]:
        """From the first to the last, each once.  Unreadable."""


@dataclass(frozen=True)
class Limits:
    """What one file may hold (docs/reading.md)."""

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
