"""A named lock that one process of all replicas holds at a time; it is released when that process ends."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from chassis.process.file_lock import file_lock
from chassis.store.database import Store


class NamedLockLost(RuntimeError):
    """The lock was lost: another process may hold it by now."""


class NamedLock:
    """A lock held until the block of `try_named_lock` ends, unless its database connection breaks: see `verify`."""

    def __init__(self, connection: Any = None) -> None:
        self._connection = connection

    def verify(self) -> None:
        """Raise NamedLockLost when the connection that holds the lock is broken."""
        if self._connection is None:
            return
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except DBAPIError as error:
            raise NamedLockLost("the connection that held the lock broke") from error


@contextlib.contextmanager
def try_named_lock(store: Store, folder: Path, name: str, number: int) -> Iterator[NamedLock | None]:
    """Try to take the lock without waiting; yields it, or None while another process holds it.

    On PostgreSQL it is the advisory lock `number` of this database; on SQLite the lock file `name` in `folder`."""
    if not store.postgresql:
        folder.mkdir(parents=True, exist_ok=True)
        with file_lock(folder / f"{name}.lock") as is_held:
            yield NamedLock() if is_held else None
        return
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        acquired = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({number})").scalar_one()
        try:
            yield NamedLock(connection) if acquired else None
        finally:
            if acquired:
                with contextlib.suppress(DBAPIError):
                    connection.exec_driver_sql(f"SELECT pg_advisory_unlock({number})")
