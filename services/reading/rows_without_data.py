"""Recognises rows of a sheet that are not data: sums, remarks, examples, captions, other tables."""

import re

from services.reading.catalogue import ColumnType
from services.reading.headers import Header
from services.reading.limited_rows import is_blank
from services.reading.table import Cell, CellKind, MergedRange, SheetRow

SUMS = ("合计", "总计", "小计", "说明")
SAME = frozenset(("同上", "〃", "″", "同上。", "--同上--"))
"""What people write for "as in the row above"."""
_WHO = "单位|部门|学校|主要|分管|填报|填表|制表|审核|复核|审批|经办|联系"
_REMARK = re.compile(
    r"(?:备\s*)?注\s*[:：]"
    rf"|(?:{_WHO})*(?:负责人|领导|人|电话|日期|时间|单位|说明|签字|签名|盖章)?\s*(?:[（(](?:签字|签名|盖章|公章)[)）])?\s*[:：]"
    r"|[（(]?(?:示例|样例|例|举例|填写说明|填表说明)\s*[）)]?\s*[:：]|[（(](?:示例|样例|例)[）)]"
    r"|共\s*[0-9]+\s*(?:条|人|名|行)|[（(—\-－\s]*以下空白"
)
"""“注：…”, signatures, examples, counts."""
_SUM_OF = re.compile(r".*(?:合计|总计|小计|汇总|共计|累计|计数|平均值?)(?:数|人数)?\s*(?:[（(]\w+[)）])?\s*[:：]?")
"""How spreadsheets (第一小学 汇总) and people label sums below groups and tables."""
_OF_SUMS = re.compile("[计汇均]")
_AMOUNT = re.compile(r"[-+]?[0-9][0-9,，]*(?:\.[0-9]+)?\s*(?:%|[人名个位项次条份篇分件])?")
_HOW_TO = re.compile(r"(?:必填|选填|非必填|可不填|自动生成|下拉选择|填写)")
_PLACE = re.compile(r"[（(]?([0-9]{1,2})[)）]?")
_PLACES = frozenset(("栏次", "甲", "乙", "丙", "丁", "戊"))
LEAST_PLACES = 3
"""The least columns that a row of column numbers below the header has."""
_FREE = frozenset((ColumnType.TITLE, ColumnType.TEXT, ColumnType.EVIDENCE))
_WATCHED = frozenset((ColumnType.ID, ColumnType.NAME, ColumnType.UNIT, ColumnType.DAY, ColumnType.INSTANT))
LONGEST_REMARK = 80
"""The most characters examined: a cell may have 32,767, all of them blanks."""
LEAST_CAPTION = 3
"""The least columns of a merged caption: these cannot all have the same value."""


class LeftOut:
    """For one table; `header_cells`: the cells of its header's row."""

    def __init__(self, header: Header, header_cells: list[Cell], merged: list[MergedRange]) -> None:
        self._header, self._header_cells, self._merged = header, header_cells, merged
        self._headings = {name: column.name for column in header.kind.columns for name in (column.name, *column.labels)}
        self._watched = [(at, column.name) for column in header.kind.columns
                         if (at := header.places.get(column.name)) is not None and column.type in _WATCHED]  # fmt: skip
        types = {at: column.type for column in header.kind.columns
                 if (at := header.places.get(column.name)) is not None}  # fmt: skip
        self._units = {at for at, column_type in types.items() if column_type is ColumnType.UNIT}
        self._free = {at for at, column_type in types.items() if column_type in _FREE}
        self._captions, self._known = set[int](), 0

    def reason(self, row: SheetRow) -> str:
        """Why the row is left out, one sentence; empty: it is data."""
        texts = [cell.text.strip() for cell in row.cells if not is_blank(cell.text)]
        text = texts[0] if texts else ""
        if "".join(text.split()).startswith(SUMS) or _REMARK.match(text[:LONGEST_REMARK]):
            return f"第 {row.number} 行以“{text[:20]}”开头，不是数据，没有读取。"
        if any(_OF_SUMS.search(item) for item in texts) and (named := self._sum_named(row)):
            return f"第 {row.number} 行（“{named[:20]}”）是汇总，不是数据，没有读取。"
        if row.number in self._caption_rows():
            return f"第 {row.number} 行是横跨各列的标题“{text[:20]}”，不是数据，没有读取。"
        if sum(bool(_HOW_TO.match(item)) for item in texts) >= 2:
            return f"第 {row.number} 行是填写说明（“{text[:20]}”），不是数据，没有读取。"
        if _numbers_columns(texts):
            return f"第 {row.number} 行是各列的序号，不是数据，没有读取。"
        return f"第 {row.number} 行与表头相同，没有读取。" if self._repeats_header(row) else ""

    def other_header(self, row: SheetRow) -> str:
        """The first heading if the row begins another table, with other columns; empty if it does not."""
        stated = sum(not is_blank(cell.text) for cell in row.cells) if row.cells else 0
        for at, name in self._watched:
            text = row.cells[at].text.strip() if at < len(row.cells) else ""
            if stated > 1 and self._headings.get(text, name) != name:
                return text
        return ""

    def may_be_caption(self, row: SheetRow) -> bool:
        """Whether the row has a single text, in a table of several columns."""
        stated = [cell for cell in row.cells if not is_blank(cell.text)]
        return len(stated) == 1 and stated[0].kind is CellKind.TEXT and len(self._header.places) >= LEAST_CAPTION

    def _sum_named(self, row: SheetRow) -> str:
        """The label of a row of sums: beside it are only figures and the unit they belong to.  Empty: none."""
        stated = [(at, cell) for at, cell in enumerate(row.cells) if not is_blank(cell.text)]
        names = [(at, cell.text.strip()) for at, cell in stated if at not in self._free and _is_sum(cell)]
        if not names:
            return ""
        others = [cell for at, cell in stated if at != names[0][0] and at not in self._units]
        return names[0][1] if all(_is_figure(cell) or cell.text.strip() == names[0][1] for cell in others) else ""

    def _caption_rows(self) -> set[int]:
        """Recomputed, since some formats report merged ranges row by row."""
        if len(self._merged) > self._known:
            self._captions |= {place.first_row for place in self._merged[self._known :] if self._covers_columns(place)}
            self._known = len(self._merged)
        return self._captions

    def _covers_columns(self, place: MergedRange) -> bool:
        covered = sum(place.first_column <= at + 1 <= place.last_column for at in self._header.places.values())
        is_row = place.first_row == place.last_row > self._header.last_line
        return is_row and covered >= LEAST_CAPTION

    def _repeats_header(self, row: SheetRow) -> bool:
        places, header = self._header.places.values(), self._header_cells
        same = [at for at in places if at < len(row.cells) and at < len(header)
                and row.cells[at].text and row.cells[at].text == header[at].text]  # fmt: skip
        return len(same) > 1 and len(same) == len([at for at in places if at < len(header)])


def _numbers_columns(texts: list[str]) -> bool:
    """（1）（2）（3）, or 甲 乙 1 2 3: official forms number columns below the headings."""
    count = 0
    for text in texts:
        if text not in _PLACES:
            count += 1
            match = _PLACE.fullmatch(text)
            if not match or int(match[1]) != count:
                return False
    return count >= LEAST_PLACES


def _is_sum(cell: Cell) -> bool:
    return cell.kind is CellKind.TEXT and bool(_SUM_OF.fullmatch(cell.text.strip()[:LONGEST_REMARK]))


def _is_figure(cell: Cell) -> bool:
    text = cell.text.strip()[:LONGEST_REMARK]
    return cell.kind in (CellKind.NUMBER, CellKind.FAULT) or bool(_AMOUNT.fullmatch(text))
