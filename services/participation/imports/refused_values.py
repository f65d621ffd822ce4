"""What stood in the cells for which rows of an import were refused, so that the refusal can show it.

In files beside the spool, never in the log: a refused cell may hold anything, a name in the wrong column too.  They go
after a month, and all of them whenever somebody is erased."""

import contextlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from services.participation.domain.rows import CorrectionRow, Row, cells_of
from services.participation.imports.domain import Line

KEPT_SECONDS = 31 * 24 * 3600
LONGEST = 200
Place = tuple[str, int]
"""File and line."""


class RefusedValues:
    """A file an import; what cannot be written is not shown later on, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for path in folder.glob("*.jsonl"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                    path.unlink()

    def add(self, import_id: str, file: str, values: Iterable[tuple[int, str]]) -> None:
        """(line, value) of refused rows of a file; the same again does no harm."""
        lines = [json.dumps([file, line, value[:LONGEST]], ensure_ascii=True) for line, value in values if value]
        if not lines:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._path(import_id).open("a", encoding="ascii") as out:
                out.write("\n".join(lines) + "\n")

    def of_import(self, import_id: str) -> Mapping[Place, str]:
        result: dict[Place, str] = {}
        with contextlib.suppress(OSError), self._path(import_id).open(encoding="ascii") as kept:
            for text in kept:
                with contextlib.suppress(ValueError):  # the last line of a disk that was full
                    file, line, value = json.loads(text)
                    result[file, line] = value
        return result

    def erase(self) -> None:
        """All of them: nobody can tell of whom a cell in the wrong column spoke."""
        for path in self._folder.glob("*.jsonl"):
            path.unlink(missing_ok=True)

    def _path(self, import_id: str) -> Path:
        return self._folder / f"{import_id}.jsonl"


def values_at_fault(lines: Sequence[Line], refused: Iterable[tuple[str, str, str]]) -> list[tuple[int, str]]:
    """(line, value) for each refused (line, column, code)."""
    rows = {line.number: line.row for line in lines}
    return [(int(line), _cell(rows[int(line)], column)) for line, column, _ in refused]


def _cell(row: Row, column: str) -> str:
    cells = cells_of(row)
    if column not in cells and isinstance(row, CorrectionRow):
        return row.value  # refused for the column that it corrects
    return cells.get(column, "")
