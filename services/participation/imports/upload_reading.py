"""Has an uploaded file read, by a process of its own under limits; what was read lies beside it afterwards."""

import json
import os
import shutil
from pathlib import Path

from chassis.process import file_readers
from chassis.process.subprocesses import LimitReached, Limits, ProcessFailed
from chassis.store.write_health import ask_for_room
from services.participation.domain import ROW_KINDS
from services.participation.imports.domain import KIND_OF_TABLE, TABLES
from services.participation.imports.spool_erasure import erase_read

PARSE_MODULE = "services.participation.imports.parse_upload"
PARSE_LIMITS, PARSE_SECONDS = Limits(memory=192 << 20, cpu_seconds=270), 280
"""Memory for the texts of a workbook; a CSV needs next to none, whatever its size."""


def read_upload(folder: Path, number: int, name: str, table: str) -> None:
    """Reads `N.raw` into `N.read`: `summary.json`, `notes.jsonl` and the rows of each part.  A file that cannot be read
    has a summary that says why."""
    fresh = folder / f"{number}.{os.urandom(4).hex()}.reading"
    fresh.mkdir()
    try:
        summary = _read(folder / f"{number}.raw", fresh, name, table)
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


def _read(raw: Path, into: Path, name: str, table: str) -> object:
    table = table or (name.rpartition(".")[0] or name).lower()
    if table not in TABLES:
        return {"unreadable": f"看不出是哪一类数据，请用 --kind 写明：{'、'.join(TABLES)}。"}
    columns = ",".join(ROW_KINDS[KIND_OF_TABLE[table]].columns)
    try:
        out = file_readers.read_file(PARSE_MODULE, columns, str(raw), str(into / "0.rows"), limits=PARSE_LIMITS,
                                     seconds=PARSE_SECONDS)  # fmt: skip
        answer = json.loads(out)
    except LimitReached:
        return {"unreadable": "读取所需的内存或时间超出限度，请另存为 CSV 或拆分后导入。"}
    except ProcessFailed:
        ask_for_room(into)  # it says why, where that is a full disk
        raise
    if "unreadable" in answer:
        return answer
    return {"parts": [{"sheet": "", "kind": table, "rows": answer["rows"]}], "notes": 0}
