"""Tables that keep all versions of their rows, with the interval of knowledge time during which each was in force.

A version is in force from `known_from` until before `known_until` (microseconds since 1970 UTC; `EVER` for the latest).
It is identified by the `position` of its event, so all events of a row must be of one stream.  Of two versions with the
same `known_from` the first is never in force."""

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Table

from chassis.store.row_statements import BEFORE, EVER, VERSION_COLUMNS, column_names, defaults, row_id_names

RowId = tuple[Any, ...]
Lines = list[list[Any]]


class VersionStamp(NamedTuple):
    """The event that makes a version: its position in the log, and its `recorded_at` in microseconds since 1970 UTC."""

    position: int
    known_from: int


def version_columns() -> list[Column[int]]:
    """The columns that every table with versions has; `position` is the last part of its primary key."""
    return [
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("known_from", BigInteger, nullable=False),
        Column("known_until", BigInteger, nullable=False),
    ]


class VersionBuffer:
    """Buffers new versions of one table's rows; they are to be written in the order `copies`, `closings`, `whole`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._ids = row_id_names(table)
        self._rows: list[dict[str, Any]] = []
        self._latest: dict[RowId, dict[str, Any]] = {}
        self._copies: dict[RowId, list[dict[str, Any]]] = {}
        self._closings: dict[RowId, VersionStamp] = {}

    def add_first(self, stamp: VersionStamp, values: dict[str, Any]) -> None:
        """Add the first version of a row: there is none to be closed."""
        row_id = self._row_id(values)
        if row_id in self._latest or row_id in self._copies:
            self.add_next(stamp, values)
        else:
            self._append(row_id, defaults(self._table) | values, stamp)

    def add_next(self, stamp: VersionStamp, values: dict[str, Any]) -> None:
        """Add a version with all its columns."""
        row_id = self._row_id(values)
        before = self._latest.get(row_id) or next(iter(self._copies.get(row_id, ())[-1:]), None)
        if before is None:
            self._closings[row_id] = stamp
        else:
            before["known_until"] = stamp.known_from
        self._append(row_id, defaults(self._table) | values, stamp)

    def amend(self, stamp: VersionStamp, row_id_values: dict[str, Any], changes: dict[str, Any]) -> None:
        """Add a copy of the latest version with these columns changed; does nothing when the row does not exist."""
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
        """Lines for `copy_versions`, by their columns."""
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
        """Columns and lines for `close_versions`."""
        lines = [[*row_id, stamp.position, stamp.known_from] for row_id, stamp in self._closings.items()]
        return (*self._ids, "position", "known_until"), lines

    def whole(self) -> tuple[tuple[str, ...], Lines]:
        """Columns and lines for `upsert`."""
        columns = column_names(self._table)
        return columns, [[row[c] for c in columns] for row in self._rows]

    def _row_id(self, values: dict[str, Any]) -> RowId:
        return tuple(values[name] for name in self._ids)

    def _append(self, row_id: RowId, values: dict[str, Any], stamp: VersionStamp) -> None:
        row = values | stamp._asdict() | {"known_until": EVER}
        self._rows.append(row)
        self._latest[row_id] = row


assert set(VERSION_COLUMNS) == {column.name for column in version_columns()}
