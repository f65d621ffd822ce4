"""Removes the bytes of deleted rows from the database files, after the erasure of a person."""

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
"""Tables with keys or with personal text that is not encrypted: rewritten on PostgreSQL, where deleted rows leave their
bytes.  All are small; every other table has personal text in encrypted form only."""
PATIENCE = 5.0
"""Seconds to wait for transactions that still see the deleted rows."""
_PAUSE = 0.1
_NUMBER = re.compile(r"\d+")


def scrub(engine: sa.Engine, postgresql: bool, writing: AbstractContextManager[object]) -> bool:
    """Remove the bytes of deleted rows; returns whether none are left.  False, with a warning in the log: a transaction
    that still sees them took longer than PATIENCE, so it is to be tried again.

    PostgreSQL: VACUUM FULL, since VACUUM alone leaves a row's bytes in place.  SQLite: truncates the write-ahead log,
    under the lock `writing`; freed pages are overwritten anyway (`secure_delete`)."""
    if not postgresql:
        left = [] if _within_patience(partial(_begin_journal, engine, writing)) else ["journal"]
    else:
        left = [table.name for table in READABLE if not _within_patience(partial(_rewrite, engine, table.name))]
    if left:
        import structlog  # here, since a process that only reads rows never needs it

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
    """Whether no deleted rows are left.  False: the table is in use, or an older transaction still sees them."""
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
