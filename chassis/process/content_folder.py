"""A folder of files that are named by what is in them: each is written once, whole and durable, and never changed."""

import contextlib
import os
import secrets
import time
from collections.abc import Collection
from pathlib import Path

LEFT_SECONDS = 3600
"""No process writes one file for so long."""


class ContentFolder:
    """Files by address, in folders by the first two characters of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        remove_left_behind(folder, "*/*.part")

    def path(self, address: str) -> Path:
        return self.folder / address[:2] / address

    def has(self, address: str) -> bool:
        return self.path(address).exists()

    def write(self, address: str, content: bytes) -> None:
        """Atomically, and durable after a power cut."""
        part = self._part(address)
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._put(part, address)
        finally:
            part.unlink(missing_ok=True)

    def adopt(self, address: str, file: Path) -> None:
        """Takes a file of the same disk whole, durably; `file` stays where it is, and must not be changed any more."""
        part = self._part(address)
        try:
            os.link(file, part)
            with part.open("rb+") as linked:
                os.fsync(linked.fileno())
            self._put(part, address)
        finally:
            part.unlink(missing_ok=True)

    def touch(self, address: str) -> None:
        """It is needed again: no sweep takes it before the event that names it."""
        os.utime(self.path(address))

    def addresses(self, older_than: float, but: Collection[str] = ()) -> set[str]:
        """Of the files that nobody wrote within so many seconds."""
        before = time.time() - older_than
        result = set()
        for path in self.folder.glob("??/*"):
            with contextlib.suppress(OSError):
                if path.suffix != ".part" and path.stat().st_mtime < before and path.name not in but:
                    result.add(path.name)
        return result

    def remove(self, address: str, older_than: float = 0) -> None:
        """A file that nothing names, unless somebody stored the same again meanwhile."""
        path = self.path(address)
        with contextlib.suppress(FileNotFoundError):
            if not older_than or path.stat().st_mtime < time.time() - older_than:
                path.unlink()

    def _part(self, address: str) -> Path:
        path = self.path(address)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_name(f"{address}.{secrets.token_hex(4)}.part")

    def _put(self, part: Path, address: str) -> None:
        part.replace(self.path(address))
        folder = os.open(self.path(address).parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def remove_left_behind(folder: Path, pattern: str) -> None:
    """Files that a process was writing when it was ended."""
    for path in folder.glob(pattern):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > LEFT_SECONDS:
                path.unlink()
