"""Comparisons that are running or ended without a preview: one folder each, with the uploaded file.  The process with
the folder's lock works on it; after a crash another one continues (docs/decisions/0240)."""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from chassis.process.file_lock import file_lock
from chassis.process.problems import Problem
from services.participation.roster.previews import COMPARISON, ID, Preview

WAITING, READING, COMPARING, COMPARED = "waiting", "reading", "comparing", "compared"
UNREADABLE, ABANDONED = "unreadable", "abandoned"
STATES: Final = (WAITING, READING, COMPARING, COMPARED, UNREADABLE, ABANDONED)
_HEAD, _STATE, _RAW = "head.json", "state.json", "raw"


@dataclass(frozen=True)
class Comparison:
    """`head`: the head of its future preview; `done` of `total` rows are compared; `fault`: why it ended without one,
    as a message for people; `attempts`: how often it was started."""

    head: Preview
    state: str = WAITING
    done: int = 0
    total: int = 0
    fault: str = ""
    attempts: int = 0

    @property
    def is_open(self) -> bool:
        return not self.fault


class Comparisons:
    """The comparisons in the folder of previews."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, head: Preview, chunks: Iterable[bytes]) -> None:
        """Store the uploaded file durably.  Problem 409."""
        with self._fresh(head.roster_id) as fresh:
            digest = hashlib.sha256()
            with (fresh / _RAW).open("wb") as out:
                for chunk in chunks:
                    digest.update(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            if not fresh.exists():
                raise Problem(409, "erased_meanwhile", "有人员的个人信息刚被清除，请重新提交文件。")
            _write(fresh / _HEAD, asdict(replace(head, sha256=digest.hexdigest())))

    def begin_again(self, head: Preview) -> None:
        """Compare the rows of its preview again; a running comparison is left alone."""
        if (known := self.find(head.roster_id)) and known.is_open:
            return
        self.end(head.roster_id)
        with self._fresh(head.roster_id) as fresh:
            _write(fresh / _HEAD, asdict(head))

    def find(self, roster_id: str) -> Comparison | None:
        """None if it was never begun, or its preview exists."""
        if ID.fullmatch(roster_id) is None:
            return None
        place = self.place(roster_id)
        if (head := _read(place / _HEAD)) is None:
            return None
        return Comparison(Preview(**head), **(_read(place / _STATE) or {}))

    def all(self) -> list[Comparison]:
        """All, latest first."""
        begun = [self.find(path.stem) for path in self._folder.glob(f"*{COMPARISON}")]
        return sorted((each for each in begun if each), key=lambda each: each.head.created_at, reverse=True)

    def open(self) -> list[Comparison]:
        """Those that are not done, oldest first."""
        return [each for each in reversed(self.all()) if each.is_open]

    def place(self, roster_id: str) -> Path:
        return self._folder / f"{roster_id}{COMPARISON}"

    def upload(self, roster_id: str) -> Path:
        """The path of the uploaded file, which does not exist if it is compared again."""
        return self.place(roster_id) / _RAW

    @contextlib.contextmanager
    def locked(self, roster_id: str) -> Iterator[bool]:
        """Whether this process got the lock of the comparison, which all replicas share; held until the end of the
        block."""
        place = self.place(roster_id)
        if not place.is_dir():
            yield False
            return
        with file_lock(place / "lock") as is_held:
            yield is_held

    def note(self, comparison: Comparison) -> None:
        """Record its progress, unless it was removed meanwhile (somebody was erased)."""
        state = {name: value for name, value in asdict(comparison).items() if name != "head"}
        with contextlib.suppress(FileNotFoundError):
            _write(self.place(comparison.head.roster_id) / _STATE, state)

    def fail(self, comparison: Comparison, state: str, fault: str) -> None:
        """End it without a preview, with the reason; what was uploaded and read is deleted."""
        self.note(replace(comparison, state=state, fault=fault))
        self.upload(comparison.head.roster_id).unlink(missing_ok=True)
        shutil.rmtree(self.place(comparison.head.roster_id) / "read", ignore_errors=True)

    def end(self, roster_id: str) -> None:
        """Delete it: its preview exists, or it is not wanted any more."""
        (self.place(roster_id) / _HEAD).unlink(missing_ok=True)
        shutil.rmtree(self.place(roster_id), ignore_errors=True)

    @contextlib.contextmanager
    def _fresh(self, roster_id: str) -> Iterator[Path]:
        """A folder that replaces its folder once it is complete."""
        fresh = self._folder / f"{roster_id}.{os.urandom(4).hex()}.new"
        fresh.mkdir(parents=True)
        try:
            yield fresh
            fresh.rename(self.place(roster_id))
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _write(path: Path, document: dict[str, Any]) -> None:
    fresh = path.with_suffix(f".{os.urandom(4).hex()}")
    fresh.write_text(json.dumps(document, ensure_ascii=True, separators=(",", ":")), encoding="ascii")
    fresh.replace(path)


def _read(path: Path) -> dict[str, Any] | None:
    """None if it is missing, or incomplete after a power failure."""
    with contextlib.suppress(OSError, ValueError):
        document: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
        return document
    return None
