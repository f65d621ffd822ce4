"""A school's clerk brings in workbooks of their own by the command: no ids, no units, people by name; notes and reasons
back, mended, again, undone."""

from __future__ import annotations

import os
import re
from pathlib import Path

from openpyxl import Workbook, load_workbook

from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import is_settled, report_events, teacher, unit
from tests.support.command import CommandResult, run_command
from tests.support.processes import wait_until
from tests.support.reported import event

PEOPLE = (("UF-P1", "许悦", "UF-1"), ("UF-P2", "李静", "UF-1"), ("UF-P3", "李静", "UF-1"), ("UF-P4", "赵磊", "UF-2"))
HEADER = ("姓名", "日期", "主题", "单位")
ROWS = (
    ("许悦", "2023/1/9", "第一章", None),
    ("李静", "2023-1-9", "第一章", None),
    ("赵磊", "2023-1-9", "第一章", "柳岸小学"),
)
MENDED = (ROWS[0], ("李静", "2023-1-9", "第一章", None, "UF-P3"))


def book(path: Path, header: tuple[str, ...], *rows: tuple[str | None, ...]) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(("柳荫小学一月情况",))
    sheet.append(header)
    for row in rows:
        sheet.append(row)
    workbook.save(path)
    return path


def as_person(system: AnySystem, person_id: str, *words: str | os.PathLike[str]) -> CommandResult:
    environment = system.environment() | {"QIHANG_TOKEN": system.token_of_person(person_id)}
    return run_command([os.fspath(word) for word in words], environment, 120)


def counted(result: CommandResult) -> list[int]:
    """The last four figures of the table: rows, accepted, unchanged, refused."""
    (line,) = [line for line in result.out.splitlines() if ".xlsx" in line and len(re.findall(r"\d+", line)) >= 4]
    return [int(figure) for figure in re.findall(r"\d+", line)[-4:]]


def test_a_clerk_s_own_workbooks_by_the_command(small_system: AnySystem, tmp_path: Path) -> None:
    system = small_system
    post = event("post.reported", "uf-post", unit_id="UF-1", post="clerk", person_id="UF-P1", from_="2020-09-01")
    people = [teacher(person_id, at, name=name) for person_id, name, at in PEOPLE]
    report_events(system, unit("UF-1", name="柳荫小学"), unit("UF-2", name="柳岸小学"), *people, post)
    wait_until(lambda: is_settled(system), 60, "the posts are in force")
    notes = book(tmp_path / "柳荫小学学习笔记.xlsx", HEADER, *ROWS)

    dry = as_person(system, "UF-P1", "import", notes, "--dry-run", "--workbook", tmp_path / "back.xlsx")
    assert (dry.code, counted(dry)) == (0, [3, 1, 0, 2]), dry.out + dry.err
    back = load_workbook(tmp_path / "back.xlsx").active
    assert back is not None
    results = [str(row[4]) for row in back.iter_rows(min_row=3, values_only=True)]
    assert results[0].startswith("已接收") and "工号" in results[1] and "柳岸" not in results[1]
    assert "“UF-2”不属于本单位" in results[2]
    assert counted(as_person(system, "UF-P1", "import", notes)) == [3, 1, 0, 2]

    (tmp_path / "mended").mkdir()
    mended = book(tmp_path / "mended" / "学习笔记.xlsx",
                  (*HEADER, "工号"), *MENDED)  # fmt: skip
    assert counted(as_person(system, "UF-P1", "import", mended)) == [2, 1, 1, 0]
    sessions = book(tmp_path / "集中学习1月.xlsx", ("日期", "主题"), ("2023-01-10", "新课标"))
    assert counted(as_person(system, "UF-P1", "import", sessions, "--kind", "records")) == [1, 1, 0, 0]
    again = as_person(system, "UF-P1", "import", notes, sessions)
    assert (again.code, "kind_from_name" in again.out or "按文件名" in again.out) == (0, True), again.out

    listed = as_person(system, "UF-P1", "imports").out
    import_ids = re.findall(r"\d{8}-[0-9a-f]{10}", listed)
    assert len(import_ids) == 4 and "clerk:UF-P1@UF-1" in listed
    everything = system.qihang("imports")
    assert set(import_ids) <= set(re.findall(r"\d{8}-[0-9a-f]{10}", everything))
    for stranger in ("UF-P2", "UF-P4"):
        for words in (("imports", "undo", import_ids[0], "--reason", "x"), ("import", os.fspath(notes))):
            refused = as_person(system, stranger, *words)
            assert (refused.code, "无权" in refused.err) == (1, True), refused.out + refused.err
    late = as_person(system, "UF-P1", "import", sessions, "--late-entry", "停电")
    assert (late.code, "无权" in late.err) == (1, True)

    undone = as_person(system, "UF-P1", "imports", "undo", import_ids[1], "--reason", "导错了")
    assert (undone.code, "撤销了 1 行" in undone.out) == (0, True), undone.out + undone.err
    assert counted(as_person(system, "UF-P1", "import", sessions)) == [1, 1, 0, 0]
    assert import_ids[1] in as_person(system, "UF-P1", "find", import_ids[1]).out
