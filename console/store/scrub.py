"""Leaves no bytes of rows that were deleted in the console's own store: after an account was removed."""

import re
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Engine, Table
from sqlalchemy.exc import OperationalError

PATIENCE = 5.0
"""Seconds for whoever still reads what was deleted."""
_PAUSE = 0.1
_NUMBER = re.compile(r"\d+")


def begin_journal_anew(engine: Engine) -> bool:
    """SQLite; its pages are overwritten as they are freed.  False: somebody reads it for longer than PATIENCE."""
    with closing(engine.raw_connection()) as raw:  # none of SQLAlchemy's: it would begin a transaction
        ((busy, *_),) = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # waits as long as for any lock
    return not busy


def write_anew(engine: Engine, tables: Sequence[Table]) -> bool:
    """PostgreSQL, where a deleted row keeps its bytes.  False: somebody reads or saw the rows for longer than
    PATIENCE."""
    until = time.monotonic() + PATIENCE
    for table in tables:
        while not _is_written_anew(engine, table):
            if time.monotonic() > until:
                return False
            time.sleep(_PAUSE)
    return True


def _is_written_anew(engine: Engine, table: Table) -> bool:
    kept: list[int] = []

    def note(diagnostic: Any) -> None:
        number = _NUMBER.match(diagnostic.message_detail or "")  # `N dead row versions cannot be removed yet`
        kept.append(int(number.group()) if number else 0)

    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver: Any = connection.connection.driver_connection
        driver.add_notice_handler(note)
        try:
            connection.exec_driver_sql("SET lock_timeout = '500ms'")
            connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {table.name}")
        except OperationalError:  # the lock was not to be had
            return False
        finally:
            driver.remove_notice_handler(note)
            if not connection.invalidated:
                connection.exec_driver_sql("RESET lock_timeout")
    return not any(kept)
