"""Finds the header of a table, and thereby its kind: English names, Chinese labels, or both, in one row or two."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from services.reading.catalogue import Column, ColumnType, TableKind
from services.reading.limited_rows import is_blank
from services.reading.table import EMPTY, LIMITS, MergedRange, SheetRow

FIRST_ROWS = 10
RESULT = "结果"
"""The column that a returned workbook has after the last one; ignored."""
SHOWN_ONLY = ("填报人", "填报事项", "截止日")
"""Columns of our templates that explain a row; ignored."""
RESULTS = (RESULT, "未接收原因")
OUR_COLUMNS = frozenset((*RESULTS, *SHOWN_ONLY))
_BLANKS = re.compile(r"[\s\u200b-\u200d\u2060\ufeff\x00-\x1f]+")
_REMARK = re.compile(r"[(\[【〔<《].*?[)\]】〕>》]")
_OF_IDS = re.compile("编号|代码|编码|(?i:id)")
_SPAN = re.compile("起止|时间|日期|年月|期限|期间|区间|情况|信息")
_OF_SERVICE = frozenset(("", "任", "任期", "在职", "在岗", "聘任", "服务", "任教", "工作"))
_FIRST = ("起", "自", "从", "起始", "开始", "起始日期", "开始时间", "起始时间", "起日期")
_LAST = ("止", "至", "到", "迄", "终止", "结束", "截止", "结束时间", "终止时间", "终止日期", "止日期")
_ENDS = {**dict.fromkeys(_FIRST, "起"), **dict.fromkeys(_LAST, "止")}
"""Sub-headings of 任职时间 over two columns."""
_PARTS = re.compile(r"[\s/|:;,、*]+")


@dataclass(frozen=True)
class Header:
    """The line of the header, and its columns."""

    kind: TableKind
    line: int
    last_line: int
    """Of the second row if the header has two; else `line`."""
    places: dict[str, int]
    """Name of a column -> index from 0."""
    unknown: dict[int, str]
    """Index -> the unknown heading."""
    twice: tuple[str, ...]
    """Names of columns that occur twice."""
    repeated: bool = False
    """Whether the second row only repeats the first."""
    unread_names: dict[int, str] = field(default_factory=dict)
    """Index -> heading of a column with names of units beside the one with their ids, which is read."""


@dataclass(frozen=True)
class Findings:
    """The result for the first rows of a sheet: one header for each kind that fits; without any, the missing columns of
    the nearest kinds."""

    headers: list[Header]
    missing: list[tuple[TableKind, list[str]]]
    is_empty: bool = False


class KnownNames:
    """The accepted headings of one kind's columns."""

    def __init__(self, kind: TableKind) -> None:
        self.kind = kind
        self._names: dict[str, str] = {}
        self._asked: dict[str, str] = {}
        for column in kind.columns:
            for name in (column.name, *column.labels):
                self._names.setdefault(_plain(name), column.name)
        for column in kind.columns:  # both in one cell without a separator
            for label in column.labels:
                self._names.setdefault(_plain(label + column.name), column.name)
                self._names.setdefault(_plain(column.name + label), column.name)
        self._units = {column.name for column in kind.columns if column.type is ColumnType.UNIT}
        self.required = [column.name for column in kind.columns if column.required]

    def column(self, text: str) -> str:
        """The column for a heading; empty for none."""
        if text not in self._asked:
            self._asked[text] = self._column(text)
        return self._asked[text]

    def _column(self, text: str) -> str:
        if is_blank(text) or len(text) > 200:
            return ""
        if name := self._names.get(_plain(text)):
            return name
        narrow = unicodedata.normalize("NFKC", text)
        bare = _REMARK.sub(" ", narrow)
        if name := self._names.get(_plain(bare)) or self._all_parts(bare):
            return name
        first, *more = narrow.strip().splitlines()
        if more and (name := self._names.get(_plain(first))) and not self._any_part(" ".join(more)):
            return name  # below it in the same cell is an explanation
        return "" if not is_blank(bare) and self._any_part(bare) else self._all_parts(narrow.translate(_BRACKETS), True)

    def under(self, group: str, text: str) -> str:
        """The column for a sub-heading: 起 and 止 under 任职时间; empty for none."""
        end = _ENDS.get(_plain(text), "") if group else ""
        if not end or self._names.get(_plain(text)):
            return ""
        stem = _SPAN.sub("", _plain(_REMARK.sub("", unicodedata.normalize("NFKC", group))))
        return self._names.get(("任职" if stem in _OF_SERVICE else stem) + end, "")

    def names_near_ids(self, column: str, headings: tuple[str, str]) -> int | None:
        """Of two headings for one column of units the index of the one with names, if the other has ids."""
        of_ids = [bool(_OF_IDS.search(heading)) for heading in headings]
        return of_ids.index(False) if column in self._units and sum(of_ids) == 1 else None

    def _all_parts(self, text: str, some: bool = False) -> str:
        columns = [self._names.get(_plain(part), "") for part in _PARTS.split(text) if not is_blank(part)]
        names = set(columns) - {""} if some else set(columns)
        return names.pop() if len(names) == 1 else ""

    def _any_part(self, text: str) -> bool:
        return any(_plain(part) in self._names for part in _PARTS.split(text) if not is_blank(part))


_BRACKETS = str.maketrans(dict.fromkeys("()[]【】〔〕<>《》", " "))


def _plain(text: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).strip("*:").lower()


def find_header(rows: Sequence[SheetRow], kinds: Sequence[TableKind], merged: Iterable[MergedRange] = ()) -> Findings:
    """In the first rows of a sheet: the first row with at least two columns and all required ones of a kind; otherwise
    two rows that have them together."""
    rows = _without_covered(rows[: FIRST_ROWS + 1], merged)
    known = [KnownNames(kind) for kind in kinds]
    missing: dict[str, tuple[TableKind, list[str]]] = {}
    for at, row in enumerate(rows[:FIRST_ROWS]):
        before = rows[at - 1] if at else None
        headers = [header for names in known if (header := _header(names, row, None, missing, before))]
        after = rows[at + 1] if at + 1 < len(rows) else None
        if not headers and after and not any(_header(names, after, None, {}) for names in known):
            headers = [header for names in known if (header := _header(names, row, after, {}))]
        elif headers and after:
            headers = [_with_second_row(header, row, after) for header in headers]
        if headers:
            return Findings(headers, [])
    return Findings([], list(missing.values()), not rows)


def _without_covered(rows: Sequence[SheetRow], merged: Iterable[MergedRange]) -> list[SheetRow]:
    """A heading merged over several columns belongs to the first only."""
    last = rows[-1].number if rows else 0
    covered = {
        (number, column)
        for place in merged
        if place.first_row <= last and place.last_column > place.first_column
        for number in range(place.first_row, min(place.last_row, last) + 1)
        for column in range(place.first_column + 1, min(place.last_column, LIMITS.columns) + 1)
    }
    return [
        SheetRow(row.number, row.hidden, [
            EMPTY if (row.number, column) in covered else cell for column, cell in enumerate(row.cells, 1)])
        for row in rows
    ]  # fmt: skip


def _texts(row: SheetRow, after: SheetRow | None) -> Iterator[tuple[int, list[str]]]:
    for at in range(max(len(row.cells), len(after.cells) if after else 0)):
        lines = [_text(line, at) for line in (after, row) if line]
        yield at, [text for text in lines if not is_blank(text)]


def _text(row: SheetRow, at: int) -> str:
    return row.cells[at].text if at < len(row.cells) else ""


def _groups(above: SheetRow | None, row: SheetRow | None) -> dict[int, str]:
    """For each index the heading above it that spans several columns: in its own cell, or to the left with only blanks
    between."""
    groups: dict[int, str] = {}
    if above is None or row is None:
        return groups
    for at in range(len(row.cells)):
        if is_blank(_text(row, at)):
            continue
        text = _text(above, at)
        groups[at] = text if not is_blank(text) else groups.get(at - 1, "")
    return groups


def _header(
    names: KnownNames, row: SheetRow, after: SheetRow | None, missing: dict[str, tuple[TableKind, list[str]]],
    before: SheetRow | None = None,
) -> Header | None:  # fmt: skip
    columns = _Columns(names)
    groups = _groups(row, after) if after else _groups(before, row)
    for at, texts in _texts(row, after):
        columns.add(at, texts, groups.get(at, ""))
    places = columns.places
    lacking = [name for name in names.required if name not in places]
    if lacking or len(places) < 2:
        if len(places) >= 2 and len(lacking) < len(missing.get(names.kind.name, (0, names.required))[1]):
            missing[names.kind.name] = (names.kind, lacking)
        return None
    last_line = after.number if after else row.number
    twice = tuple(columns.twice)
    return Header(names.kind, row.number, last_line, places, columns.unknown, twice, unread_names=columns.unread_names)


class _Columns:
    """The columns of a header, from its cells in order."""

    def __init__(self, names: KnownNames) -> None:
        self._names = names
        self._headings: dict[str, str] = {}
        self.places: dict[str, int] = {}
        self.unknown: dict[int, str] = {}
        self.twice: list[str] = []
        self.unread_names: dict[int, str] = {}

    def add(self, at: int, texts: Sequence[str], group: str) -> None:
        column = self._names.under(group, texts[0]) if texts else ""
        column = column or next((name for text in texts if (name := self._names.column(text))), "")
        if column and column in self.places:
            self._add_again(column, at, " ".join(texts))
        elif column:
            self.places[column], self._headings[column] = at, " ".join(texts)
        elif texts and _plain(texts[0]) not in OUR_COLUMNS:
            self.unknown[at] = texts[0]

    def _add_again(self, column: str, at: int, heading: str) -> None:
        pair = (self._headings[column], heading)
        of_names = self._names.names_near_ids(column, pair)
        if of_names is None:
            self.twice.append(column)
            return
        self.unread_names[(self.places[column], at)[of_names]] = pair[of_names]
        if of_names == 0:
            self.places[column], self._headings[column] = at, heading


def _with_second_row(header: Header, row: SheetRow, after: SheetRow) -> Header:
    """A second row of names below the first belongs to the header, not to the data."""
    names, groups = KnownNames(header.kind), _groups(row, after)
    columns = {at: column for at, cell in enumerate(after.cells)
               if (column := names.under(groups.get(at, ""), cell.text) or names.column(cell.text))}  # fmt: skip
    stated = [cell for cell in after.cells if not is_blank(cell.text)]
    if len(columns) < 2 or len(columns) * 2 < len(stated):
        return header
    places, unknown = dict(header.places), dict(header.unknown)
    for at, column in columns.items():
        if places.get(column) != at and column not in header.places:
            places[column] = at
            unknown.pop(at, None)
    repeated = places == header.places
    return replace(header, last_line=after.number, repeated=repeated, places=places, unknown=unknown)


def labelled(kind: TableKind, name: str) -> str:
    """A column as people know it: person_id（人员编号）."""
    column: Column | None = next((item for item in kind.columns if item.name == name), None)
    return f"{name}（{column.labels[0]}）" if column and column.labels else name
