"""Cells made so that looking at them costs more than reading them: patterns that try every way to part their blanks."""

import time
from pathlib import Path

import pytest

from services.reading.catalogue import ColumnType
from services.reading.cells import read_cell
from services.reading.table import LIMITS, Cell, CellKind
from tests.reading.kinds import read
from tests.reading.test_layout import NAMES, ROW, book

LONG = LIMITS.cell - 100
TEXTS = (
    "=DISPIMG(" + "a" * LONG, "=DISPIMG(" + " " * LONG, "2022年" + " " * LONG + "x", "2022年第" + " " * LONG + "x",
    "2018年9月1日" + " " * LONG + "x", "2018年9月1日 9时" + " " * LONG + "x", "张" + " " * LONG + "x", "=" + "A" * LONG,
    "=A(" * (LONG // 3), "0." + "0" * LONG + "E", "9" * LONG, "一" * LONG + "年",
    "上午" * (LONG // 2), "?张" * (LONG // 2),
    ";" * LONG, "\u00e5" * LONG, "寮" * LONG, "\u0300" * LONG,
    "(" * LONG,
)  # fmt: skip
SECONDS = 1.5
"""Of processor time: a pattern that tries every way takes four and more, all others next to nothing."""


@pytest.mark.parametrize("text", TEXTS, ids=[text[:12].strip() for text in TEXTS])
def test_a_cell_of_the_longest_kind_is_read_at_once(text: str) -> None:
    for column_type in ColumnType:
        begun = time.process_time()
        read_cell(column_type, Cell(text, CellKind.TEXT))
        assert time.process_time() - begun < SECONDS, column_type


@pytest.mark.parametrize("start", ["单位", "备注", "共", "（示例", "填写", "注"])
def test_a_row_that_begins_like_a_remark_is_left_or_taken_at_once(start: str, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", NAMES, [start + " " * LONG + "x", *ROW[1:]])
    begun = time.process_time()
    assert read(path, tmp_path).refused == ""
    assert time.process_time() - begun < 2 * SECONDS
