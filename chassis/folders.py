"""A data folder is one house's at a time: SQLite would let two write, each without the other's messages."""

import fcntl
from pathlib import Path
from typing import IO


class Held(RuntimeError):
    """Another process lives in that folder."""


def hold(folder: Path) -> IO[str]:
    """Hold the folder until the answer is closed or the process ends, however it ends.  Held."""
    folder.mkdir(parents=True, exist_ok=True)
    held = (folder / "held").open("a")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise Held(f"the house in {folder} runs; stop it first") from None
    return held
