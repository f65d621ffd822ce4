"""The values of refused cells of an import, for the messages.

In files beside the spool, never in the log: a refused cell may contain anything, including a name in the wrong column.
Deleted after a month, and all of them when anybody is erased."""

import contextlib
import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from chassis.process.greenlets import yield_control
from services.participation.domain.rows import CorrectionRow, cells_of
from services.participation.imports.domain import Line

KEPT_SECONDS = 31 * 24 * 3600
LONGEST = 200
Place = tuple[str, int]
"""File and line."""


class RefusedValues:
    """One file per import; values that cannot be written are missing in messages later."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sweep(self) -> None:
        for path in self._folder.glob("*.jsonl"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                    path.unlink()

    def discard(self, import_id: str) -> None:
        self._path(import_id).unlink(missing_ok=True)

    def add(self, import_id: str, file: str, values: Iterable[tuple[int, str]]) -> None:
        """(line, value) of refused rows of a file; idempotent."""
        lines = [json.dumps([line, file, value[:LONGEST]], ensure_ascii=True) for line, value in values if value]
        if not lines:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._path(import_id).open("a", encoding="ascii") as out:
                out.write("\n".join(lines) + "\n")

    def of_rows(self, import_id: str, places: Collection[Place]) -> Mapping[Place, str]:
        """The values at these places, as far as they are stored."""
        result: dict[Place, str] = {}
        wanted = {f"[{line}, ": line for _, line in places}
        with contextlib.suppress(OSError), self._path(import_id).open(encoding="ascii") as kept:
            for number, text in enumerate(kept):
                if number % 5000 == 0:
                    yield_control()  # a long list is searched for every page
                if text[: text.find(" ") + 1] in wanted:
                    with contextlib.suppress(ValueError):  # an incomplete last line, after the disk was full
                        line, file, value = json.loads(text)
                        result[file, line] = value
        return result

    def erase(self) -> None:
        """Delete all: whom a cell in the wrong column was about is unknown."""
        for path in self._folder.glob("*.jsonl"):
            path.unlink(missing_ok=True)

    def _path(self, import_id: str) -> Path:
        return self._folder / f"{import_id}.jsonl"


def values_at_fault(lines: Sequence[Line], refused: Iterable[tuple[str, str, str]]) -> list[tuple[int, str]]:
    """(line, value) for each refused (line, column, code)."""
    by_number = {line.number: line for line in lines}
    return [(int(line), _value(by_number[int(line)], column)) for line, column, _ in refused]


def _value(line: Line, column: str) -> str:
    if line.fault is not None:
        return line.fault[2]
    cells = cells_of(line.row)
    if column not in cells and isinstance(line.row, CorrectionRow):
        return line.row.value  # the refusal is about the column that it corrects
    return cells.get(column, "")
