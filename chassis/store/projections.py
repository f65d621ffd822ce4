"""Projections: events -> rows, a whole batch at a time, one statement a table; replayed by a rebuild, so they
write only rows keyed by the event's own stream and read nothing."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Connection, Integer, Table

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import ROWS, Store
from chassis.store.prepared_query import array_text

Projection = Callable[["Rows", Any, RecordedEvent], None]


class Projections:
    """The projections of one service: `Projections({RecordSubmitted: [store_record]}, registry_projections(tables))`,
    several lists joined in order."""

    def __init__(self, *listed: Mapping[type[Event], Sequence[Projection]]) -> None:
        self._by_class: dict[type[Event], list[Projection]] = {}
        for item in listed:
            for cls, functions in item.items():
                self._by_class.setdefault(cls, []).extend(functions)

    @property
    def subscribed(self) -> set[type[Event]]:
        return set(self._by_class)

    def of(self, cls: type[Event]) -> Sequence[Projection]:
        """The projections of events of this class."""
        return self._by_class.get(cls, ())

    def apply(self, rows: "Rows", batch: Iterable[tuple[Event, RecordedEvent]]) -> None:
        """Turn a batch into buffered writes; each stream's events come in their order."""
        for event, about in batch:
            for function in self.of(type(event)):
                function(rows, event, about)


class Rows:
    """A buffer of writes to projection tables, by primary key; `flush` sends one statement a table and shape."""

    def __init__(self, store: Store, connection: Connection, space: str = ROWS) -> None:
        self._store, self._connection, self._space = store, connection, space
        self._puts: dict[Table, dict[tuple[Any, ...], dict[str, Any]]] = {}
        self._amends: dict[Table, dict[tuple[Any, ...], dict[str, Any]]] = {}

    def put(self, table: Table, **values: Any) -> None:
        """Insert the row or replace it whole; a column that is not named takes its default."""
        row = _defaults(table) | values
        key = _key(table, values)
        self._puts.setdefault(table, {})[key] = row
        self._amends.get(table, {}).pop(key, None)

    def amend(self, table: Table, key: dict[str, Any], **values: Any) -> None:
        """Change these columns of a row if it is there."""
        place = _key(table, key)
        if (row := self._puts.get(table, {}).get(place)) is not None:
            row.update(values)
        else:
            self._amends.setdefault(table, {}).setdefault(place, {}).update(values)

    def change(self, table: Table, where: dict[str, Any], **values: Any) -> None:
        """Change these columns of every row where others have these values: for what is rare, such as an erasure."""
        self.flush()
        statement = sa.update(table).where(*(table.c[name] == value for name, value in where.items())).values(**values)
        self._store.in_rows(self._connection, self._space).execute(statement)

    def flush(self) -> None:
        for table, puts in self._puts.items():
            columns = _column_names(table)
            self._send(table, columns, [[row[c] for c in columns] for row in puts.values()], _upsert)
        for table, amends in self._amends.items():
            keys = _key_names(table)
            for shape in {tuple(sorted(values)) for values in amends.values()}:
                chosen = [(k, v) for k, v in amends.items() if tuple(sorted(v)) == shape]
                lines = [[*key, *(values[c] for c in shape)] for key, values in chosen]
                self._send(table, (*keys, *shape), lines, _update)
        self._puts, self._amends = {}, {}

    def _send(self, table: Table, columns: tuple[str, ...], lines: list[list[Any]], make: Callable[..., str]) -> None:
        if not lines:
            return
        postgresql = self._store.postgresql
        name = f"{self._space}.{table.name}" if postgresql else table.name
        statement = _statement(make, name, table, columns, postgresql)
        if postgresql:
            self._store.send(self._connection, statement, tuple(map(array_text, zip(*lines, strict=True))))
        else:
            self._connection.exec_driver_sql(statement, [tuple(line) for line in lines])


@functools.cache
def _statement(make: Callable[..., str], name: str, table: Table, columns: tuple[str, ...], postgresql: bool) -> str:
    arrays = ", ".join(f"%s::{_array(table.columns[c].type)}[]" for c in columns) if postgresql else ""
    return make(name, table, columns, arrays)


def _upsert(name: str, table: Table, columns: tuple[str, ...], arrays: str) -> str:
    keys = [c.name for c in table.primary_key.columns]
    listed = ", ".join(columns)
    source = f"SELECT * FROM unnest({arrays})" if arrays else f"VALUES ({', '.join('?' * len(columns))})"
    rest = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in keys)
    action = f"DO UPDATE SET {rest}" if rest else "DO NOTHING"
    return f"INSERT INTO {name} ({listed}) {source} ON CONFLICT ({', '.join(keys)}) {action}"


def _update(name: str, table: Table, columns: tuple[str, ...], arrays: str) -> str:
    keys = [c.name for c in table.primary_key.columns]
    rest = [c for c in columns if c not in keys]
    if arrays:
        listed = ", ".join(columns)
        sets = ", ".join(f"{c} = fresh.{c}" for c in rest)
        where = " AND ".join(f"old.{k} = fresh.{k}" for k in keys)
        return f"UPDATE {name} AS old SET {sets} FROM unnest({arrays}) AS fresh ({listed}) WHERE {where}"
    sets = ", ".join(f"{c} = ?{len(keys) + n}" for n, c in enumerate(rest, 1))
    where = " AND ".join(f"{k} = ?{n}" for n, k in enumerate(keys, 1))
    return f"UPDATE {name} SET {sets} WHERE {where}"


def _key(table: Table, values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(values[name] for name in _key_names(table))


@functools.cache
def _column_names(table: Table) -> tuple[str, ...]:
    return tuple(c.name for c in table.columns)


@functools.cache
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(c.name for c in table.primary_key.columns)


@functools.cache
def _defaults(table: Table) -> dict[str, Any]:
    return {c.name: 0 if isinstance(c.type, (Integer, BigInteger)) else "" for c in table.columns}


def _array(kind: Any) -> str:
    return "int8" if isinstance(kind, (Integer, BigInteger)) else "text"


def decoded(batch: Sequence[RecordedEvent]) -> list[tuple[Event, RecordedEvent]]:
    """The batch with its events read.  UnknownEvent, BadEvent."""
    return [(about.event(), about) for about in batch]
