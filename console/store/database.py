"""Opens the console's store, SQLite or PostgreSQL; makes its tables, or holds them against what this code knows."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from console.store import migrations
from console.store.scrub import begin_journal_anew, write_anew
from console.store.tables import METADATA
from console.store.write_health import WriteHealth, ask_for_room, write_a_little

HERE = Path(migrations.__file__).parent
LOCK = 0x51_48_43_4F_4E  # PostgreSQL's advisory lock while the tables are upgraded
START_SECONDS = 60.0
_alone = threading.Lock()  # Alembic's `op` is one for the process


_PROBE = (
    "INSERT INTO attempts (key, failures, blocked_until, last_at) VALUES ('probe', 0, 0, {at}) "
    "ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at"
)  # the keys of attempts are digests: none is this
_ROOM = "SELECT count(*) FROM generate_series(1, 60000)"  # 1.2 MB, that spill to a file


class StoreMismatch(Exception):
    """The store's tables are not those that this program knows; the message says the remedy."""


class Store:
    """Transactions of the store: `reading()` and `writing()`; on SQLite one writer at a time."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._reader = self._engine.execution_options(reading=True)
        self.is_postgresql = self._engine.dialect.name == "postgresql"
        self.write_health = WriteHealth(self.probe_writing)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def insert(self, table: Table) -> Any:
        """An INSERT that may say what happens on a conflict, as SQLite and PostgreSQL both can."""
        return postgresql.insert(table) if self.is_postgresql else sqlite.insert(table)

    def install(self, patience: float = START_SECONDS, *, migrate: bool = False) -> None:
        """Makes the tables of an empty store and otherwise compares, under a lock, as soon as the store answers;
        `migrate`: applies what is missing.  StoreMismatch, OperationalError."""
        deadline = time.monotonic() + patience
        while True:
            try:
                with self.writing() as connection:
                    if self.is_postgresql:
                        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
                    _install(connection, migrate)
                    _check_columns(connection)
            except OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
            else:
                return

    def probe_writing(self) -> None:
        """Writes a little and asks for room; raises what a write would."""
        statement = _PROBE.format(at=time.time())
        if self.is_postgresql:
            with self.writing() as connection:
                connection.exec_driver_sql("SET LOCAL work_mem = '64kB'")
                connection.exec_driver_sql(_ROOM)
                connection.exec_driver_sql(statement)
            return
        place = Path(self._engine.url.database or "")
        ask_for_room(place.parent)
        write_a_little(place, statement)

    def scrub(self, *tables: Table) -> bool:
        """Leave no bytes of rows that were deleted from these small tables.  Whether that is done."""
        return write_anew(self._engine, tables) if self.is_postgresql else begin_journal_anew(self._engine)

    def close(self) -> None:
        self._engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, pool_timeout=10)
    path = sa.make_url(url).database or ""
    _create_private(Path(path))
    engine = sa.create_engine(url, pool_size=8, max_overflow=8, connect_args={"timeout": 15})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy says when a transaction begins, not the driver
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")  # an account that is removed leaves no bytes

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _create_private(path: Path) -> None:
    """The file for its owner alone; SQLite gives its journal the same mode."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _install(connection: Connection, migrate: bool) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _alone:
        scripts = ScriptDirectory.from_config(config)
        stored = set(MigrationContext.configure(connection).get_current_heads())
        if newer := sorted(stored - {script.revision for script in scripts.walk_revisions()}):
            raise StoreMismatch(
                f"the console's store was made by a newer version of qihang ({', '.join(newer)}): run that one"
            )
        if stored and not migrate and (ahead := sorted(set(scripts.get_heads()) - stored)):
            raise StoreMismatch(
                f"the tables of the console's store are older than this program ({', '.join(ahead)} is missing): back "
                "up, then say `qihang upgrade`"
            )
        command.upgrade(config, "heads")


def _check_columns(connection: Connection) -> None:
    """StoreMismatch: a table or column is missing, which its version does not tell."""
    columns = sa.inspect(connection).get_multi_columns()
    kept = {name: {column["name"] for column in rows} for (_, name), rows in columns.items()}
    for table in METADATA.sorted_tables:
        missing = [f"{table.name}.{column.name}" for column in table.columns
                   if column.name not in kept.get(table.name, set())]  # fmt: skip
        if missing:
            raise StoreMismatch(
                f"the console's store does not fit this program: {missing[0]} is missing; run the version that made "
                "it, or restore a backup of this one's"
            )
