"""A small filesystem in memory that a test fills and frees; only root may mount one."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path


class SmallDisk:
    """A tmpfs of so many megabytes at `place`, where other users can walk to."""

    def __init__(self, megabytes: int) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="qihang-small-disk-"))
        options = f"size={megabytes}m,mode=0755"
        self.place.chmod(0o755)
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", self.place], check=True)

    def fill(self) -> None:
        """To the last byte."""
        with (self.place / "filler").open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                return

    def free(self) -> None:
        (self.place / "filler").unlink()

    def discard(self) -> None:
        subprocess.run(["umount", "--lazy", self.place], check=True)
        self.place.rmdir()
