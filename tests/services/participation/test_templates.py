"""Templates: what is filled in is read as rows that are accepted; what is not filled in is no row."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from chassis.process.problems import Problem
from services.participation.imports.catalogue import TABLE_KINDS
from services.participation.templates.queries import template_sheets
from services.participation.templates.routes import KINDS
from services.participation.templates.workbook import write_template
from services.reading.read_file import FileReader
from tests.services.participation import cluster
from tests.services.participation.cluster import Replica

TODAY = date(2022, 11, 20)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DATE_OF_A_CELL = "44879"
"""2022-11-14, as a spreadsheet keeps it."""


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """A school with a teacher, a worker and one who left; two schools of the same name."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    for unit, name in (("S1", "第一小学"), ("S2", "同名小学"), ("S3", "同名小学")):
        assert (
            replica.submit("unit", unit_id=unit, name=name, kind="school", opened_on="2000-09-01").outcome == "accepted"
        )
    people = (
        ("00712", "张三", "teacher", ""),
        ("00713", '李"四', "other", ""),
        ("00714", "王五", "teacher", "2022-09-01"),
    )
    for person, name, role, until in people:
        cells = {"person_id": person, "name": name, "role": role, "unit_id": "S1", "from": "2010-09-01", "to": until}
        assert replica.submit("membership", **cells).outcome == "accepted"
    yield replica
    replica.runtime.store.close()


def template(replica: Replica, kind: str, unit: str = "", month: str = "") -> bytes:
    with replica.runtime.store.reading() as connection:
        return write_template("模板", template_sheets(connection, kind, unit, month, TODAY))


def read(content: bytes, folder: Path) -> dict[str, list[list[str]]]:
    """Sheet -> its rows, as an import reads them."""
    folder.mkdir(exist_ok=True)
    (folder / "in").write_bytes(content)
    reading = FileReader(folder / "in", "模板.xlsx", folder, TABLE_KINDS)
    reading.run()
    notes = [json.loads(line) for line in (folder / "notes.jsonl").read_text().splitlines()]
    assert {(note[1], note[4]) for note in notes} == {("使用说明", "sheet_left_out"), ("选项", "sheet_left_out")}
    return {part.sheet: [json.loads(line)[1] for line in (folder / part.rows_file).read_text().splitlines()]
            for part in reading.parts}  # fmt: skip


def filled_in(content: bytes, sheet: int, row: int, column: str) -> bytes:
    """As a spreadsheet program stores it when somebody enters a day in a cell: what appears by it gets its value."""
    book, out = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(out, "w") as copy:
        for name in book.namelist():
            part = book.read(name)
            copy.writestr(name, _entered(part, row, column) if name == f"xl/worksheets/sheet{sheet}.xml" else part)
    return out.getvalue()


def _entered(part: bytes, row: int, column: str) -> bytes:
    tree = etree.fromstring(part)
    place = f"{column}{row}"
    (line,) = [each for each in tree.iter(f"{MAIN}row") if each.get("r") == str(row)]
    for cell in line.iter(f"{MAIN}c"):
        formula = cell.find(f"{MAIN}f")
        if formula is not None and formula.text.startswith(f'IF({place}="","","'):
            cell.find(f"{MAIN}v").text = formula.text.removeprefix(f'IF({place}="","","')[:-2].replace('""', '"')
    cells = {cell.get("r"): cell for cell in line.iter(f"{MAIN}c")}
    if place not in cells:
        after = [cell for name, cell in cells.items() if name < place]
        styles = {int(each.get("min")): each.get("style") for each in tree.iter(f"{MAIN}col")}
        cells[place] = etree.Element(f"{MAIN}c", r=place, s=styles[ord(column) - ord("A") + 1])
        after[-1].addnext(cells[place])
    etree.SubElement(cells[place], f"{MAIN}v").text = DATE_OF_A_CELL
    return etree.tostring(tree)


def test_a_row_of_the_month_s_template_is_a_record_once_its_day_is_filled_in(replica: Replica, tmp_path: Path) -> None:
    content = template(replica, "month", "S1", "2022-11")
    untouched = read(content, tmp_path / "untouched")
    assert untouched == {"单位填报": [], "个人填报": []}
    book = openpyxl.load_workbook(io.BytesIO(content))
    names = [cell.value for cell in book["单位填报"]["A"]]
    assert {"研讨日", "集中学习", "视频展播", "专题论坛"} <= set(names) and "中心校辖区论坛" not in names
    row = names.index("研讨日") + 1
    formulas = [cell for line in book["单位填报"] for cell in line if cell.data_type == "f"]
    assert {cell.number_format for cell in formulas} == {"General"}  # as text LibreOffice puts 0 for them into .xls
    (record,) = read(filled_in(content, 1, row, "C"), tmp_path / "unit")["单位填报"]
    assert record == ["S1-2022-11-discussion_day-1", "研讨日", "第一小学", "", "2022-11-14", "2022-11", "", "", ""]


def test_people_of_the_month_have_a_row_for_each_deed_of_theirs(replica: Replica, tmp_path: Path) -> None:
    content = template(replica, "month", "S1", "2022-11")
    sheet = openpyxl.load_workbook(io.BytesIO(content))["个人填报"]
    shown = [(name, what, due) for name, what, due, *_ in sheet.iter_rows(min_row=2, values_only=True)]
    of_teacher = [what for name, what, _ in shown if name == "张三"]
    assert of_teacher == ["书籍人手一本", "学习笔记", "思想总结（第1次）", "思想总结（第2次）"]
    assert [what for name, what, _ in shown if name == '李"四'] == ["书籍人手一本"]
    assert not [name for name, *_ in shown if name == "王五"]
    assert ("张三", "学习笔记", "2022-12-31") in shown
    row = shown.index(('李"四', "书籍人手一本", "2022-11-30")) + 2
    (record,) = read(filled_in(content, 2, row, "D"), tmp_path / "person")["个人填报"]
    assert record == ["00713-once-book_issue-1", "书籍人手一本", "", "00713", "2022-11-14", "once", "", "", ""]


def test_the_people_of_a_unit_stand_in_its_template_as_they_are_on_record(replica: Replica, tmp_path: Path) -> None:
    rows = read(template(replica, "people", "S1"), tmp_path / "people")["任职"]
    assert rows == [["00712", "张三", "教师", "第一小学", "2010-09-01", ""],
                    ["00713", '李"四', "其他", "第一小学", "2010-09-01", ""]]  # fmt: skip
    people = template(replica, "people")
    choices = openpyxl.load_workbook(io.BytesIO(people))["选项"]
    assert [cell.value for cell in choices["B"] if cell.value] == ["第一小学", "S2", "S3"]  # two are called alike


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "month"])
def test_a_template_of_each_kind_has_its_columns_and_no_row(replica: Replica, tmp_path: Path, kind: str) -> None:
    content = template(replica, kind)
    (label,) = [known.label for known in TABLE_KINDS if known.name == kind]
    assert read(content, tmp_path / kind) == {label: []}
    page = openpyxl.load_workbook(io.BytesIO(content))["使用说明"]
    columns = next(known.columns for known in TABLE_KINDS if known.name == kind)
    assert {column.labels[0] for column in columns} <= {cell.value for cell in page["A"]}
    assert not {"问题类别", "会议纪要文号"} & {str(label.value) for label, _, _, example in page.iter_rows(max_col=4)
                                       if example.value == "王丽"}  # fmt: skip


@pytest.mark.parametrize(("kind", "unit", "month", "code"), [
    ("month", "", "", "missing"), ("month", "S9", "", "unknown_unit"), ("month", "S1", "2022-13", "unknown_period"),
    ("people", "S9", "", "unknown_unit"),
])  # fmt: skip
def test_what_cannot_be_made_says_why(replica: Replica, kind: str, unit: str, month: str, code: str) -> None:
    with pytest.raises(Problem) as refused:
        template(replica, kind, unit, month)
    assert refused.value.code == code


def test_a_template_that_a_program_without_calculation_saved_is_read_where_it_is_filled_in(
    replica: Replica, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(replica, "month", "S1", "2022-11")))
    sheet = book["个人填报"]
    column = [cell.value for cell in sheet[1]].index("完成时间") + 1
    sheet.cell(3, column).value = "2022.11.5"
    out = io.BytesIO()
    book.save(out)
    (row,) = [row for rows in read(out.getvalue(), tmp_path).values() for row in rows]
    assert {"00712", "2022-11-05", "学习笔记", "00712-2022-autumn-note-1"} <= set(row)
