"""Opens the console's store, SQLite or PostgreSQL, and brings its tables to the version that this code knows."""

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

HERE = Path(migrations.__file__).parent
LOCK = 0x51_48_43_4F_4E  # PostgreSQL's advisory lock while the tables are upgraded
START_SECONDS = 60.0
_alone = threading.Lock()  # Alembic's `op` is one for the process


class StoreIsNewer(Exception):
    """A newer version of qihang has been at this store; its tables are not understood."""


class Store:
    """Transactions of the store: `reading()` and `writing()`; on SQLite one writer at a time."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._reader = self._engine.execution_options(reading=True)
        self.is_postgresql = self._engine.dialect.name == "postgresql"

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

    def upgrade(self, patience: float = START_SECONDS) -> None:
        """Applies what is missing, under a lock, as soon as the store answers.  StoreIsNewer, OperationalError."""
        deadline = time.monotonic() + patience
        while True:
            try:
                with self.writing() as connection:
                    if self.is_postgresql:
                        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
                    _upgrade(connection)
            except OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
            else:
                return

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


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _alone:
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        stored = set(MigrationContext.configure(connection).get_current_heads())
        if newer := sorted(stored - known):
            raise StoreIsNewer(f"the console's store was made by a newer version of qihang ({', '.join(newer)})")
        command.upgrade(config, "heads")
