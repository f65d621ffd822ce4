"""Notes of an import besides refused rows: what the reader left out or changed, and what looks doubtful.

In files beside the spool, never in the log, since a note repeats cells; deleted after a month, and all of them when
anybody is erased."""

import contextlib
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from services.participation.domain.messages import NOTE_CODES

KEPT_SECONDS = 31 * 24 * 3600
Note = Sequence[Any]
"""[file, sheet, line, column, code, text]."""


class ImportNotes:
    """One file of notes per import, in the order of creation."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[str, frozenset[tuple[Any, ...]]] = {}

    def begin(self, import_id: str, sources: Iterable[Path]) -> None:
        """Store the notes of the files read, in order; idempotent."""
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._path(import_id)
        draft = target.with_suffix(".new")
        with draft.open("wb") as out:
            for source in sources:
                if source.exists():
                    out.write(source.read_bytes())
        draft.replace(target)

    def add_of_rows(self, import_id: str, notes: Sequence[Note]) -> None:
        """Add notes on rows that are being decided; those written before a crash are not repeated."""
        written = self._written.get(import_id)
        if written is None:
            written = self._written[import_id] = self._of_rows(import_id)
        fresh = [note for note in notes if tuple(note[:5]) not in written]
        self.add(import_id, fresh)
        if fresh:
            # only the last batch can be repeated
            self._written[import_id] = frozenset(tuple(note[:5]) for note in fresh)

    def _of_rows(self, import_id: str) -> frozenset[tuple[Any, ...]]:
        with contextlib.suppress(OSError), self._path(import_id).open(encoding="utf-8") as kept:
            notes = [json.loads(text) for text in kept if any(f'"{code}"' in text for code in NOTE_CODES)]
            return frozenset(tuple(note[:5]) for note in notes)
        return frozenset()

    def add(self, import_id: str, notes: Iterable[Note]) -> None:
        lines = [json.dumps(list(note), ensure_ascii=True) for note in notes]
        if not lines:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._path(import_id).open("a", encoding="ascii") as out:
            out.write("\n".join(lines) + "\n")

    def of_import(self, import_id: str, after: int, limit: int) -> list[dict[str, Any]]:
        """A page of notes after the first `after`."""
        result: list[dict[str, Any]] = []
        with contextlib.suppress(OSError), self._path(import_id).open(encoding="utf-8") as kept:
            for seq, text in enumerate(kept, 1):
                if len(result) == limit:
                    break
                if seq > after:
                    with contextlib.suppress(ValueError):  # an incomplete last line, after the disk was full
                        file, sheet, line, column, code, sentence = json.loads(text)
                        result.append({"seq": seq, "file": file, "sheet": sheet or "", "line": line or 0,
                                       "column": column or "", "code": code, "text": sentence})  # fmt: skip
        return result

    def close(self, import_id: str) -> None:
        """No more notes follow."""
        self._written.pop(import_id, None)

    def discard(self, import_id: str) -> None:
        self._path(import_id).unlink(missing_ok=True)

    def sweep(self) -> None:
        for path in self._folder.glob("*.jsonl"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                    path.unlink()

    def erase(self) -> None:
        """Delete all: whom a cell was about is unknown."""
        for path in self._folder.glob("*"):
            path.unlink(missing_ok=True)

    def _path(self, import_id: str) -> Path:
        return self._folder / f"{import_id}.jsonl"
