"""Compares all files that events of a log refer to with the log, in the background; progress can be polled."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import eventlet
import structlog

from chassis.process import greenlets
from chassis.store import event_log
from chassis.store.database import Store
from chassis.store.kept_outcome import KeptOutcome

_log = structlog.get_logger(__name__)
MOST_PROBLEMS = 50
PROBLEM = ("position", "stream", "file", "state")


@dataclass
class FileVerificationProgress:
    """Progress: `position` of `head` events read.  Numbers of files: `checked`; `broken` (missing or changed, the first
    of them in `problems`); `erased` (their key was destroyed); `orphans` (no event refers to them)."""

    state: str = "idle"
    seconds: float = 0.0
    detail: str = ""
    ended_at: str = ""
    checked: int = 0
    erased: int = 0
    position: int = 0
    head: int = 0
    broken: int = 0
    orphans: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "seconds": f"{self.seconds:.3f}"}


def file_progress_of(outcome: Mapping[str, Any]) -> FileVerificationProgress:
    """The progress that was saved; idle where nothing was."""
    known = {each.name for each in fields(FileVerificationProgress)}
    kept = {name: value for name, value in outcome.items() if name in known}
    return FileVerificationProgress(**{**kept, "seconds": float(outcome.get("seconds") or 0)})


class FileVerification:
    """One run at a time.  `compare(partition, after)` compares a part of the log (chassis/http/compared_files.py);
    `orphans()` returns the files that no event refers to."""

    def __init__(
        self, store: Store, compare: Callable[[int, int], Any], orphans: Callable[[], list[str]], outcome: KeptOutcome
    ) -> None:
        self._store, self._compare, self._orphans, self._outcome = store, compare, orphans, outcome
        self.progress = file_progress_of(outcome.read())

    def begin(self, spawn: Callable[..., Any] = eventlet.spawn_n) -> None:
        """Start in the background unless one runs."""
        if self.progress.state != "running":
            self.progress = FileVerificationProgress("running")
            spawn(self.run)

    def run(self) -> None:
        """Compare all files; the outcome is saved."""
        progress, started = self.progress, time.monotonic()
        try:
            with self._store.reading() as connection:
                heads = {each.partition: each.position for each in event_log.read_heads(connection)}
            progress.head = sum(heads.values())
            for partition in heads:
                self._walk(partition, progress, started)
            progress.orphans = len(self._orphans())
        except Exception as error:
            _log.exception("files were not compared")
            progress.state, progress.detail = "failed", repr(error)[:500]
        else:
            progress.state = "done"
        progress.seconds, progress.ended_at = max(time.monotonic() - started, 1e-6), self._outcome.now()
        self._outcome.keep(progress.as_json())

    def _walk(self, partition: int, progress: FileVerificationProgress, started: float) -> None:
        before, after = progress.position, 0
        while True:
            part = self._compare(partition, after)
            progress.checked, progress.erased = progress.checked + part.checked, progress.erased + part.erased
            progress.broken += len(part.problems)
            room = MOST_PROBLEMS - len(progress.problems)
            progress.problems += [{name: each[name] for name in PROBLEM} for each in part.problems[: max(room, 0)]]
            progress.position = before + min(part.position, part.head)
            progress.seconds = time.monotonic() - started
            if part.position <= after or part.position >= part.head:
                return
            after = part.position
            greenlets.yield_control()
