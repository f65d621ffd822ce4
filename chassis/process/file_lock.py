"""An exclusive lock between processes of one machine, by a file (flock)."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def file_lock(path: Path) -> Iterator[bool]:
    """Try to take the lock without waiting; yields whether this process holds it.  It is released at the end of the
    block or of the process.

    Raises FileNotFoundError when the folder does not exist."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
