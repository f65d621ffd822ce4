"""Rows that keep their versions: what a row was, and from when until when that was known.

A version is in force from `known_from` until `known_until` (microseconds since 1970 UTC, `EVER` for the latest).  It is
known by the `position` of its event, so all events of a row are of one stream.  Of two versions of one instant the
first is in force at no time."""

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Table

from chassis.store.row_statements import BEFORE, EVER, VERSION_COLUMNS, column_names, defaults, row_id_names

RowId = tuple[Any, ...]
Lines = list[list[Any]]


class VersionStamp(NamedTuple):
    """The event that makes a version: its position in its log, and its `recorded_at` in microseconds."""

    position: int
    known_from: int


def version_columns() -> list[Column[int]]:
    """The columns that a table with versions has, `position` last in its primary key."""
    return [
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("known_from", BigInteger, nullable=False),
        Column("known_until", BigInteger, nullable=False),
    ]


class VersionBuffer:
    """New versions of one table's rows, until they are written: first `copies`, then `closings`, then `whole` rows."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._ids = row_id_names(table)
        self._rows: list[dict[str, Any]] = []
        self._latest: dict[RowId, dict[str, Any]] = {}
        self._copies: dict[RowId, list[dict[str, Any]]] = {}
        self._closings: dict[RowId, VersionStamp] = {}

    def add_first(self, stamp: VersionStamp, values: dict[str, Any]) -> None:
        """The first version of a row: there is none to be closed."""
        row_id = self._row_id(values)
        if row_id in self._latest or row_id in self._copies:
            self.add_next(stamp, values)
        else:
            self._append(row_id, defaults(self._table) | values, stamp)

    def add_next(self, stamp: VersionStamp, values: dict[str, Any]) -> None:
        """A version that is given whole."""
        row_id = self._row_id(values)
        before = self._latest.get(row_id) or next(iter(self._copies.get(row_id, ())[-1:]), None)
        if before is None:
            self._closings[row_id] = stamp
        else:
            before["known_until"] = stamp.known_from
        self._append(row_id, defaults(self._table) | values, stamp)

    def amend(self, stamp: VersionStamp, row_id_values: dict[str, Any], changes: dict[str, Any]) -> None:
        """A version with these columns changed and the others as they are; nothing when the row does not exist."""
        row_id = self._row_id(row_id_values)
        if (before := self._latest.get(row_id)) is not None:
            before["known_until"] = stamp.known_from
            self._append(row_id, before | changes, stamp)
            return
        copies = self._copies.setdefault(row_id, [])
        if copies:
            copies[-1]["known_until"] = stamp.known_from
            changes = copies[-1] | changes
        else:
            self._closings[row_id] = stamp
        copies.append(changes | stamp._asdict() | {"known_until": EVER})

    def copies(self) -> dict[tuple[str, ...], Lines]:
        """Lines for `copy_versions`, by what they have."""
        result: dict[tuple[str, ...], Lines] = {}
        for row_id, copies in self._copies.items():
            before = self._closings[row_id].position
            for copy in copies:
                changed = tuple(sorted(copy))
                result.setdefault((*self._ids, *changed, BEFORE), []).append(
                    [*row_id, *(copy[c] for c in changed), before]
                )
        return result

    def closings(self) -> tuple[tuple[str, ...], Lines]:
        """Lines for `close_versions`, and what they have."""
        lines = [[*row_id, stamp.position, stamp.known_from] for row_id, stamp in self._closings.items()]
        return (*self._ids, "position", "known_until"), lines

    def whole(self) -> tuple[tuple[str, ...], Lines]:
        """Lines to insert, and what they have."""
        columns = column_names(self._table)
        return columns, [[row[c] for c in columns] for row in self._rows]

    def _row_id(self, values: dict[str, Any]) -> RowId:
        return tuple(values[name] for name in self._ids)

    def _append(self, row_id: RowId, values: dict[str, Any], stamp: VersionStamp) -> None:
        row = values | stamp._asdict() | {"known_until": EVER}
        self._rows.append(row)
        self._latest[row_id] = row


assert set(VERSION_COLUMNS) == {column.name for column in version_columns()}
