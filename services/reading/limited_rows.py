"""Applies the same limits to every sheet: rows, columns, lengths, and a thousand empty rows as its end."""

from services.reading.table import LIMITS, Cell, CellKind, SheetRow, Unreadable

LAST_ROW = 1_048_576
MOST_CHARACTERS = 1 << 29
"""Of all cells of a sheet: one shared text may be in any number of them."""
BLANKS = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace() or letter < " ") + (
    "\u200b\u200c\u200d\u2060\ufeff"
)
HEADER_ROWS = 12
"""Titles and headers are not counted as rows."""


class RowLimits:
    """Counts the rows of one sheet as they are read."""

    def __init__(self) -> None:
        self.last = self._before = self._count = self._characters = 0
        self.ended = False
        """A thousand rows were empty: reading stops."""

    def ends_at(self, row_number: int) -> bool:
        """Whether the sheet has ended before this row.  Raises Unreadable."""
        if row_number > LAST_ROW:
            raise Unreadable(f"有编号超过 {LAST_ROW} 的行，请把内容复制到新的工作表后再导入。")
        if row_number <= self._before:
            raise Unreadable(f"第 {row_number} 行的编号重复或倒退，文件已损坏，请用 Excel 打开后另存为 .xlsx 再导入。")
        self._before = row_number
        self.ended = self.ended or row_number - self.last > LIMITS.empty_rows
        return self.ended

    def admits(self, row: SheetRow) -> bool:
        """Whether the row is not empty.  Raises Unreadable."""
        if all(_is_blank(cell) for cell in row.cells):
            return False
        self.last = row.number
        self._count += 1
        check_row_count(self._count)
        self._characters += sum(len(cell.text) for cell in row.cells)
        if self._characters > MOST_CHARACTERS:
            raise Unreadable(f"展开后过大（到第 {row.number} 行为止），请另存为 CSV 或拆分后导入。")
        return True


def check_row_count(count: int) -> None:
    """Raises Unreadable above the limit of rows, headers counted apart."""
    if count > LIMITS.rows + HEADER_ROWS:
        raise Unreadable(f"超过 {LIMITS.rows} 行，请拆分后导入。")


def _is_blank(cell: Cell) -> bool:
    return cell.kind is CellKind.EMPTY or (cell.kind is CellKind.TEXT and is_blank(cell.text))


def is_blank(text: str) -> bool:
    """Whether it has only blanks, zero-width and control characters."""
    return not text.strip(BLANKS)


def check_column(row: int, column: int) -> None:
    """Raises Unreadable above the limit of columns (from 1)."""
    if column > LIMITS.columns:
        raise Unreadable(f"第 {row} 行写到了第 {column} 列，最多 {LIMITS.columns} 列，请删去多余的列后再导入。")


def check_length(row: int, length: int) -> None:
    """Raises Unreadable above the limit of characters in a cell."""
    if length > LIMITS.cell:
        raise Unreadable(f"第 {row} 行有单元格长达 {length} 字，最多 {LIMITS.cell} 字，请删减后再导入。")
