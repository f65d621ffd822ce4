"""Shadow rows: a second set of a service's read model tables, filled by a replay and then swapped in or dropped."""

import contextlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from chassis.store.database import ROWS, Store
from chassis.store.projections import Rows

RETIRED = "retired"
_LOCK = 0x71696863  # an arbitrary number: PostgreSQL's advisory locks are per database


class UsedElsewhereError(Exception):
    """Another replica is filling these shadow rows."""


class ShadowRows:
    """Shadow rows of the store `live`: on PostgreSQL in the schema `space`, on SQLite in a second file, whose name is
    that of the store followed by `.space`."""

    def __init__(self, live: Store, space: str) -> None:
        self.live, self._name = live, space
        self._file = Path(f"{live.url.database}.{space}")
        self._store = live
        self._space = space if live.postgresql else ROWS

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Lock them for this replica; the lock ends with the block or the process.  Raises UsedElsewhereError."""
        if not self.live.postgresql:
            yield
            return
        lock = f"{_LOCK}, {zlib.crc32(self._name.encode()) >> 1}"
        with self.live.autocommit() as connection:
            if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({lock})").scalar_one():
                raise UsedElsewhereError("another replica makes these rows anew: try again when it is done")
            try:
                yield
            finally:
                with contextlib.suppress(SQLAlchemyError):  # the lock ended with its connection
                    connection.exec_driver_sql(f"SELECT pg_advisory_unlock({lock})")

    def prepare(self) -> None:
        """Create the empty tables, without the indexes that only readers need: creating those at the end is faster."""
        self.drop()
        if self.live.postgresql:
            with self.live.writing() as connection:
                connection.exec_driver_sql(f"CREATE SCHEMA {self._name}")
        else:
            self._store = Store(f"sqlite:///{self._file}", self.live.rows)
        self._create(CreateTable(table) for table in self.live.rows.sorted_tables)

    def index(self) -> None:
        """Create the indexes left out by `prepare`."""
        tables = self.live.rows.sorted_tables
        self._create(CreateIndex(item) for table in tables for item in sorted(table.indexes, key=lambda i: str(i.name)))

    def _create(self, parts: Iterable[CreateTable | CreateIndex]) -> None:
        with self._store.writing() as connection:
            for part in parts:
                self._store.with_row_schema(connection, self._space).execute(part)

    @contextlib.contextmanager
    def filling(self) -> Iterator[Rows]:
        """A transaction that writes shadow rows.  It need not be durable: the commit of the swap makes all of it so."""
        with self._store.writing() as connection:
            if self.live.postgresql:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield self._rows(connection)

    def _rows(self, connection: Connection) -> Rows:
        return Rows(self._store, connection, self._space)

    def swap(self, finish: Callable[[Connection, Rows], None]) -> None:
        """Replace the live rows by these in one transaction, in which `finish(connection, rows)` first replays the
        remaining events."""
        if self.live.postgresql:
            with self.live.writing() as connection:
                finish(connection, self._rows(connection))
                for statement in (f"ALTER SCHEMA {ROWS} RENAME TO {RETIRED}",
                                  f"ALTER SCHEMA {self._name} RENAME TO {ROWS}",
                                  f"DROP SCHEMA {RETIRED} CASCADE"):  # fmt: skip
                    connection.exec_driver_sql(statement)
            return
        # the other file is attached before the transaction; only the live file is written in it, so it is atomic
        with self.live.writing_with_attached(self._file) as connection:
            with self._store.writing() as shadow_connection:
                finish(connection, self._rows(shadow_connection))
            for table in self.live.rows.sorted_tables:
                connection.exec_driver_sql(f"DELETE FROM main.{table.name}")
                # a migrated table may have its columns in another order
                columns = ", ".join(f'"{column.name}"' for column in table.columns)
                connection.exec_driver_sql(
                    f"INSERT INTO main.{table.name} ({columns}) SELECT {columns} FROM attached.{table.name}"
                )
        self.drop()

    def drop(self) -> None:
        """Drop the tables as far as they exist, also those left by a process that was killed."""
        if self.live.postgresql:
            with self.live.writing() as connection:
                connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {self._name} CASCADE")
            return
        if self._store is not self.live:
            self._store.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._file}{suffix}").unlink(missing_ok=True)

    @contextlib.contextmanager
    def at_moment_of(self, snapshot: Connection) -> Iterator[tuple[Connection, Rows]]:
        """A connection for reading these rows, and a buffer for completing them up to the state that `snapshot` (a read
        transaction of the live store) sees.  On PostgreSQL both are in the snapshot's own transaction, which is rolled
        back; on SQLite in a transaction of the second file, which nobody else uses."""
        if self.live.postgresql:
            yield snapshot, self._rows(snapshot)
            return
        with self._store.writing() as connection:
            yield connection, self._rows(connection)

    def read(self, connection: Connection, query: sa.Select[Any], page: int) -> sa.Result[Any]:
        """The result of a query on these rows, fetched `page` rows at a time; `connection` is of `at_moment_of`."""
        return connection.execute(
            query, execution_options=_streaming_options(self._space if self.live.postgresql else None, page)
        )

    def read_live(self, snapshot: Connection, query: sa.Select[Any], page: int) -> sa.Result[Any]:
        """The result of a query on the live rows, fetched in the same way."""
        return snapshot.execute(
            query, execution_options=_streaming_options(ROWS if self.live.postgresql else None, page)
        )


def _streaming_options(space: str | None, page: int) -> dict[str, Any]:
    return {"schema_translate_map": {ROWS: space}, "yield_per": page}


def drop_leftovers(store: Store, *spaces: str) -> None:
    """Drop shadow rows left by a process that was killed while filling them; not those another replica is filling."""
    for space in spaces:
        shadow = ShadowRows(store, space)
        with contextlib.suppress(UsedElsewhereError), shadow.held():
            shadow.drop()
