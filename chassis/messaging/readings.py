"""The progress of outside systems that read our events by HTTP (pull): rows of `outgoing_readings`."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from chassis.store.schema import readings


def reading_rows(connection: Connection, name: str = "") -> list[dict[str, Any]]:
    """The rows ordered by name; only that of `name`, if given."""
    query = sa.select(readings).order_by(readings.c.name)
    if name:
        query = query.where(readings.c.name == name)
    return [dict(row._mapping) for row in connection.execute(query)]


def begin_reading(connection: Connection, name: str) -> None:
    """Insert the row of a reader that has not read anything yet."""
    texts = dict.fromkeys(("asked", "position", "last_at", "failing_since", "code"), "")
    connection.execute(sa.insert(readings).values(name=name, given=0, **texts))


def forget_reading(connection: Connection, name: str) -> None:
    connection.execute(sa.delete(readings).where(readings.c.name == name))


class ReadingLog:
    """Records the requests of readers; for monitoring only, no decision depends on it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, noted: Sequence[Mapping[str, Any]]) -> None:
        """Update rows: `given` is added to the stored number; the other columns are set unless another replica recorded
        a later request.  A reader that was removed is ignored."""
        with self._store.writing() as connection:
            for row in noted:
                _write(connection, row)


def _write(connection: Connection, row: Mapping[str, Any]) -> None:
    here = readings.c.name == row["name"]
    connection.execute(sa.update(readings).where(here).values(given=readings.c.given + row["given"]))
    fresh = {name: value for name, value in row.items() if name not in ("name", "given")}
    connection.execute(sa.update(readings).where(here, readings.c.last_at < row["last_at"]).values(fresh))
