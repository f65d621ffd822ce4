"""A service's database, PostgreSQL or SQLite: transactions, bulk writes, and which errors are transient."""

import contextlib
import functools
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from eventlet.semaphore import Semaphore
from sqlalchemy import Connection, MetaData, Table
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.store import prepared_query, schema
from chassis.store.scrub import scrub
from chassis.store.store_checks import StoreMismatch
from chassis.store.write_health import PASSING_ERRNOS, NotWritten, WriteHealth, ask_for_room

Key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Column type of text that rows are keyed and merged by: ordered by code point on both databases, as in Python."""

ROWS = "rows"
_PROBE = "INSERT INTO log_meta (key, value) VALUES ('probe', %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_ROOM = "SELECT count(*) FROM generate_series(1, 60000)"  # 1.2 MB
_INSTALL_LOCK = 0x71696861  # an arbitrary number: PostgreSQL's advisory locks are per database


class Store:
    """The store of one service: the tables of `chassis.store.schema`, and `rows`, those that its projections write (in
    the schema `rows` on PostgreSQL).  `partitions`: of its log, fixed at installation."""

    def __init__(self, url: str, rows: MetaData, partitions: int = 1) -> None:
        self.url = sa.make_url(url)
        self.postgresql = self.url.get_backend_name() == "postgresql"
        self.rows = rows
        self.partitions = partitions
        self.epoch, self.secret, self.district = "", b"", ""
        self.rebuilds = 0  # completed since the process started
        self.write_health = WriteHealth()
        self._green = Semaphore(1)  # hole 13: a greenlet that yields inside a SQLite transaction would freeze the hub
        self.engine = _engine(self.url, self.postgresql)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction: committed when the block ends, rolled back when it raises."""
        with self.write_health.watched():
            if self.postgresql:
                with self.engine.begin() as connection, contextlib.ExitStack() as pipeline:
                    connection.info["pipeline"] = pipeline
                    yield connection
            else:
                with self._green, self.engine.connect() as connection:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                    try:
                        yield connection
                        connection.exec_driver_sql("COMMIT")
                    except BaseException:
                        _roll_back(connection)
                        raise

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """Hold the write lock while a subprocess of this service writes: on SQLite, which has one writer at a time,
        greenlets that want to write wait for it without blocking the hub.  Raises NotWritten."""
        with self.write_health.watched(), contextlib.nullcontext() if self.postgresql else self._green:
            yield

    def probe_writing(self) -> None:
        """Write one row and ask the file system for space; raises what a write would raise.  Does not wait long for
        SQLite's write lock."""
        if self.postgresql:
            with self.writing() as connection:
                connection.exec_driver_sql("SET LOCAL work_mem = '64kB'")
                connection.exec_driver_sql(_ROOM)  # spills to a file: no rows, no write-ahead log
                connection.exec_driver_sql(_PROBE, (secrets.token_hex(4),))
            return
        place = Path(self.url.database or "")
        ask_for_room(place.parent)
        with self._green, contextlib.closing(sqlite3.connect(place, timeout=0.2, isolation_level=None)) as driver:
            driver.execute(_PROBE.replace("%s", "?"), (secrets.token_hex(4),))

    @contextlib.contextmanager
    def writing_with_attached(self, other: Path) -> Iterator[Connection]:
        """SQLite only: a write transaction with another database file attached as `attached`, to be read."""
        with self._green, self.engine.connect() as connection:
            connection.exec_driver_sql("ATTACH DATABASE ? AS attached", (str(other),))
            try:
                # BEGIN IMMEDIATE would lock both files; a first write, that changes nothing, locks only ours
                connection.exec_driver_sql("BEGIN")
                connection.exec_driver_sql("DELETE FROM main.log_meta WHERE key = ''")
                try:
                    yield connection
                except BaseException:
                    connection.exec_driver_sql("ROLLBACK")
                    raise
                connection.exec_driver_sql("COMMIT")
            finally:
                connection.exec_driver_sql("DETACH DATABASE attached")

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read transaction whose statements all see one snapshot of the store (on PostgreSQL: repeatable read)."""
        with self.engine.connect() as connection:
            if self.postgresql:
                yield connection.execution_options(isolation_level="REPEATABLE READ")
                connection.rollback()
                return
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    @contextlib.contextmanager
    def autocommit(self) -> Iterator[Connection]:
        """A connection for reading by a single statement: no transaction, hence a third of the round trips."""
        with self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT") if self.postgresql else connection

    def install(self, service: str, district: str, migrate: bool = False) -> None:
        """Create the tables in an empty store, or check that those of an existing one are of this code (`migrate`:
        upgrade them first); check that it belongs to this service and district.  Raises StoreMismatch."""
        from chassis.store.upgrade import (  # loads Alembic, which a process that only reads rows never needs
            check_columns,
            upgrade,
        )

        with self.writing() as connection:
            if self.postgresql:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_INSTALL_LOCK})")
                connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {ROWS}")
            upgrade(self.with_row_schema(connection), self.rows, migrate)
            declared = [*schema.metadata.tables.values(), *self.rows.tables.values()]
            check_columns(connection, declared, ROWS if self.postgresql else None)
            self._claim(connection, service, district)

    def _claim(self, connection: Connection, service: str, district: str) -> None:
        known = {row.key: row.value for row in connection.execute(sa.select(schema.meta))}
        wanted = {"service": service, "district": district, "partitions": str(self.partitions)}
        if not known:
            known = wanted | {"epoch": secrets.token_hex(4), "secret": secrets.token_hex(32)}
            connection.execute(sa.insert(schema.meta), [{"key": k, "value": v} for k, v in known.items()])
            empty = [{"partition": p, "position": 0, "hash": "", "recorded_at": ""} for p in range(self.partitions)]
            connection.execute(sa.insert(schema.heads), empty)
            relays = [{"partition": p, "position": 0} for p in range(self.partitions)]
            connection.execute(sa.insert(schema.relays), relays)
        for key, value in wanted.items():
            if known.get(key) != value:
                raise StoreMismatch(f"the store was made for {key}={known.get(key)}, this process has {key}={value}")
        self.epoch, self.secret, self.district = known["epoch"], bytes.fromhex(known["secret"]), district

    def recall(self, service: str) -> None:
        """Read epoch, secret, district and partitions of a store that another process has installed; for subprocesses
        of the service.  Raises StoreMismatch."""
        with self.reading() as connection:
            known = {row.key: row.value for row in connection.execute(sa.select(schema.meta))}
        if known.get("service") != service:
            raise StoreMismatch(f"the store was made for {known.get('service')}, this process is of {service}")
        self.partitions, self.district = int(known["partitions"]), known["district"]
        self.epoch, self.secret = known["epoch"], bytes.fromhex(known["secret"])

    @property
    def installed(self) -> bool:
        """Whether `install` or `recall` has run in this process."""
        return bool(self.secret)

    def with_row_schema(self, connection: Connection, space: str = ROWS) -> Connection:
        """The connection with the projections' tables looked up in the PostgreSQL schema `space` (SQLite has no
        schemas: there each space is a file of its own)."""
        place = space if self.postgresql else None
        return connection.execution_options(schema_translate_map={ROWS: place})

    def send(self, connection: Connection, statement: str, values: tuple[Any, ...]) -> None:
        """Run one writing statement directly by the driver, in a third of the time that SQLAlchemy takes.  Parameters
        are `%s` on PostgreSQL, `?` on SQLite."""
        if self.postgresql:
            driver: Any = connection.connection.driver_connection
            driver.execute(statement, values)
        else:
            connection.exec_driver_sql(statement, values)

    def insert(self, connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows: tuples of all columns in the table's order, without an autoincrement column.  On PostgreSQL by
        COPY: twice as fast as unnest and, under eventlet, twenty times as fast as executemany."""
        if not rows:
            return
        columns, insert = _insert_statement(table, len(rows[0]), "%s" if self.postgresql else "?")
        if not self.postgresql:
            connection.exec_driver_sql(insert, [tuple(row) for row in rows])
            return
        if len(rows) == 1 or _in_pipeline(connection):
            for row in rows:  # a COPY is three round trips, an INSERT at most one
                self.send(connection, insert, tuple(row))
            return
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def pipeline_to_commit(self, connection: Connection) -> None:
        """Call this when the rest of the transaction reads nothing and writes little: on PostgreSQL its statements and
        the COMMIT are then sent in one pipeline, a single round trip.  Does nothing on SQLite."""
        if not self.postgresql or _in_pipeline(connection):
            return
        driver: Any = connection.connection.driver_connection
        pipeline: contextlib.ExitStack = connection.info["pipeline"]
        pipeline.enter_context(driver.pipeline())

        def commit(error: type[BaseException] | None, *_: Any) -> None:
            if error is None:
                driver.execute("COMMIT")

        pipeline.push(commit)

    def column_in(self, column: Any, values: Sequence[str]) -> Any:
        """The condition `column IN values`, with all values in one parameter."""
        return prepared_query.column_in(column, values, self.postgresql)

    def is_reachable(self) -> bool:
        """Whether the database answers now."""
        try:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
        except (OperationalError, InterfaceError, PoolTimeout):
            return False
        return True

    def scrub(self) -> bool:
        """Remove the bytes of deleted rows, such as a person's key, from the database files; returns whether that
        succeeded."""
        return scrub(self.engine, self.postgresql, self._green)

    def close(self) -> None:
        self.engine.dispose()


def _roll_back(connection: Connection) -> None:
    """Roll back unless SQLite has already done so by itself, as on a full disk: a second ROLLBACK would raise an error
    that hides the first."""
    driver: Any = connection.connection.driver_connection
    if driver.in_transaction:
        connection.exec_driver_sql("ROLLBACK")


def is_transient(error: BaseException) -> bool:
    """Whether the store's error will pass (unreachable, busy, disk full, serialization failure), so that the same work
    can be tried again later."""
    if isinstance(error, PoolTimeout | NotWritten) or (isinstance(error, OSError) and error.errno in PASSING_ERRNOS):
        return True
    if type(error).__module__.startswith("psycopg"):  # raised by COPY, which goes past SQLAlchemy
        away = "08000" if type(error).__name__ == "OperationalError" else ""
        return _passing_state(getattr(error, "sqlstate", None) or away)
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # SQLite, or a connection that never came to be
        text = str(error.orig)
        lasting = ("no such", "syntax error", "has no column", "already exists")
        return isinstance(error, OperationalError) and not any(words in text for words in lasting)
    return _passing_state(state)


def reason(error: BaseException) -> str:
    """The first line of the database's own message, without SQLAlchemy's wrapping: one sentence for logs and people."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0][:300]


def _passing_state(state: str) -> bool:
    return state[:2] in ("08", "40", "53", "57", "58") or state in ("55P03", "25006")  # busy; read-only for now


def _in_pipeline(connection: Connection) -> bool:
    driver: Any = connection.connection.driver_connection
    return bool(driver.pgconn.pipeline_status)


@functools.cache
def _insert_statement(table: Table, width: int, mark: str) -> tuple[str, str]:
    """The columns to be given, and the INSERT for one row.  `mark`: the driver's parameter marker."""
    columns = ", ".join(f'"{c.name}"' for c in table.columns if c.autoincrement is not True)
    return columns, f"INSERT INTO {table.name} ({columns}) VALUES ({', '.join([mark] * width)})"


def load_driver(url: str) -> None:
    """Import the database driver for a URL now, so that forks of this process have it already."""
    sa.make_url(url).get_dialect().import_dbapi()


def _engine(url: sa.URL, postgresql: bool) -> sa.Engine:
    if postgresql:
        # cursors are read to their end: a plan for the first tenth of the rows would choose the wrong index
        options = ("-c statement_timeout=120000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC "
                   "-c cursor_tuple_fraction=1.0")  # fmt: skip
        return sa.create_engine(
            url, pool_size=8, max_overflow=8, pool_timeout=10, pool_recycle=1800, hide_parameters=True,
            connect_args={"connect_timeout": 5, "options": options, "prepare_threshold": 3,
                          "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3},
        )  # fmt: skip
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url, pool_size=8, max_overflow=8, isolation_level="AUTOCOMMIT", hide_parameters=True,
        execution_options={"schema_translate_map": {ROWS: None}},
        connect_args={"check_same_thread": False, "timeout": 5},
    )  # fmt: skip

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        # FULL: what a receipt confirms survives a power cut; secure_delete: erased bytes are overwritten
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-16000", "busy_timeout=5000",
                       "secure_delete=ON"):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")

    return engine
