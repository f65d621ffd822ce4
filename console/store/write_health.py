"""Whether the console's store can be written: tried when readiness is asked, with room for a megabyte, and said by one
word (the same words as the services', docs/decisions/0121)."""

import contextlib
import errno
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

DISK_FULL, READ_ONLY, NO_CONNECTION, LOCKED, FAILED = (
    "disk_full", "read_only", "no_connection", "locked", "write_failed",
)  # fmt: skip
ROOM: Final = 1 << 20
KEPT_SECONDS: Final = 5.0
_OF_ERRNO = {errno.ENOSPC: DISK_FULL, errno.EDQUOT: DISK_FULL, errno.EROFS: READ_ONLY, errno.EACCES: READ_ONLY}
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: DISK_FULL, sqlite3.SQLITE_READONLY: READ_ONLY, sqlite3.SQLITE_CANTOPEN: NO_CONNECTION,
    sqlite3.SQLITE_BUSY: LOCKED, sqlite3.SQLITE_LOCKED: LOCKED,
}  # fmt: skip
_OF_STATE = {"53100": DISK_FULL, "25006": READ_ONLY, "53300": NO_CONNECTION}


class WriteHealth:
    """The last look at writing, kept for a few seconds: readiness is asked by anybody inside, as often as they like."""

    def __init__(self, probe: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._probe, self._clock = probe, clock
        self._looked_at, self._word = float("-inf"), ""
        self._lock = threading.Lock()

    def fault(self) -> str:
        """Why nothing can be written; empty: it can."""
        with self._lock:
            if self._clock() - self._looked_at >= KEPT_SECONDS:
                self._word = _word_of(self._probe)
                self._looked_at = self._clock()
            return self._word


def ask_for_room(folder: Path) -> None:
    """OSError when ROOM bytes cannot be had in this folder; nothing is left there."""
    with tempfile.TemporaryFile(dir=folder) as file:
        os.posix_fallocate(file.fileno(), 0, ROOM)


def _word_of(probe: Callable[[], None]) -> str:
    try:
        probe()
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        return write_fault(error)
    return ""


def write_fault(error: BaseException) -> str:
    """The word for what a write met."""
    if isinstance(error, OSError):
        return _OF_ERRNO.get(error.errno or 0, FAILED)
    original: object = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, sqlite3.Error):
        return _OF_SQLITE.get(getattr(original, "sqlite_errorcode", 0) & 0xFF, FAILED)
    if "No space left on device" in str(original):
        return DISK_FULL
    state = getattr(original, "sqlstate", None) or ""
    if state[:2] == "08" or state[:3] == "57P" or not state:  # also no free connection in time
        return NO_CONNECTION
    return _OF_STATE.get(state, FAILED)


def write_a_little(place: Path, statement: str) -> None:
    """SQLite: one small write on a connection of its own, which waits two seconds for others."""
    with contextlib.closing(sqlite3.connect(place, timeout=2, isolation_level=None)) as driver:
        driver.execute(statement)
