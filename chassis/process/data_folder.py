"""The lock of a data folder: two processes with brokers in memory on one store would miss each other's events."""

import fcntl
from pathlib import Path
from typing import IO


class DataFolderLocked(RuntimeError):
    """Another process has locked the folder."""


def lock_data_folder(folder: Path) -> IO[str]:
    """Lock the folder until the returned file is closed or the process ends, even by a kill; make it readable by its
    owner only.

    Raises DataFolderLocked when another process holds the lock."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    lock_file = (folder / "held").open("a")
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock_file.close()
        raise DataFolderLocked(f"the system in {folder} runs; stop it first") from None
    return lock_file
