"""Puts the members of a backup into a district server whose store runs and whose services do not."""

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cli.backup.archive import Sink
from cli.backup.containers import HEADS_HOME, HOME, SECRETS, VOLUME, VOLUMES
from cli.backup.postgres import DUMP, HEADS, STORE_DUMPS, MemorySink, Part, end_of
from cli.backup.project import Project
from cli.failure import Failure

STAGE = ".restored.part"
UNPACK = ("-xf", "-", "--no-same-owner")


class StoreLoader:
    """Takes the members: a program for each store and volume, fed part by part."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __call__(self, name: str) -> Sink | None:
        whole, _, number = name.rpartition(".")
        words = self._program(whole)
        if not words or not number.isdecimal():
            return None
        if whole not in self._processes:
            self._end_all()  # the members of one come one after the other
            self._processes[whole] = subprocess.Popen(words(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        return Part(self._processes[whole])

    def _program(self, whole: str) -> Callable[[], Sequence[str]] | None:
        project = self._project
        if whole == HEADS:  # what lies there already, on another machine, stays
            return lambda: [*project.attached("participation", "tar"), "-C", HEADS_HOME, *UNPACK, "--skip-old-files"]
        if whole.startswith(STORE_DUMPS) and whole.endswith(DUMP):
            store = whole.removeprefix(STORE_DUMPS).removesuffix(DUMP)
            words = "pg_restore", "--exit-on-error", f"--dbname={store}"
            return lambda: [*project.inside("postgres", "postgres"), *words]
        if whole.startswith(VOLUMES) and whole.endswith(VOLUME):
            service = whole.removeprefix(VOLUMES).removesuffix(VOLUME)
            return lambda: [*project.attached(service, "tar"), "-C", HOME, *UNPACK]
        return None

    def _end_all(self) -> None:
        for process in self._processes.values():
            end_of(process)

    def finish(self) -> None:
        """Waits for the last.  Failure names what was not taken."""
        self._end_all()
        if failed := [name for name, process in self._processes.items() if process.returncode]:
            raise Failure(f"没有恢复：{'、'.join(failed)}")


class Secrets:
    """Keeps the secrets of a backup, which are few and small, until they are put in their folder."""

    def __init__(self) -> None:
        self.files: dict[str, bytearray] = {}

    def __call__(self, name: str) -> Sink | None:
        if not name.startswith(SECRETS):
            return None
        return MemorySink(self.files.setdefault(name.removeprefix(SECRETS), bytearray()))

    def put(self, folder: Path, modes: Mapping[str, int]) -> None:
        """In the place of what the folder holds.  Containers read them as users of their own: only the folder itself is
        closed to others."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        stage = folder / STAGE
        shutil.rmtree(stage, ignore_errors=True)
        for name, content in self.files.items():
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(modes[name] & 0o777)
        for below in (path for path in stage.rglob("*") if path.is_dir()):
            below.chmod(0o755)
        for path in [path for path in folder.iterdir() if path != stage]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in list(stage.iterdir()):
            path.rename(folder / path.name)
        stage.rmdir()
