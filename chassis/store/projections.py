"""Projections turn events into rows of read models, a batch at a time with one statement per table.

A rebuild replays them, so they write only rows keyed by the event's own stream, and read nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.store import row_statements
from chassis.store.database import ROWS, Store
from chassis.store.prepared_query import array_text
from chassis.store.row_versions import VersionBuffer, VersionStamp

Projection = Callable[["Rows", Any, RecordedEvent], None]
"""A function `(rows, event, recorded)` that buffers in `rows` what the event changes."""


class Projections:
    """The projections of one service by class of event, such as `Projections({RecordSubmitted: [store_record]},
    registry_projections(tables))`; functions of several mappings are called in the order of the mappings."""

    def __init__(self, *listed: Mapping[type[Event], Sequence[Projection]]) -> None:
        self._by_class: dict[type[Event], list[Projection]] = {}
        for item in listed:
            for cls, functions in item.items():
                self._by_class.setdefault(cls, []).extend(functions)

    @property
    def subscribed(self) -> set[type[Event]]:
        """The classes of events that have a projection."""
        return set(self._by_class)

    def of(self, cls: type[Event]) -> Sequence[Projection]:
        """The projections of events of this class."""
        return self._by_class.get(cls, ())

    def apply(self, rows: "Rows", batch: Iterable[tuple[Event, RecordedEvent]]) -> None:
        """Turn a batch into buffered writes; the events of each stream must be in order."""
        for event, recorded in batch:
            for function in self.of(type(event)):
                function(rows, event, recorded)


class Rows:
    """Buffers writes to read models by primary key; `flush` sends one statement per table and set of columns.

    `space`: the PostgreSQL schema to write to, another one during a rebuild."""

    def __init__(self, store: Store, connection: Connection, space: str = ROWS) -> None:
        self._store, self._connection, self._space = store, connection, space
        self._puts: dict[Table, dict[tuple[Any, ...], dict[str, Any]]] = {}
        self._amends: dict[Table, dict[tuple[Any, ...], dict[str, Any]]] = {}
        self._versions: dict[Table, VersionBuffer] = {}

    def put(self, table: Table, **values: Any) -> None:
        """Insert a row, or replace it as a whole; columns not given get their default ('' or 0)."""
        row = row_statements.defaults(table) | values
        key = _key(table, values)
        self._puts.setdefault(table, {})[key] = row
        self._amends.get(table, {}).pop(key, None)

    def amend(self, table: Table, key: dict[str, Any], **values: Any) -> None:
        """Update these columns of the row with that primary key; does nothing when there is no such row."""
        place = _key(table, key)
        if (row := self._puts.get(table, {}).get(place)) is not None:
            row.update(values)
        else:
            self._amends.setdefault(table, {}).setdefault(place, {}).update(values)

    def put_first_version(self, table: Table, stamp: VersionStamp, **values: Any) -> None:
        """Insert the first version of a row (see `chassis.store.row_versions`)."""
        self._versions_of(table).add_first(stamp, values)

    def put_next_version(self, table: Table, stamp: VersionStamp, **values: Any) -> None:
        """Insert a complete new version of a row and close the one before."""
        self._versions_of(table).add_next(stamp, values)

    def amend_version(self, table: Table, stamp: VersionStamp, row_id: dict[str, Any], **values: Any) -> None:
        """Insert a copy of a row's latest version with these columns changed, and close the latest one; does nothing
        when there is no such row."""
        self._versions_of(table).amend(stamp, row_id, values)

    def _versions_of(self, table: Table) -> VersionBuffer:
        if (buffer := self._versions.get(table)) is None:
            buffer = self._versions[table] = VersionBuffer(table)
        return buffer

    def change(self, table: Table, where: dict[str, Any], **values: Any) -> None:
        """Update these columns of all rows whose columns equal `where`, by a statement of its own: for rare events such
        as an erasure."""
        self.flush()
        statement = sa.update(table).where(*(table.c[name] == value for name, value in where.items())).values(**values)
        self._store.with_row_schema(self._connection, self._space).execute(statement)

    def flush(self) -> None:
        """Send the buffered writes and clear the buffer."""
        for table, puts in self._puts.items():
            columns = row_statements.column_names(table)
            self._send(table, columns, [[row[c] for c in columns] for row in puts.values()], row_statements.upsert)
        for table, amends in self._amends.items():
            keys = row_statements.key_names(table)
            for shape in {tuple(sorted(values)) for values in amends.values()}:
                chosen = [(k, v) for k, v in amends.items() if tuple(sorted(v)) == shape]
                lines = [[*key, *(values[c] for c in shape)] for key, values in chosen]
                self._send(table, (*keys, *shape), lines, row_statements.update)
        for table, versions in self._versions.items():
            for columns, lines in versions.copies().items():
                self._send(table, columns, lines, row_statements.copy_versions)
            self._send(table, *versions.closings(), row_statements.close_versions)
            self._send(table, *versions.whole(), row_statements.upsert)
        self._puts, self._amends, self._versions = {}, {}, {}

    def _send(self, table: Table, columns: tuple[str, ...], lines: list[list[Any]], make: row_statements.Make) -> None:
        if not lines:
            return
        postgresql = self._store.postgresql
        name = f"{self._space}.{table.name}" if postgresql else table.name
        statement = row_statements.statement(make, name, table, columns, postgresql)
        if postgresql:
            self._store.send(self._connection, statement, tuple(map(array_text, zip(*lines, strict=True))))
        else:
            self._connection.exec_driver_sql(statement, [tuple(line) for line in lines])


def _key(table: Table, values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(values[name] for name in row_statements.key_names(table))


def decoded(batch: Sequence[RecordedEvent]) -> list[tuple[Event, RecordedEvent]]:
    """Each recorded event with its event object.  Raises UnknownEvent, BadEvent."""
    return [(recorded.event(), recorded) for recorded in batch]
