"""A lock that processes of one machine share by a file."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def file_lock(path: Path) -> Iterator[bool]:
    """Whether this process holds it: one at a time may, whichever replica, without waiting.  It ends with the block, or
    with the process.  FileNotFoundError where the folder is not there."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
