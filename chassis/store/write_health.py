"""Whether a store can be written to: remembers the last failed write until a probe shows that writing works again.

A small write may succeed on a full disk (SQLite reuses its journal, PostgreSQL the free space in its files), so an
ordinary write does not clear the fault; only the probe does, which also allocates disk space."""

import contextlib
import errno
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError, InterfaceError

DISK_FULL, READ_ONLY, NO_CONNECTION, LOCKED, FAILED = (
    "disk_full",
    "read_only",
    "no_connection",
    "locked",
    "write_failed",
)
ROOM = 1 << 20
"""Bytes that the probe allocates for a moment."""
_OF_ERRNO = {
    errno.ENOSPC: DISK_FULL, errno.EDQUOT: DISK_FULL, errno.EROFS: READ_ONLY, errno.EACCES: READ_ONLY,
    errno.EIO: FAILED,
}  # fmt: skip
PASSING_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Errors of writing a file that are transient: the same write can be tried again later."""
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: DISK_FULL, sqlite3.SQLITE_READONLY: READ_ONLY, sqlite3.SQLITE_CANTOPEN: NO_CONNECTION,
    sqlite3.SQLITE_BUSY: LOCKED, sqlite3.SQLITE_LOCKED: LOCKED, sqlite3.SQLITE_IOERR: FAILED,
}  # fmt: skip
_OF_STATE = {"53100": DISK_FULL, "25006": READ_ONLY, "53300": NO_CONNECTION, "58030": FAILED}


class NotWritten(Exception):
    """A subprocess that writes for this service could not.  `word`: one of the constants above, or ''; the message is
    the database's.  It can be tried again later."""

    def __init__(self, word: str, detail: str) -> None:
        super().__init__(detail)
        self.word = word


@dataclass(frozen=True)
class WriteFault:
    """Why writing fails: `word` is one of the constants above, `detail` the message of the database or the system."""

    word: str
    detail: str


class WriteHealth:
    """The current fault, if any, and the time (of time.monotonic) of the last successful write."""

    def __init__(self) -> None:
        self.fault: WriteFault | None = None
        self.written_at = float("-inf")

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Wrap one write: notes whether it succeeded."""
        try:
            yield
        except Exception as error:
            self.failed(error)
            raise
        self.written_at = time.monotonic()

    def failed(self, error: BaseException) -> bool:
        """Remember an error if it means that nothing can be written; returns whether it does."""
        if word := write_fault(error):
            message = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            self.fault = WriteFault(word, message[:300])
        return bool(word)

    def recovered(self) -> None:
        """The probe succeeded: clear the fault."""
        self.fault = None


def write_fault(error: BaseException) -> str:
    """The constant above for an error that means that nothing can be written now; '' for any other error."""
    if isinstance(error, NotWritten):
        return error.word
    if isinstance(error, OSError):
        return _OF_ERRNO.get(error.errno or 0, "")
    original: object = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", 0) & 0xFF
        return _OF_SQLITE.get(code, "")
    if not type(original).__module__.startswith("psycopg"):
        return NO_CONNECTION if isinstance(error, InterfaceError) else ""
    return _of_postgresql(error, original)


def _of_postgresql(error: BaseException, original: object) -> str:
    state = getattr(original, "sqlstate", None) or ""
    if "No space left on device" in str(original):  # 58030 of a write that the server did not expect to fail
        return DISK_FULL
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or state[:2] == "08" or state[:3] == "57P" or (not state and type(original).__name__ == "OperationalError"):
        return NO_CONNECTION
    return _OF_STATE.get(state, "")


def ask_for_room(folder: Path) -> None:
    """Raise OSError when ROOM bytes cannot be allocated in this folder; nothing is left there."""
    with tempfile.TemporaryFile(dir=folder) as file:
        os.posix_fallocate(file.fileno(), 0, ROOM)
