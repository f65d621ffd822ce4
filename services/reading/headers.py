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
        headers = [header for names in known if (header := _header(names, row, None, missing))]
        after = rows[at + 1] if at + 1 < len(rows) else None
        if not headers and after and not any(_header(names, after, None, {}) for names in known):
            headers = [header for names in known if (header := _header(names, row, after, {}))]
        elif headers and after:
            headers = [_with_second_row(header, after) for header in headers]
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
        lines = [line.cells[at].text for line in (after, row) if line and at < len(line.cells)]
        yield at, [text for text in lines if not is_blank(text)]


def _header(
    names: KnownNames, row: SheetRow, after: SheetRow | None, missing: dict[str, tuple[TableKind, list[str]]]
) -> Header | None:
    columns = _Columns(names)
    for at, texts in _texts(row, after):
        columns.add(at, texts)
    places = columns.places
    lacking = [name for name in names.required if name not in places]
    if lacking or len(places) < 2:
        if len(places) >= 2 and len(lacking) < len(missing.get(names.kind.name, (0, names.required))[1]):
            missing[names.kind.name] = (names.kind, lacking)
        return None
    last_line = after.number if after else row.number
    twice = tuple(columns.twice)
    return Header(names.kind, row.number, last_line, places, columns.unknown, twice, columns.unread_names)


class _Columns:
    """The columns of a header, as its cells name them from left to right."""

    def __init__(self, names: KnownNames) -> None:
        self._names = names
        self._headings: dict[str, str] = {}
        self.places: dict[str, int] = {}
        self.unknown: dict[int, str] = {}
        self.twice: list[str] = []
        self.unread_names: dict[int, str] = {}

    def add(self, at: int, texts: Sequence[str]) -> None:
        column = next((name for text in texts if (name := self._names.column(text))), "")
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


def _with_second_row(header: Header, after: SheetRow) -> Header:
    """A second row of names under the first is of the header, not of the table."""
    names = KnownNames(header.kind)
    named = [at for at, cell in enumerate(after.cells) if names.column(cell.text)]
    stated = [cell for cell in after.cells if not is_blank(cell.text)]
    if len(named) < 2 or len(named) * 2 < len(stated):
        return header
    places, unknown = dict(header.places), dict(header.unknown)
    for at in named:
        column = names.column(after.cells[at].text)
        if places.get(column) != at and column not in header.places:
            places[column] = at
            unknown.pop(at, None)
    return replace(header, last_line=after.number, places=places, unknown=unknown)


def labelled(kind: TableKind, name: str) -> str:
    """A column as people know it: person_id（人员编号）."""
    column: Column | None = next((item for item in kind.columns if item.name == name), None)
    return f"{name}（{column.labels[0]}）" if column and column.labels else name
