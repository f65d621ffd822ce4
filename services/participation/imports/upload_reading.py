"""Reads an uploaded file in a process of its own under limits; the result is stored beside it."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from chassis.process import file_readers
from chassis.process.subprocesses import LimitReached, Limits, ProcessFailed
from chassis.store.write_health import ask_for_room
from services.participation.imports.catalogue import TABLE_KINDS, UNIT_TABLE_KINDS
from services.participation.imports.domain import IF_ANY
from services.participation.imports.spool_erasure import erase_read
from services.reading.catalogue import catalogue_json

NO_KIND, NOTES = "no_kind", "notes.jsonl"
READER = "services.reading.read_file"
_CATALOGUE, _CATALOGUE_OF_UNITS = catalogue_json(TABLE_KINDS), catalogue_json(UNIT_TABLE_KINDS)
READ_LIMITS, READ_SECONDS = Limits(memory=192 << 20, cpu_seconds=270), 280
"""Memory for the texts of a workbook; a CSV needs hardly any, whatever its size."""


def catalogue(unit_id: str) -> bytes:
    """The known tables, for a unit's own file or (`unit_id` empty) the district's."""
    return _CATALOGUE_OF_UNITS if unit_id else _CATALOGUE


def read_upload(folder: Path, number: int, name: str, table: str, unit_id: str = "") -> None:
    """Read `N.raw` into `N.read`: `summary.json`, `notes.jsonl` and the rows of each part.  For an unreadable file the
    summary says why."""
    fresh = folder / f"{number}.{os.urandom(4).hex()}.reading"
    fresh.mkdir()
    try:
        summary = _read(folder / f"{number}.raw", fresh, name, table.strip(IF_ANY), unit_id)
        if table == IF_ANY and summary.get("code") == NO_KIND:
            summary = _left_out(fresh, name, summary["unreadable"])
        erase_read(folder, fresh)
        with (fresh / "summary.json").open("w", encoding="utf-8") as out:
            json.dump(summary, out, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        for path in fresh.glob("*.rows"):
            with path.open("rb+") as rows:
                os.fsync(rows.fileno())
        fresh.rename(folder / f"{number}.read")
        if (folder / f"{number}.read" / "forget").exists():
            (folder / f"{number}.raw").unlink(missing_ok=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _left_out(into: Path, name: str, sentence: str) -> dict[str, Any]:
    """The summary of a file that is skipped because it is no known table, with a note."""
    note = [name, "", 0, "", "file_left_out", f"这个文件没有导入：{sentence}"]
    (into / NOTES).write_text(json.dumps(note) + "\n", encoding="ascii")
    return {"parts": [], "notes": 1}


def _read(raw: Path, into: Path, name: str, table: str, unit_id: str) -> dict[str, Any]:
    """The name is needed for notes, which are shown to the importer only."""
    arguments = (str(raw), name, table, str(into))
    try:
        out = file_readers.read_of_many(READER, *arguments, given=catalogue(unit_id), limits=READ_LIMITS,
                                        seconds=READ_SECONDS)  # fmt: skip
    except LimitReached:
        return {"unreadable": "读取所需的内存或时间超出限度，请另存为 CSV 或拆分后导入。", "code": "too_costly"}
    except ProcessFailed:
        ask_for_room(into)  # fails with a clear error if the disk is full
        raise
    summary: dict[str, Any] = json.loads(out)
    return summary
