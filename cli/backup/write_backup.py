"""Writes a backup under a temporary name, reads it back whole, and only then gives it its name."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

import pyrage

from cli.backup.archive import Json, Sink, Writer, read_whole
from cli.failure import Failure

FORMAT = 1
SUFFIX = ".qihang"
ERASED_SUFFIX = ".erased.txt"


class MemberCheck(Protocol):
    """Takes an archive's members, and looks into the stores among them."""

    def __call__(self, name: str) -> Sink | None: ...

    def compare(self, states: Json) -> None: ...


class Source(Protocol):
    """A system that can be backed up."""

    kind: str

    def write(self, about: Json, out: Writer) -> None: ...

    def checking(self) -> AbstractContextManager[MemberCheck]: ...


def make_backup(out: Path, identity: pyrage.x25519.Identity, system: Source) -> Json:
    """A file at `out` that was read back whole, or none; what it says of itself.  Failure."""
    about: Json = {
        "format": FORMAT, "kind": system.kind, "version": program_version(),
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    with _draft(out) as draft:
        with draft.open("wb") as file:
            writer = Writer(file, identity)
            try:
                system.write(about, writer)
                writer.finish()
            except BaseException:
                writer.abandon()
                raise
            file.flush()
            os.fsync(file.fileno())
        about = check_backup(draft, identity, system)
        draft.replace(out)
    _write_erased(out, about["erased"])
    _sync(out.parent)
    return about


def check_backup(path: Path, identity: pyrage.x25519.Identity, system: Source) -> Json:
    """Decrypts and compares every member, and looks into every store; what the file says of itself.  Failure."""
    with system.checking() as checking:
        about = read_whole(path, identity, checking)
        checking.compare(about["stores"])
    return about


def remove_older(out: Path, keep: int) -> list[Path]:
    """Removes all but the newest `keep` backups of the folder, by their time of writing."""
    backups = sorted(out.parent.glob(f"*{SUFFIX}"), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    for path in backups[keep:]:
        path.unlink()
        path.with_name(path.name + ERASED_SUFFIX).unlink(missing_ok=True)
    return backups[keep:]


def program_version() -> str:
    try:
        return version("qihang")
    except PackageNotFoundError:
        return ""


@contextmanager
def _draft(out: Path) -> Iterator[Path]:
    """A private file beside `out`, held while it is written; one that a killed backup left is taken over."""
    if not out.parent.is_dir():
        raise Failure(f"没有文件夹 {out.parent}")
    draft = out.with_name(f"{out.name}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failure(f"{out} 正在由另一个备份写入") from None
        os.fchmod(held.fileno(), 0o600)
        try:
            yield draft
        finally:
            draft.unlink(missing_ok=True)


def _write_erased(out: Path, persons: list[str]) -> None:
    """Who is erased, beside the backup: an older one, restored from the same folder, is held against it."""
    path = out.with_name(out.name + ERASED_SUFFIX)
    path.touch(mode=0o600)
    path.write_text("".join(f"{person}\n" for person in persons), encoding="utf-8")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
