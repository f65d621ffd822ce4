"""A personnel office's monthly files go in by the command: shown in groups, applied when confirmed, nobody ends by
being absent."""

from __future__ import annotations

import os
from pathlib import Path

from openpyxl import Workbook

from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import report_events, teacher, unit
from tests.support.command import CommandResult, run_command

HEADER = ("序号", "工号", "姓名", "岗位", "单位")
LEFT_OPEN = 3
FIRST = (("ROS-P1", "许悦", "教师", "花园小学"), ("ROS-P2", "王 芳", "语文教师", "花园（总校）"),
         ("ROS-P3", "赵磊", "干部", "河滨小学"))  # fmt: skip
SECOND = (("ROS-P2", "王芳", "语文教师", "河滨小学"), ("ROS-P3", "赵磊", "干部", "河滨小学"),
          ("ROS-P3", "赵磊", "干部", "花园（总校）"))  # fmt: skip


def roster(system: AnySystem, file: Path, day: str, *options: str) -> CommandResult:
    words = ["roster", os.fspath(file), "--as-of", day, *options]
    return run_command(words, system.environment(), 120)


def workbook(path: Path, rows: tuple[tuple[str, str, str, str], ...]) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.append(["人员花名册"])
    sheet.append(HEADER)
    for at, row in enumerate(rows, 1):
        sheet.append([at, *row])
    book.save(path)
    return path


def serving(system: AnySystem, unit_id: str) -> dict[str, str]:
    people = system.get("participation", "/api/people", unit_id=unit_id)["people"]
    return {person["person_id"]: person["name"] for person in people}


def test_a_month_after_the_other_by_the_command(small_system: AnySystem, tmp_path: Path) -> None:
    system = small_system
    report_events(
        system, unit("ROS-1", name="花园小学"), unit("ROS-2", name="河滨小学"), teacher("ROS-P1", "ROS-1", name="许悦")
    )
    first = workbook(tmp_path / "三月.xlsx", FIRST)
    shown = roster(system, first, "2023-03-01")
    assert (shown.code, serving(system, "ROS-2")) == (LEFT_OPEN, {})
    assert "新增" in shown.out and "--unit-name '花园(总校)=…'" in shown.out
    part = roster(system, first, "2023-03-01", "--yes")
    assert (part.code, serving(system, "ROS-2")) == (LEFT_OPEN, {"ROS-P3": "赵磊"})
    named = roster(system, first, "2023-03-01", "--yes", "--unit-name", "花园（总校）=ROS-1")
    assert (named.code, "--role-name '语文教师=…'" in named.out) == (LEFT_OPEN, True)
    done = roster(system, first, "2023-03-01", "--yes", "--role-name", "语文教师=teacher")
    assert (done.code, serving(system, "ROS-1")) == (0, {"ROS-P1": "许悦", "ROS-P2": "王芳"}), done.out + done.err

    second = workbook(tmp_path / "四月.xlsx", SECOND)
    moved = roster(system, second, "2023-04-01", "--yes")
    assert (moved.code, serving(system, "ROS-2")) == (LEFT_OPEN, {"ROS-P2": "王芳", "ROS-P3": "赵磊"})
    assert serving(system, "ROS-1") == {"ROS-P1": "许悦"}
    chosen = roster(system, second, "2023-04-01", "--yes", "--choose", "row-4=row:5", "--end-missing", "ROS-P1",
                    "--missing-on", "2023-03-20")  # fmt: skip
    assert (chosen.code, serving(system, "ROS-1")) == (0, {"ROS-P3": "赵磊"}), chosen.out + chosen.err
    assert serving(system, "ROS-2") == {"ROS-P2": "王芳"}
    assert "2023-03-20" in system.qihang("history", "people", "ROS-P1")

    older = roster(system, first, "2023-03-01", "--yes")
    assert (older.code, "2023-04-01" in older.err) == (1, True)
    assert roster(system, first, "2023-05-01", "--end-missing", "nobody").code == 2
