"""A random table, written by other programs' writers, comes back as the same rows."""

import csv
import datetime
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reading.formats import open_tables

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip("\u200b\u200c\u200d\u2060\ufeff \u3000")) and not text.isspace()
    and not text.startswith("=") and "\ufeff" not in text
)  # fmt: skip
DAY = st.dates(datetime.date(1950, 1, 1), datetime.date(2100, 1, 1))
NUMBER = st.integers(0, 10**14)
CELL = st.one_of(TEXT, DAY, NUMBER, st.booleans(), st.none())
ROW = st.tuples(TEXT, CELL, CELL, CELL)
TABLE = st.lists(ROW, min_size=1, max_size=8)


def shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case datetime.date():
            return value.isoformat()
    return str(value)


def by_openpyxl(rows: list[tuple[Any, ...]], path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for at, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(at, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)


def by_xlsxwriter(rows: list[tuple[Any, ...]], path: Path, **options: Any) -> None:
    book = xlsxwriter.Workbook(str(path), options)
    sheet, day = book.add_worksheet(), book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            match value:
                case bool():
                    sheet.write_boolean(at, column, value)
                case int():
                    sheet.write_number(at, column, value)
                case datetime.date():
                    sheet.write_datetime(at, column, datetime.datetime.combine(value, datetime.time()), day)
                case str():
                    sheet.write_string(at, column, value)
    book.close()


def row_by_row(rows: list[tuple[Any, ...]], path: Path) -> None:
    """With its texts inside the cells."""
    by_xlsxwriter(rows, path, constant_memory=True)


@pytest.mark.parametrize("write", [by_openpyxl, by_xlsxwriter, row_by_row])
@settings(max_examples=25, deadline=None)
@given(rows=TABLE)
def test_a_workbook(write: Callable[[list[tuple[Any, ...]], Path], None], rows: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        write(rows, path)
        come_back = [[cell.text for cell in row.cells] for sheet in open_tables(path) for row in sheet.rows()]
    assert [[*row, *[""] * (4 - len(row))] for row in come_back] == [[shown(value) for value in row] for row in rows]


LINES = st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=8)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@settings(max_examples=12, deadline=None)
@given(rows=LINES)
def test_a_text_file(encoding: str, delimiter: str, rows: list[tuple[str, ...]]) -> None:
    header = ("人员编号", "姓名", "身份")  # enough that no encoding is taken for another
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(out.getvalue().encode(encoding))
        come_back = [tuple(cell.text for cell in row.cells) for sheet in open_tables(path) for row in sheet.rows()]
    assert come_back == [header, *rows]
