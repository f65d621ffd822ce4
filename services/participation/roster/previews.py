"""Keeps previews of rosters in files until they are confirmed or a week old: whoever made one can leave it and find it
again.  They hold names: all of them go whenever somebody is erased."""

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from services.participation.roster.domain.lines import Line, RosterRow, line_from_json, line_to_json

KEPT_SECONDS: Final = 7 * 24 * 3600
UPLOAD_SECONDS: Final = 3600  # no upload lasts longer
_ID: Final = re.compile(r"[0-9]{8}-[0-9a-f]{10}")


@dataclass(frozen=True)
class Preview:
    """A roster compared with the registry.  `revision` counts the comparisons; `units`: what the units of its lines
    are called; `notes` of its reading: [sheet, line, column, code, text]."""

    roster_id: str
    unit_id: str
    as_of: str
    file: str
    sha256: str
    actor: str
    created_at: str
    rows: list[RosterRow]
    notes: list[list[Any]]
    revision: int = 0
    lines: list[Line] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)

    def line(self, key: str) -> Line | None:
        return next((line for line in self.lines if line.key == key), None)


class Previews:
    """A file a preview."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, preview: Preview) -> None:
        """Durably: what was shown can be confirmed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        document = vars(preview) | {"lines": [line_to_json(line) for line in preview.lines]}
        fresh = self.folder / f"{preview.roster_id}.{os.urandom(4).hex()}.new"
        try:
            with fresh.open("w", encoding="utf-8") as out:
                json.dump(document, out, ensure_ascii=True, separators=(",", ":"))
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(self._path(preview.roster_id))
        finally:
            fresh.unlink(missing_ok=True)

    def find(self, roster_id: str) -> Preview | None:
        """None: it was never made, is too old, or somebody was erased since."""
        if _ID.fullmatch(roster_id) is None:
            return None
        try:
            document = json.loads(self._path(roster_id).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        lines = [line_from_json(line) for line in document.pop("lines")]
        rows = [RosterRow(*cells)._replace(fault=tuple(cells[-1])) for cells in document.pop("rows")]
        return replace(Preview(rows=rows, **document), lines=lines)

    def all(self) -> Iterator[Preview]:
        """The last made first."""
        for path in sorted(self.folder.glob("*.json"), reverse=True):
            if preview := self.find(path.stem):
                yield preview

    def sweep(self) -> None:
        """Takes away what is too old, and what a broken upload left."""
        for path in self.folder.glob("*.*"):
            with contextlib.suppress(FileNotFoundError):
                most = KEPT_SECONDS if path.suffix == ".json" else UPLOAD_SECONDS
                if time.time() - path.stat().st_mtime > most:
                    _remove(path)

    def erase(self, person_id: str) -> int:
        """All previews and uploads, since a row without an id may be anybody's.  How many lines spoke of the person."""
        lines = 0
        for path in list(self.folder.glob("*.json")):
            preview = self.find(path.stem)
            lines += sum(line.person_id == person_id for line in preview.lines) if preview else 0
        for path in [*self.folder.glob("*.json"), *self.folder.glob("*.new")]:
            path.unlink(missing_ok=True)
        return lines

    def _path(self, roster_id: str) -> Path:
        return self.folder / f"{roster_id}.json"


def _remove(path: Path) -> None:
    """A preview, or the folder of an upload."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
