"""The locks that let one process at a time decide a day, and one at a time send by each channel, whichever replica;
they end with the process that holds them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from chassis.process.file_lock import file_lock
from chassis.store.database import Store

DECIDING = "deciding"
LOCK_NUMBERS = {DECIDING: 0x6E6F7469, "inbox": 0x6E6F746A, "email": 0x6E6F746B, "wecom": 0x6E6F746C,
                "dingtalk": 0x6E6F746D}  # fmt: skip
"""Any numbers of our own: PostgreSQL's advisory locks are per database."""


class SendingLockLost(RuntimeError):
    """The lock is gone: another process may hold it by now."""


class SendingLock:
    """Held until `try_sending_lock` ends; `verify` makes sure of it, since a broken connection releases it."""

    def __init__(self, connection: Any = None) -> None:
        self._connection = connection

    def verify(self) -> None:
        """SendingLockLost."""
        if self._connection is None:
            return
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except DBAPIError as error:
            raise SendingLockLost("the connection that held the sending lock broke") from error


@contextlib.contextmanager
def try_sending_lock(store: Store, folder: Path, name: str) -> Iterator[SendingLock | None]:
    """The lock of that name (`deciding`, or a channel), or None while another process holds it.  Without PostgreSQL it
    is a file in the folder."""
    if not store.postgresql:
        with _file_lock(folder / f"{name}.lock") as acquired:
            yield SendingLock() if acquired else None
        return
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        acquired = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({LOCK_NUMBERS[name]})").scalar_one()
        try:
            yield SendingLock(connection) if acquired else None
        finally:
            if acquired:
                with contextlib.suppress(DBAPIError):
                    connection.exec_driver_sql(f"SELECT pg_advisory_unlock({LOCK_NUMBERS[name]})")


@contextlib.contextmanager
def _file_lock(path: Path) -> Iterator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with file_lock(path) as is_held:
        yield is_held
