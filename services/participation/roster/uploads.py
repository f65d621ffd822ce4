"""Reads an uploaded roster into rows, in a process of its own."""

import json
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

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
"""Twice the people of a city: rows and registry are compared in memory, about 1 KB per row (docs/decisions/0148)."""
MODULE: Final = "services.reading.read_file"
_READ, _PARTS = "read", "parts.json"
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
"""The names in lines for the file's columns."""


def read_upload(place: Path, name: str) -> int:
    """Read the file `raw` in this folder, replacing what was read before; returns the number of rows.  Problem 422."""
    shutil.rmtree(place / _READ, ignore_errors=True)
    (place / _READ).mkdir()
    parts = _read(place, name)
    rows = sum(part["rows"] for part in parts)
    if rows > MOST_ROWS:
        raise Problem(422, "too_many_rows", f"超过 {MOST_ROWS} 行，请按单位拆分后再提交。")
    (place / _READ / _PARTS).write_text(json.dumps(parts))
    return rows


def rows_read(place: Path, units: Collection[str] = ()) -> tuple[list[RosterRow], list[list[Any]]]:
    """The rows, and the reader's notes: [sheet, line, column, code, text].  `units`: words that name a unit; if a
    sheet's name is one, each sheet without units in its rows belongs to the unit in its name."""
    read = place / _READ
    parts = json.loads((read / _PARTS).read_text())
    rows, notes = list[RosterRow](), _notes(read / "notes.jsonl")
    names_units = any(word_of(part["sheet"]) in units for part in parts)
    for at, part in enumerate(parts, 1):
        own = list(_rows(read / part["rows_file"], str(at) if len(parts) > 1 else ""))
        if own and names_units and not any(row.unit for row in own):
            own = [row._replace(unit=part["sheet"]) for row in own]
            notes.append([part["sheet"], 0, "unit", "unit_from_sheet",
                          f"没有单位列，按工作表的名称“{part['sheet'][:40]}”作为单位。"])  # fmt: skip
        rows += own
    return rows, notes


def _read(place: Path, name: str) -> list[dict[str, Any]]:
    read = place / _READ
    try:
        out = file_readers.read_file(MODULE, str(place / "raw"), name or "花名册", KIND.name, str(read),
                                     given=catalogue_json([KIND]), limits=LIMITS, seconds=SECONDS)  # fmt: skip
        answer = json.loads(out)
    except LimitReached:
        answer = {"unreadable": "读取所需的内存或时间超出限度，请另存为 CSV 或拆分后再提交。"}
    except ProcessFailed:
        ask_for_room(read)
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
    """The first unacceptable cell: column, code, value."""
    if fault:
        column, code, value = fault
        return (_NAME_OF.get(column, column), code, value)
    wrong = [(column, day) for column, day in (("since", since), ("until", until)) if day and not is_day(day)]
    return (wrong[0][0], "bad_date", wrong[0][1][:40]) if wrong else ()


def _notes(path: Path) -> list[list[Any]]:
    with path.open(encoding="ascii") as lines:
        return [json.loads(line)[1:] for line in lines]
