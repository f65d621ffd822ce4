"""A data folder is one system's at a time: SQLite would let two write, each without the other's messages."""

import fcntl
from pathlib import Path
from typing import IO


class DataFolderLocked(RuntimeError):
    """Another process lives in that folder."""


def lock_data_folder(folder: Path) -> IO[str]:
    """Hold the folder until the answer is closed or the process ends, however it ends.  Held."""
    folder.mkdir(parents=True, exist_ok=True)
    held = (folder / "held").open("a")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise DataFolderLocked(f"the system in {folder} runs; stop it first") from None
    return held
