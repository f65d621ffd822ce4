"""The lock of a data folder: two processes on one SQLite store would each miss the other's messages."""

import fcntl
from pathlib import Path
from typing import IO


class DataFolderLocked(RuntimeError):
    """Another process uses that folder."""


def lock_data_folder(folder: Path) -> IO[str]:
    """Locks the folder until the returned file is closed or the process ends, however it ends.  DataFolderLocked.
    From then on nobody but its owner may look into it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    lock_file = (folder / "held").open("a")
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock_file.close()
        raise DataFolderLocked(f"the system in {folder} runs; stop it first") from None
    return lock_file
