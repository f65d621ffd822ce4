"""Finds the header of a table and with it the table's kind: English names, Chinese labels, both, in one row or two."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from services.reading.catalogue import Column, ColumnType, TableKind
from services.reading.limited_rows import is_blank
from services.reading.table import EMPTY, LIMITS, MergedRange, SheetRow

FIRST_ROWS = 10
RESULT = "结果"
"""The column that the workbook given back has behind the last one: never read."""
SHOWN_ONLY = ("填报人", "填报事项", "截止日")
"""Columns of our templates that say what a row is for: never read."""
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
"""What stands under 任职时间, over two columns."""
_PARTS = re.compile(r"[\s/|:;,、*]+")


@dataclass(frozen=True)
class Header:
    """Where the table begins and what its columns are."""

    kind: TableKind
    line: int
    last_line: int
    """The second row's, where the header has two; else `line`."""
    places: dict[str, int]
    """Column's name: place from 0."""
    unknown: dict[int, str]
    """Place: what stands there."""
    twice: tuple[str, ...]
    """Names of columns that stand there twice."""
    repeated: bool = False
    """Whether the second row only says again what the first says."""
    unread_names: dict[int, str] = field(default_factory=dict)
    """Place: heading of a column of names of units beside that of their ids, which is read."""


@dataclass(frozen=True)
class Findings:
    """What the first rows of a sheet are: one header for each kind that fits; without any, the nearest kinds' missing
    columns."""

    headers: list[Header]
    missing: list[tuple[TableKind, list[str]]]
    is_empty: bool = False


class KnownNames:
    """What the columns of one kind may be called."""

    def __init__(self, kind: TableKind) -> None:
        self.kind = kind
        self._names: dict[str, str] = {}
        self._asked: dict[str, str] = {}
        for column in kind.columns:
            for name in (column.name, *column.labels):
                self._names.setdefault(_plain(name), column.name)
        for column in kind.columns:  # both in one cell without anything between
            for label in column.labels:
                self._names.setdefault(_plain(label + column.name), column.name)
                self._names.setdefault(_plain(column.name + label), column.name)
        self._units = {column.name for column in kind.columns if column.type is ColumnType.UNIT}
        self.required = [column.name for column in kind.columns if column.required]

    def column(self, text: str) -> str:
        """The column that a header's cell names; empty for none."""
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
            return name  # what stands under it in the same cell is how to fill it in
        return "" if not is_blank(bare) and self._any_part(bare) else self._all_parts(narrow.translate(_BRACKETS), True)

    def under(self, group: str, text: str) -> str:
        """The column of a heading that stands under another's: 起 and 止 under 任职时间; empty for none."""
        end = _ENDS.get(_plain(text), "") if group else ""
        if not end or self._names.get(_plain(text)):
            return ""
        stem = _SPAN.sub("", _plain(_REMARK.sub("", unicodedata.normalize("NFKC", group))))
        return self._names.get(("任职" if stem in _OF_SERVICE else stem) + end, "")

    def names_near_ids(self, column: str, headings: tuple[str, str]) -> int | None:
        """Of two headings of one column of units the one that is of their names, where the other is of their ids."""
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
    """Among the first rows of a sheet: the first that names at least two columns and all required ones of a kind;
    where none does, two rows that do so together."""
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
    """A heading merged over several columns is the first's only."""
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
    """Of each place the heading in the row above that stands over it and over others: in its own place, or to its
    left with nothing between."""
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
    """The columns of a header, as its cells name them from left to right."""

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
    """A second row of names under the first is of the header, not of the table."""
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
