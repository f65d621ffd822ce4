"""Extracts the rows of one table from a sheet: those below its header; what is left out becomes notes."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from services.reading.catalogue import TableKind
from services.reading.headers import FIRST_ROWS, OUR_COLUMNS, RESULTS, Findings, Header, find_header, labelled
from services.reading.limited_rows import is_blank
from services.reading.rows_without_data import SAME, LeftOut
from services.reading.table import EMPTY, Cell, MergedRange, Sheet, SheetRow, Unreadable

MOST_LINES_NAMED = 10


class Note(NamedTuple):
    """What was left out or changed; line and column are empty (0) if it is about the whole sheet."""

    sheet: str
    line: int
    column: str
    code: str
    text: str


class TableRow(NamedTuple):
    """A row of a table: its cells in the order of the kind's columns."""

    line: int
    cells: list[Cell]


class Table:
    """A sheet that is a table of one kind."""

    def __init__(self, sheet: Sheet, header: Header, rows: Iterator[SheetRow], first: list[SheetRow]) -> None:
        self.sheet, self.kind, self.header = sheet, header.kind, header
        self._rows = rows
        self._first = first
        self._places = [header.places.get(column.name) for column in header.kind.columns]
        unread = [at for at, cell in enumerate(self._header_cells()) if cell.text.strip() in OUR_COLUMNS]
        self._named = {*header.places.values(), *header.unknown, *header.unread_names, *unread}
        self._hidden: list[int] = []
        self._above: list[Cell] = []
        self._hidden_count = self._nameless = 0
        self.notes: list[Note] = []
        """Grows as rows are read; `rows` adds at the end what is only known then."""

    @property
    def our_column(self) -> int:
        """The column number (from 1) of a 结果 column from a returned workbook; 0: none."""
        header = self._header_cells()
        return next((at for at, cell in enumerate(header, 1) if cell.text.strip() in RESULTS), 0)

    def _header_cells(self) -> list[Cell]:
        return next((row.cells for row in self._first if row.number == self.header.line), [])

    def rows(self) -> Iterator[TableRow]:
        """The rows below the header, except those left out.  Raises Unreadable."""
        self._note_header()
        caption: TableRow | None = None
        rows = chain(self._first, self._rows)
        left_out = LeftOut(self.header, self._header_cells(), self.sheet.merged)
        for row in rows:
            if row.number <= self.header.last_line:
                continue
            if heading := left_out.other_header(row):
                self._note_other_table(row.number, heading, caption)
                caption = None
                deque(rows, maxlen=0)  # some formats have a single stream for all sheets
                break
            if reason := left_out.reason(row):
                self._note(row.number, "", "row_left_out", reason)
                continue
            if self._is_none(row):
                continue
            if caption:
                yield caption
            caption = None
            table_row = self._table_row(row)
            if left_out.may_be_caption(row):
                caption = table_row  # of another table, if a header follows
            else:
                yield table_row
        if caption:
            yield caption
        self._note_end()

    def _table_row(self, row: SheetRow) -> TableRow:
        if row.hidden:
            self._hidden_count += 1
            self._hidden += [row.number] if self._hidden_count <= MOST_LINES_NAMED else []
        self._note_nameless(row)
        cells = [row.cells[at] if at is not None and at < len(row.cells) else EMPTY for at in self._places]
        for at, cell in enumerate(cells[1:], 1):  # the cell that identifies the row is not inherited
            if cell.text in SAME and self._above and not is_blank(self._above[at].text):
                column = self.kind.columns[at].name
                cells[at] = self._above[at]
                self._note(row.number, column, "same_as_above", f"{labelled(self.kind, column)}：“{cell.text}”"
                           f"读作上一行的“{cells[at].text[:40]}”。")  # fmt: skip
        self._above = cells
        return TableRow(row.number, cells)

    def _note_other_table(self, line: int, heading: str, caption: TableRow | None) -> None:
        if caption:
            text = next(cell.text for cell in (*caption.cells, EMPTY) if cell.text or cell is EMPTY)
            self._note(
                caption.line, "", "row_left_out", f"第 {caption.line} 行（“{text[:20]}”）是另一张表的标题，没有读取。"
            )
        self._note(line, "", "rows_end", f"第 {line} 行起是另一张表（有列名“{heading}”），其后没有读取；"
                   "需要导入的，请放到单独的工作表或文件里。")  # fmt: skip

    def _is_none(self, row: SheetRow) -> bool:
        """Whether all columns of the kind are blank: an empty row, or remarks beside the table."""
        return all(at is None or at >= len(row.cells) or is_blank(row.cells[at].text) for at in self._places)

    def _note(self, line: int, column: str, code: str, text: str) -> None:
        self.notes.append(Note(self.sheet.name, line, column, code, text))

    def _note_header(self) -> None:
        for text in self.header.unknown.values():
            self._note(self.header.line, text[:80], "column_ignored", f"不认识的列“{text[:80]}”，没有读取。")
        for text in self.header.unread_names.values():
            shown = text[:80]
            self._note(self.header.line, shown, "column_ignored", f"已按单位编号一列读取，“{shown}”一列没有读取。")
        if self.header.repeated:
            self._note(
                self.header.last_line, "", "row_left_out", f"第 {self.header.last_line} 行是第二行表头，不作为数据。"
            )

    def _note_nameless(self, row: SheetRow) -> None:
        """A column without a heading is left out too, and reported once."""
        if len(row.cells) <= len(self._named):
            return
        for at, cell in enumerate(row.cells):
            if at not in self._named and not is_blank(cell.text) and at + 1 != self.our_column:
                self._named.add(at)
                self._nameless += 1
                if self._nameless > MOST_LINES_NAMED:
                    continue
                shown = cell.text[:20]
                self._note(row.number, "", "column_ignored", f"第 {at + 1} 列没有列名（如“{shown}”），没有读取。")

    def _note_end(self) -> None:
        if self._hidden_count:
            lines = "、".join(map(str, self._hidden)) + ("等" if self._hidden_count > len(self._hidden) else "")
            self._note(0, "", "hidden_rows", f"{self._hidden_count} 个隐藏或被筛选的行（第 {lines} 行）也已读取。")
        if self._nameless > MOST_LINES_NAMED:
            self._note(0, "", "column_ignored", f"共有 {self._nameless} 列没有列名，都没有读取。")
        if self.sheet.ends_early:
            line = self.sheet.ends_early
            self._note(line, "", "rows_end", f"第 {line} 行之后有一千个空行，其后没有读取。")
        for place in self.sheet.merged:
            if place.last_row > self.header.last_line:
                self._note_merged(place)

    def _note_merged(self, place: MergedRange) -> None:
        columns = [name for name, at in self.header.places.items()
                   if place.first_column <= at + 1 <= place.last_column]  # fmt: skip
        if columns:
            rows = f"第 {place.first_row} 行" if place.first_row == place.last_row else (
                f"第 {place.first_row}–{place.last_row} 行")  # fmt: skip
            names = "、".join(labelled(self.kind, name) for name in columns)
            self._note(place.first_row, columns[0], "merged", f"{rows} {names} 是合并单元格，其值用于所覆盖的每一格。")


def find_table(sheet: Sheet, kinds: Sequence[TableKind], preferred: str = "") -> Table | Findings:
    """The table of a sheet, or what was found in its first rows instead of a header.  `preferred`: the kind in the
    file's name, which wins if several fit.  Raises Unreadable: several kinds, a column twice."""
    rows = sheet.rows()
    first = list(islice(rows, FIRST_ROWS + 1))
    findings = find_header(first, kinds, sheet.merged)
    headers = [header for header in findings.headers if header.kind.name == preferred] or findings.headers
    if not headers:
        return findings
    where = f"工作表“{sheet.name}”" if sheet.name else "文件"
    if len(headers) > 1:
        names = "、".join(f"{header.kind.label}（{header.kind.name}）" for header in headers)
        raise Unreadable(f"{where}的表头同时符合几种表：{names}，请在导入时指明是哪一种。", "several_kinds")
    header = headers[0]
    if header.twice:
        names = "、".join(labelled(header.kind, name) for name in header.twice)
        raise Unreadable(
            f"{where}的表头里有重复的列：{names}，请删去或改名后再导入；左右并排的两张表，请分成两张工作表。",
            "column_twice",
        )
    return Table(sheet, header, rows, first)
