"""Leaves no bytes of what was deleted in the store's own files: after an erasure, by nobody else."""

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chassis.store import schema

READABLE: Final = (
    schema.subject_keys, schema.pending_reports, schema.quarantine, schema.receipts, schema.statements,
)  # fmt: skip
"""What holds keys, or texts that are under none: written anew on PostgreSQL, where deleted rows keep their bytes.
All are small; every other table has personal text under a key only."""
PATIENCE = 5.0
"""Seconds for whoever still reads what was deleted."""
_PAUSE = 0.1
_NUMBER = re.compile(r"\d+")


def scrub(engine: sa.Engine, postgresql: bool, writing: AbstractContextManager[object]) -> bool:
    """Whether nothing is left; False (and a warning in the log): somebody read too long, to be done again.

    PostgreSQL: VACUUM FULL, since VACUUM alone frees the place of a row and leaves its bytes there. SQLite: its
    journal begins anew, under the lock of `writing`; pages are overwritten as they are freed (`secure_delete`)."""
    if not postgresql:
        left = [] if _within_patience(partial(_begin_journal, engine, writing)) else ["journal"]
    else:
        left = [table.name for table in READABLE if not _within_patience(partial(_rewrite, engine, table.name))]
    if left:
        import structlog  # which a process that only reads rows never needs

        structlog.get_logger(__name__).warning("erased bytes are left", where=left)
    return not left


def _within_patience(is_done: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not is_done():
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE)
    return True


def _begin_journal(engine: sa.Engine, writing: AbstractContextManager[object]) -> bool:
    with writing, engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
        try:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
        finally:
            connection.exec_driver_sql("PRAGMA busy_timeout=5000")
    return not busy


def _rewrite(engine: sa.Engine, table: str) -> bool:
    """False: the table is in use, or an older look at the store still sees deleted rows, which were kept for it."""
    kept: list[int] = []

    def note(diagnostic: Any) -> None:
        number = _NUMBER.match(diagnostic.message_detail or "")  # `N dead row versions cannot be removed yet`
        kept.append(int(number.group()) if number else 0)

    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver: Any = connection.connection.driver_connection
        driver.add_notice_handler(note)
        try:
            connection.exec_driver_sql("SET lock_timeout = '500ms'")
            connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {table}")
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != "55P03":  # lock_not_available
                raise
            return False
        finally:
            driver.remove_notice_handler(note)
            if not connection.invalidated:
                connection.exec_driver_sql("RESET lock_timeout")
    return not any(kept)
