"""The header is found where it stands, and what is left out is told."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.reading.kinds import read

NAMES = ["person_id", "name", "role", "unit_id", "from", "to"]
LABELS = ["人员编号", "姓名", "身份", "单位编号", "开始日期", "结束日期"]
BOTH = list(zip(NAMES, LABELS, strict=True))
OTHERS = ["工号", "姓名", "身份", "单位", "开始日期", "结束日期"]
ROW = ["T1", "林知夏", "teacher", "X101", "2018-09-01", None]


def book(path: Path, *rows: list[Any], merged: tuple[str, ...] = ()) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for reference in merged:
        sheet.merge_cells(reference)
    workbook.save(path)
    return path


@pytest.mark.parametrize("header", [
    NAMES, LABELS, [name.upper() for name in NAMES], [f"{name}\n{label}" for name, label in BOTH],
    [f"{label}（{name}）" for name, label in BOTH], [f"{label}*" for label in LABELS],
    [f"{label}（必填）" for label in LABELS], [" ".join(label) for label in LABELS], [f"{label}：" for label in LABELS],
    [f"{name}{label}" for name, label in BOTH], OTHERS,
])  # fmt: skip
def test_a_header_in_any_spelling(header: list[str], tmp_path: Path) -> None:
    done = read(book(tmp_path / "某校.xlsx", header, ROW), tmp_path)
    assert done.rows == [["T1", "林知夏", "teacher", "X101", "2018-09-01", ""]] and done.notes == []


def test_names_in_two_rows_of_which_neither_is_whole(tmp_path: Path) -> None:
    rows = [
        ["2026年花名册"],
        ["人员编号", "姓名", "身份", "单位", "任职", None],
        [None, None, None, "单位编号", "开始日期", "结束日期"],
        ROW,
    ]
    done = read(book(tmp_path / "a.xlsx", *rows, merged=("A1:F1", "A2:A3", "B2:B3", "C2:C3", "E2:F2")), tmp_path)
    assert done.rows == [["T1", "林知夏", "teacher", "X101", "2018-09-01", ""]] and done.note_codes == []


def test_a_title_a_repeated_header_and_sums_are_left_out(tmp_path: Path) -> None:
    rows = [["名册"], LABELS, ROW, LABELS, ["T2", *ROW[1:]], ["合计：2人"], ["说明：请勿改动"]]
    done = read(book(tmp_path / "a.xlsx", *rows), tmp_path)
    assert [row[0] for row in done.rows] == ["T1", "T2"]
    assert [(note[1], note[3]) for note in done.notes] == [
        (4, "row_left_out"),
        (6, "row_left_out"),
        (7, "row_left_out"),
    ]


def test_columns_without_a_known_name_are_noted(tmp_path: Path) -> None:
    done = read(book(tmp_path / "a.xlsx", [*NAMES, "备注", None, "结果"], [*ROW, "兼职", "x", "已接收"]), tmp_path)
    assert done.note_codes == ["column_ignored"] * 2
    assert [note[4] for note in done.notes] == ["不认识的列“备注”，没有读取。", "第 8 列没有列名（如“x”），没有读取。"]


def test_a_column_twice_is_refused(tmp_path: Path) -> None:
    done = read(book(tmp_path / "a.xlsx", [*NAMES, "结束日期"], ROW), tmp_path)
    assert done.code == "column_twice" and "to（结束日期）" in done.refused


@pytest.mark.parametrize("order", [("单位编号", "单位"), ("单位", "单位编号")])
def test_of_id_and_name_of_a_unit_the_id_is_read(tmp_path: Path, order: tuple[str, str]) -> None:
    cells = {"单位编号": "X101", "单位": "第一小学"}
    header = ["人员编号", "姓名", "身份", *order, "开始日期"]
    row = ["T1", "林知夏", "teacher", *(cells[name] for name in order), "2018-09-01"]
    done = read(book(tmp_path / "a.xlsx", header, row), tmp_path)
    assert done.rows == [["T1", "林知夏", "teacher", "X101", "2018-09-01", ""]]
    assert [note[4] for note in done.notes] == ["已按单位编号一列读取，“单位”一列没有读取。"]


@pytest.mark.parametrize("header", [["单位编号", "单位编号"], ["单位", "单位"]])
def test_two_columns_of_ids_or_of_names_of_units_are_refused(tmp_path: Path, header: list[str]) -> None:
    names = ["人员编号", "姓名", "身份", *header, "开始日期"]
    row = ["T1", "林知夏", "teacher", "X101", "X102", "2018-09-01"]
    assert read(book(tmp_path / "a.xlsx", names, row), tmp_path).code == "column_twice"


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    done = read(book(tmp_path / "people.xlsx", ["person_id", "name", "unit_id", "from"], ROW), tmp_path)
    assert done.code == "no_kind" and "role（身份）" in done.refused


def test_no_kind_and_several_kinds_are_named(tmp_path: Path) -> None:
    assert "任职（people）" in read(book(tmp_path / "a.xlsx", ["甲", "乙"], ["1", "2"]), tmp_path).refused
    both = book(tmp_path / "b.xlsx", [*NAMES, "exemption_id", "duty", "period", "reason"], ROW)
    done = read(both, tmp_path)
    assert done.code == "several_kinds" and "任职（people）、免计（exemptions）" in done.refused
    assert read(both, tmp_path, kind="people").rows and read(both, tmp_path, name="people.xlsx").rows


def test_merged_cells_fill_only_rows_that_are_there(tmp_path: Path) -> None:
    rows = [NAMES, ROW, ["T2", "甲", "teacher", None, "2018-09-01"], ["T3", "乙", "teacher", None, "2018-09-01"]]
    done = read(book(tmp_path / "a.xlsx", *rows, merged=("D2:D9",)), tmp_path)
    assert [row[3] for row in done.rows] == ["X101"] * 3 and done.note_codes == ["merged"]


def test_a_thousand_empty_rows_end_a_sheet(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", NAMES, ROW)
    workbook = openpyxl.load_workbook(path)
    workbook.active["A1003"] = "T9"  # type: ignore[index]
    workbook.save(path)
    done = read(path, tmp_path)
    assert len(done.rows) == 1 and done.note_codes == ["rows_end"]
    text = tmp_path / "a.csv"
    text.write_text(",".join(NAMES) + "\n" + "T1,a,teacher,X1,2018-09-01,\n" + ",,,,,\n" * 1001 + "T9,a,b,c,d,e\n")
    assert read(text, tmp_path).note_codes == ["rows_end"]


def test_only_the_whole_name_of_a_file_says_its_kind(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", NAMES, ROW)
    parts = {
        name: read(path, tmp_path, name).parts[0][0] for name in ("People.XLSX", "people.2026.xlsx", "people (1).xlsx")
    }
    assert parts == {
        "People.XLSX": "people.csv",
        "people.2026.xlsx": "people.2026.xlsx",
        "people (1).xlsx": "people (1).xlsx",
    }


GROUPED = ["工号", "姓名", "身份", "单位", "任职时间", None]
UNDER = [None, None, None, None, "起", "止"]
DATED = ["T1", "林知夏", "teacher", "X101", "2018-09-01", "2022-09-01"]


@pytest.mark.parametrize("group", ["任职时间", "任职起止时间", "任期", "起止日期", "任职年月", "在职时间（年月日）"])
@pytest.mark.parametrize(("first", "last"), [("起", "止"), ("自", "至"), ("开始", "结束"), ("起始", "终止")])
def test_first_and_last_day_under_one_heading(group: str, first: str, last: str, tmp_path: Path) -> None:
    rows = [[*GROUPED[:4], group, None], [*UNDER[:4], first, last], DATED]
    below = ("A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:F1")
    for name, merged in (("a.xlsx", below), ("b.xlsx", ("E1:F1",)), ("c.xlsx", ())):
        done = read(book(tmp_path / name, *rows, merged=merged), tmp_path)
        assert (done.rows, done.note_codes) == ([DATED], []), name


def test_a_whole_header_under_a_row_of_groups(tmp_path: Path) -> None:
    groups = ["基本情况", None, None, None, "任职时间", None]
    rows = [["花名册"], groups, [*GROUPED[:4], "起", "止"], DATED]
    done = read(book(tmp_path / "a.xlsx", *rows, merged=("A1:F1", "A2:D2", "E2:F2")), tmp_path)
    assert (done.rows, done.note_codes) == ([DATED], [])


def test_first_and_last_day_of_something_else_are_no_days_of_service(tmp_path: Path) -> None:
    rows = [[*LABELS[:5], "合同", None], [*[None] * 5, "起", "止"], [*DATED[:5], "2018-09-01", "2021-09-01"]]
    done = read(book(tmp_path / "people.xlsx", *rows, merged=("F1:G1",)), tmp_path)
    assert [row[5] for row in done.rows if row[0] == "T1"] == [""]
