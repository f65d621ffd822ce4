"""The right to send: one process at a time, whichever replica; it ends with the process that holds it."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from chassis.runtime.service_runtime import ServiceRuntime

_LOCK = 0x6E6F7469  # any number of our own: PostgreSQL's advisory locks are per database


class SendingLockLost(RuntimeError):
    """The right to send is gone: another process may have it by now."""


class SendingLock:
    """Held until `claimed` ends; `check` makes sure of it, since a broken connection gives it away."""

    def __init__(self, connection: Any = None) -> None:
        self._connection = connection

    def check(self) -> None:
        if self._connection is None:
            return
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except DBAPIError as error:
            raise SendingLockLost("the connection that held the right to send broke") from error


@contextlib.contextmanager
def acquire_sending_lock(runtime: ServiceRuntime) -> Iterator[SendingLock | None]:
    """The right to send, or None while another process has it."""
    if not runtime.store.postgresql:
        with _file(Path(runtime.settings.data) / runtime.service / "sending.lock") as free:
            yield SendingLock() if free else None
        return
    with runtime.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        free = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LOCK})").scalar_one()
        try:
            yield SendingLock(connection) if free else None
        finally:
            if free:
                with contextlib.suppress(DBAPIError):
                    connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_LOCK})")


@contextlib.contextmanager
def _file(path: Path) -> Iterator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
