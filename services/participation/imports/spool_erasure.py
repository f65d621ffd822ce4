"""Takes a person out of what is kept of imports: rows that wait are emptied in place, uploads and texts go."""

import json
import os
import time
from pathlib import Path

from services.participation.domain import ROW_KINDS
from services.participation.imports.spool import LEFT_SECONDS, Spool

_RECORD = ROW_KINDS["record"].columns
ERASED = "erased"
"""A file of the ids of persons erased while a file of the import was not read yet, one a line."""


def erase_person(spool: Spool, person_id: str) -> int:
    """Empties the rows that name this person, and those that name anybody without an id (what the person was called is
    not known any more): an import that runs goes on, and refuses them as empty.  How many.
    Uploads that are read go whole, the others once they are read; so do texts of refused cells and notes."""
    spool.refused_values.erase()
    spool.notes.erase()
    count = 0
    for folder in spool.folders():
        _remove_uploads(folder)
        for path in (*folder.glob("*.new"), *folder.glob("*.reading")):
            if time.time() - path.stat().st_mtime > LEFT_SECONDS and path.is_file():
                path.unlink(missing_ok=True)
        if any(folder.glob("*.raw")) or any(folder.glob("*.new")):
            with (folder / ERASED).open("a", encoding="utf-8") as out:
                out.write(f"{person_id}\n")
        count += sum(_empty_rows_of(person_id, path) for path in folder.glob("**/*.rows"))
        for path in folder.glob("*.read/notes.jsonl"):
            path.write_bytes(b"")
    return count


def erase_read(folder: Path, read: Path) -> None:
    """Takes those who were erased meanwhile out of what was just read of a file, and the upload with them."""
    if not (folder / ERASED).exists():
        return
    persons = (folder / ERASED).read_text(encoding="utf-8").split("\n")
    counts = [_empty_rows_of(person_id, path) for person_id in persons if person_id for path in read.glob("*.rows")]
    if any(counts):
        (read / "notes.jsonl").write_bytes(b"")
        (read / "forget").touch()


def _remove_uploads(folder: Path) -> None:
    """Those that need not be read any more."""
    for raw in folder.glob("*.raw"):
        if (folder / "ended").exists() or (folder / f"{raw.stem}.read").exists():
            raw.unlink(missing_ok=True)


def _is_named_only(cells: list[str]) -> bool:
    """Whether a unit's row of records says a name, and no id."""
    return len(cells) > len(_RECORD) and bool(cells[-1]) and not cells[_RECORD.index("person_id")]


def _empty_rows_of(person_id: str, path: Path) -> int:
    """Each row keeps its length, so that every place in the file stays."""
    count = 0
    with path.open("rb+") as spooled:
        while raw := spooled.readline():
            number, cells, fault = json.loads(raw)
            texts = [*cells, fault[2] if fault else ""]
            named = person_id in (part for cell in texts for part in (cell, *cell.split("/")))
            if not named and not _is_named_only(cells):
                continue
            empty = json.dumps([number, [""] * len(cells), None], separators=(",", ":")).encode()
            spooled.seek(-len(raw), os.SEEK_CUR)
            spooled.write(empty.ljust(len(raw) - 1) + b"\n")
            count += 1
        spooled.flush()
        os.fsync(spooled.fileno())
    return count
