"""Removes an erased person from the files of imports: spooled rows are emptied in place, uploads and texts deleted."""

import json
import os
import time
from pathlib import Path

from services.participation.domain import ROW_KINDS
from services.participation.imports.spool import LEFT_SECONDS, Spool

_RECORD = ROW_KINDS["record"].columns
ERASED = "erased"
"""A file with the ids of persons erased while a file of the import was not read yet, one per line."""


def erase_person(spool: Spool, person_id: str) -> int:
    """Empty the rows with this person's id, and those with a name but no id (the person's name is not known any more):
    a running import continues and refuses them as empty.  Returns how many.  Uploads that are read are deleted, the
    others once they are read; so are texts of refused cells and notes."""
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
    """Remove those who were erased meanwhile from what was just read of a file, and delete the upload."""
    if not (folder / ERASED).exists():
        return
    persons = (folder / ERASED).read_text(encoding="utf-8").split("\n")
    counts = [_empty_rows_of(person_id, path) for person_id in persons if person_id for path in read.glob("*.rows")]
    if any(counts):
        (read / "notes.jsonl").write_bytes(b"")
        (read / "forget").touch()


def _remove_uploads(folder: Path) -> None:
    """Delete those that need not be read any more."""
    for raw in folder.glob("*.raw"):
        if (folder / "ended").exists() or (folder / f"{raw.stem}.read").exists():
            raw.unlink(missing_ok=True)


def _is_named_only(cells: list[str]) -> bool:
    """Whether a row of a unit's records has a name and no id."""
    return len(cells) > len(_RECORD) and bool(cells[-1]) and not cells[_RECORD.index("person_id")]


def _empty_rows_of(person_id: str, path: Path) -> int:
    """Each row keeps its length, so that offsets in the file stay valid."""
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
