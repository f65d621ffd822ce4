"""Reads an uploaded roster into rows, in a process of its own; the bytes are gone again afterwards."""

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from chassis.process import file_readers
from chassis.process.problems import Problem
from chassis.process.subprocesses import LimitReached, Limits, ProcessFailed
from chassis.store.write_health import ask_for_room
from services.participation.domain.cells import is_day
from services.participation.roster.domain.lines import RosterRow
from services.participation.roster.domain.meanings import word_of
from services.reading.catalogue import Column, ColumnType, TableKind, catalogue_json

LARGEST: Final = 200 << 20
MOST_ROWS: Final = 200_000
"""Twice a city's people: rows and registry are compared in memory, about 1 KB a row (docs/decisions/0148)."""
MODULE: Final = "services.reading.read_file"
LIMITS, SECONDS = Limits(memory=192 << 20, cpu_seconds=270), 280
KIND: Final = TableKind("roster", "花名册", (
    Column("person_id", ColumnType.ID, ("工号", "职工号", "教职工号", "教工号", "员工号", "人员编号", "职工编号")),
    Column("name", ColumnType.NAME, ("姓名", "人员姓名", "教师姓名", "职工姓名", "教职工姓名"), required=True),
    Column("role", ColumnType.CODE, ("岗位", "岗位类别", "岗位名称")),
    Column("category", ColumnType.CODE, ("身份", "人员身份", "人员类别", "人员类型")),
    Column("unit", ColumnType.UNIT, ("单位", "单位名称", "所在单位", "工作单位", "任职单位", "学校")),
    Column("unit_id", ColumnType.UNIT, ("单位编号", "单位代码")),
    Column("from", ColumnType.DAY, ("任职起", "任职起始", "任职日期", "起始日期", "开始日期", "到岗日期", "任职时间",
                                     "到岗时间", "入职时间")),
    Column("to", ColumnType.DAY, ("任职止", "任职终止", "结束日期", "终止日期", "离任日期", "离职日期")),
))  # fmt: skip
_NAME_OF: Final = {"from": "since", "to": "until", "unit": "unit_id", "category": "role"}
"""What the lines call a column of the file."""


class Upload(NamedTuple):
    """What a file holds, its digest, and the notes of its reading: [sheet, line, column, code, text]."""

    sha256: str
    rows: list[RosterRow]
    notes: list[list[Any]]


def read_upload(folder: Path, name: str, chunks: Iterable[bytes], units: Collection[str] = ()) -> Upload:
    """`units`: words that name one; a sheet of such a name whose rows name none is that unit's.  Problem 422."""
    place = folder / f"upload.{os.urandom(6).hex()}"
    place.mkdir(parents=True)
    digest = hashlib.sha256()
    try:
        with (place / "raw").open("wb") as out:
            for chunk in chunks:
                digest.update(chunk)
                out.write(chunk)
        parts = _read(place, name)
        if sum(part["rows"] for part in parts) > MOST_ROWS:
            raise Problem(422, "too_many_rows", f"超过 {MOST_ROWS} 行，请按单位拆分后再提交。")
        rows, notes = list[RosterRow](), _notes(place / "notes.jsonl")
        for at, part in enumerate(parts, 1):
            own = list(_rows(place / part["rows_file"], str(at) if len(parts) > 1 else ""))
            if own and word_of(part["sheet"]) in units and not any(row.unit for row in own):
                own = [row._replace(unit=part["sheet"]) for row in own]
                notes.append([part["sheet"], 0, "unit", "unit_from_sheet",
                              f"没有单位列，按工作表的名称“{part['sheet'][:40]}”作为单位。"])  # fmt: skip
            rows += own
        return Upload(digest.hexdigest(), rows, notes)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _read(place: Path, name: str) -> list[dict[str, Any]]:
    try:
        out = file_readers.read_file(MODULE, str(place / "raw"), name or "花名册", KIND.name, str(place),
                                     given=catalogue_json([KIND]), limits=LIMITS, seconds=SECONDS)  # fmt: skip
        answer = json.loads(out)
    except LimitReached:
        answer = {"unreadable": "读取所需的内存或时间超出限度，请另存为 CSV 或拆分后再提交。"}
    except ProcessFailed:
        ask_for_room(place)
        raise
    if "unreadable" in answer:
        raise Problem(422, "unreadable", answer["unreadable"])
    parts: list[dict[str, Any]] = answer["parts"]
    return parts


def _rows(path: Path, sheet: str) -> Iterator[RosterRow]:
    with path.open(encoding="ascii") as lines:
        for number, cells, fault in map(json.loads, lines):
            person_id, name, role, category, unit, unit_id, since, until = cells
            bad = _fault(fault, since, until)
            if bad and bad[0] in ("since", "until"):
                since, until = "", ""
            if any(cells):
                yield RosterRow(number, person_id, name, role or category, unit or unit_id, since, until, sheet, bad)


def _fault(fault: list[str] | None, since: str, until: str) -> tuple[str, ...]:
    """The first cell that cannot be taken: column, code, what stood there."""
    if fault:
        column, code, value = fault
        return (_NAME_OF.get(column, column), code, value)
    wrong = [(column, day) for column, day in (("since", since), ("until", until)) if day and not is_day(day)]
    return (wrong[0][0], "bad_date", wrong[0][1][:40]) if wrong else ()


def _notes(path: Path) -> list[list[Any]]:
    with path.open(encoding="ascii") as lines:
        return [json.loads(line)[1:] for line in lines]
