"""Sheets as clerks have them: signatures, captions, examples, other tables below, 同上."""

from pathlib import Path
from typing import Any

import pytest

from tests.reading.kinds import read
from tests.reading.test_layout import LABELS, book

FIRST = ["T1", "林知夏", "teacher", "X101", "2018-09-01", "2022-09-01"]
SECOND = ["T2", "林知秋", "teacher", "X101", "2018-09-01", "2022-09-01"]


@pytest.mark.parametrize("text", [
    "单位负责人：王五", "填表人（签字）：", "联系电话: 1234", "填报日期：2026年9月1日", "单位（盖章）：", "共 2 条记录",
    "共3人", "（以下空白）", "示例：T0001", "（样例）T0001", "审核：", "填报单位负责人（签字）：",
])  # fmt: skip
def test_a_row_of_signatures_or_an_example_is_left_out(text: str, tmp_path: Path) -> None:
    done = read(book(tmp_path / "a.xlsx", LABELS, FIRST, [text, "x", "teacher", "X101", "2018-09-01"]), tmp_path)
    assert (done.rows, done.note_codes) == ([FIRST], ["row_left_out"])


@pytest.mark.parametrize("person_id", ["电话局1", "人1", "日期1", "例1", "共1", "负责人"])
def test_an_id_that_only_begins_so_is_data(person_id: str, tmp_path: Path) -> None:
    assert read(book(tmp_path / "a.xlsx", LABELS, [person_id, *FIRST[1:]]), tmp_path).rows == [[person_id, *FIRST[1:]]]


def test_a_caption_over_all_columns_parts_the_table_and_is_left_out(tmp_path: Path) -> None:
    rows: list[list[Any]] = [LABELS, ["第一小学"], FIRST, ["第二小学"], SECOND]
    done = read(book(tmp_path / "a.xlsx", *rows, merged=("A2:F2", "A4:F4")), tmp_path)
    assert done.rows == [FIRST, SECOND] and done.note_codes.count("row_left_out") == 2


def test_how_to_fill_in_a_column_is_no_data(tmp_path: Path) -> None:
    how = ["必填，与人事系统一致", "必填", "下拉选择", "必填", "选填"]
    done = read(book(tmp_path / "a.xlsx", LABELS, how, FIRST), tmp_path)
    assert (done.rows, done.note_codes) == ([FIRST], ["row_left_out"])


@pytest.mark.parametrize("caption", [[], [["通讯录"]]])
def test_another_table_below_ends_this_one(caption: list[list[Any]], tmp_path: Path) -> None:
    rows: list[list[Any]] = [LABELS, FIRST, [], *caption, ["姓名", "电话"], ["林知夏", "13800000000"]]
    done = read(book(tmp_path / "a.xlsx", *rows), tmp_path)
    assert (done.rows, done.note_codes) == ([FIRST], [*["row_left_out"] * len(caption), "rows_end"])
    assert "姓名" in done.notes[-1][4]


def test_a_row_of_one_cell_is_data_where_no_other_table_follows(tmp_path: Path) -> None:
    done = read(book(tmp_path / "a.xlsx", LABELS, FIRST, ["T9"], SECOND, ["T8"]), tmp_path)
    assert [row[0] for row in done.rows] == ["T1", "T9", "T2", "T8"]


def test_the_same_as_above_is_what_stands_above(tmp_path: Path) -> None:
    rows = [
        LABELS,
        FIRST,
        ["T2", "林知秋", "〃", "同上", "同上", ""],
        ["T3", "林知冬", "同上", "X102", "2019-01-01", ""],
    ]
    done = read(book(tmp_path / "a.xlsx", *rows), tmp_path)
    assert done.rows[1] == ["T2", "林知秋", "teacher", "X101", "2018-09-01", ""]
    assert done.rows[2][2] == "teacher" and done.note_codes == ["same_as_above"] * 4


def test_the_same_as_above_names_no_row(tmp_path: Path) -> None:
    done = read(book(tmp_path / "a.xlsx", LABELS, FIRST, ["同上", *SECOND[1:]]), tmp_path)
    assert done.rows[1][0] == "同上"
