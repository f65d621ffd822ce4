"""Reads an uploaded roster into rows, in a process of its own."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from chassis.process import file_readers
from chassis.process.problems import Problem
from chassis.process.subprocesses import LimitReached, Limits, ProcessFailed
from chassis.store.write_health import ask_for_room
from services.participation.domain.cells import is_day
from services.participation.roster.domain.lines import RosterRow

LARGEST: Final = 200 << 20
MODULE: Final = "services.participation.imports.parse_upload"
LIMITS, SECONDS = Limits(memory=192 << 20, cpu_seconds=270), 280
COLUMNS: Final = ("工号", "姓名", "岗位", "单位", "任职起", "任职止")


class Upload(NamedTuple):
    """What a file holds, and its digest."""

    sha256: str
    rows: list[RosterRow]
    notes: list[list[Any]]


def read_upload(folder: Path, chunks: Iterable[bytes]) -> Upload:
    """The bytes are gone again when this returns.  Problem 422."""
    folder.mkdir(parents=True, exist_ok=True)
    raw, parsed = (folder / f"upload.{os.urandom(6).hex()}.{kind}" for kind in ("raw", "rows"))
    digest = hashlib.sha256()
    try:
        with raw.open("wb") as out:
            for chunk in chunks:
                digest.update(chunk)
                out.write(chunk)
        _parse(raw, parsed)
        with parsed.open(encoding="ascii") as lines:
            rows = [row for number, cells in map(json.loads, lines) if (row := _row(number, cells))]
        return Upload(digest.hexdigest(), rows, [])
    finally:
        raw.unlink(missing_ok=True)
        parsed.unlink(missing_ok=True)


def _parse(raw: Path, parsed: Path) -> None:
    try:
        out = file_readers.read_file(MODULE, ",".join(COLUMNS), str(raw), str(parsed), limits=LIMITS, seconds=SECONDS)
        answer = json.loads(out)
    except LimitReached:
        answer = {"unreadable": "读取所需的内存或时间超出限度，请另存为 CSV 或拆分后再试。"}
    except ProcessFailed:
        ask_for_room(parsed.parent)
        raise
    if "unreadable" in answer:
        raise Problem(422, "unreadable", answer["unreadable"])


def _row(number: int, cells: list[str]) -> RosterRow | None:
    person_id, name, role, unit, since, until = (cell.strip() for cell in cells)
    if not any((person_id, name, role, unit)):
        return None
    bad = next(((column, "bad_date", day) for column, day in (("since", since), ("until", until))
                if day and not is_day(day)), ())  # fmt: skip
    return RosterRow(number, person_id, name, role, unit, "" if bad else since, "" if bad else until, "", bad)
