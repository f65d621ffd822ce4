"""Fills merged cells row by row with the content of their first cell."""

import re
from collections.abc import Iterable, Iterator

from services.reading.table import EMPTY, LIMITS, Cell, CellKind, MergedRange, SheetRow, Unreadable

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
MOST_FILLED = 256
"""Columns: wider ranges are decoration, or an attack."""


def column_number(letters: str) -> int:
    """A is 1, XFD is 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def merged_range(reference: str) -> MergedRange | None:
    """The range of A1:B2; None if malformed."""
    corners = [_REFERENCE.fullmatch(part) for part in reference.upper().split(":")]
    if len(corners) != 2 or not corners[0] or not corners[1]:
        return None
    (left, top), (right, bottom) = corners[0].groups(), corners[1].groups()
    return MergedRange(int(top), column_number(left), int(bottom), column_number(right))


def check_merged(merged: list[MergedRange]) -> None:
    """Raises Unreadable if a sheet has more merged ranges than the limit."""
    if len(merged) > LIMITS.merged:
        raise Unreadable(f"合并单元格超过 {LIMITS.merged} 处，请取消合并后再导入。")


class Filler:
    """Fills rows in order."""

    def __init__(self) -> None:
        self._active: list[tuple[MergedRange, Cell]] = []

    def add(self, place: MergedRange, cell: Cell) -> None:
        """A range that begins in the next row, with its first cell."""
        if cell.kind is not CellKind.EMPTY and place.first_column <= MOST_FILLED:
            self._active.append((place, cell))

    def fill(self, row: SheetRow) -> SheetRow:
        """The row with the first cell's content in each cell of a merged range."""
        if self._active:
            self._active = [item for item in self._active if item[0].last_row >= row.number]
            _check_overlap(self._active)
            for place, cell in self._active:
                _fill(row, place, cell)
        return row


def fill_merged(rows: Iterable[SheetRow], merged: list[MergedRange]) -> Iterator[SheetRow]:
    """The rows with merged cells filled, in order; rows without cells of their own are not added."""
    waiting = sorted(merged, reverse=True)
    filler = Filler()
    for row in rows:
        while waiting and waiting[-1].first_row <= row.number:
            place = waiting.pop()
            if place.first_row == row.number and place.first_column <= len(row.cells):
                filler.add(place, row.cells[place.first_column - 1])
        yield filler.fill(row)


def _check_overlap(active: list[tuple[MergedRange, Cell]]) -> None:
    """Parallel ranges cannot cover more cells than a row has.  Raises Unreadable."""
    covered = sum(min(place.last_column, MOST_FILLED) - place.first_column + 1 for place, _ in active)
    if covered > MOST_FILLED * 2:
        raise Unreadable("合并单元格互相重叠，文件已损坏，请取消合并后另存为 .xlsx 再导入。")


def _fill(row: SheetRow, place: MergedRange, cell: Cell) -> None:
    last = min(place.last_column, MOST_FILLED)
    row.cells.extend([EMPTY] * (last - len(row.cells)))
    for at in range(place.first_column - 1, last):
        row.cells[at] = cell
