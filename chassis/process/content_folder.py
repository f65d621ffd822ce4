"""A content-addressed folder: each file is named by its content, written once (atomic, durable), and never changed."""

import contextlib
import os
import secrets
import time
from collections.abc import Collection
from pathlib import Path

LEFT_SECONDS = 3600
"""Age of a temporary file from which it is taken as abandoned: no process takes that long to write one file."""


class ContentFolder:
    """Files by address (such as the SHA-256 of the content), in subfolders named by its first two characters."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        remove_left_behind(folder, "*/*.part")

    def path(self, address: str) -> Path:
        return self.folder / address[:2] / address

    def has(self, address: str) -> bool:
        return self.path(address).exists()

    def write(self, address: str, content: bytes) -> None:
        """Store the content under that address: atomic, and on disk (fsync) when the call returns."""
        part = self._part(address)
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._move_into_place(part, address)
        finally:
            part.unlink(missing_ok=True)

    def adopt(self, address: str, file: Path) -> None:
        """Store a file of the same file system by a hard link, durably, without copying it.  `file` stays where it
        is and must not be changed any more."""
        part = self._part(address)
        try:
            os.link(file, part)
            with part.open("rb+") as linked:
                os.fsync(linked.fileno())
            self._move_into_place(part, address)
        finally:
            part.unlink(missing_ok=True)

    def touch(self, address: str) -> None:
        """Renew the modification time, so that `addresses(older_than)` does not list the file for removal before the
        event that refers to it is recorded."""
        os.utime(self.path(address))

    def addresses(self, older_than: float, but: Collection[str] = ()) -> set[str]:
        """The addresses of files last written or touched more than `older_than` seconds ago, except those in `but`."""
        before = time.time() - older_than
        result = set()
        for path in self.folder.glob("??/*"):
            with contextlib.suppress(OSError):
                if path.suffix != ".part" and path.stat().st_mtime < before and path.name not in but:
                    result.add(path.name)
        return result

    def remove(self, address: str, older_than: float = 0) -> None:
        """Delete a file that nothing refers to; not one written or touched within `older_than` seconds, which somebody
        may have stored again meanwhile.  A file that is not there is no error."""
        path = self.path(address)
        with contextlib.suppress(FileNotFoundError):
            if not older_than or path.stat().st_mtime < time.time() - older_than:
                path.unlink()

    def _part(self, address: str) -> Path:
        path = self.path(address)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_name(f"{address}.{secrets.token_hex(4)}.part")

    def _move_into_place(self, part: Path, address: str) -> None:
        part.replace(self.path(address))
        folder = os.open(self.path(address).parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def remove_left_behind(folder: Path, pattern: str) -> None:
    """Delete temporary files matching the pattern that a process was still writing when it was killed."""
    for path in folder.glob(pattern):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > LEFT_SECONDS:
                path.unlink()
