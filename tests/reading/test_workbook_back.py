"""The workbook that goes back: the same one, with what came of every row behind it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from services.reading.catalogue import catalogue_json
from services.reading.formats import open_tables
from services.reading.workbook_back import Outcomes, give_back
from tests.architecture.kept import ROOT
from tests.reading.kinds import KINDS, Read, read
from tests.reading.test_formats import ods, ods_cell

CASES = ROOT / "tests/samples/imports"
HEADER = ["person_id", "name", "role", "unit_id", "from", "to"]


def back(source: Path, outcomes: list[list[Any]], target: Path, name: str = "") -> Any:
    """What the process answers."""
    given = target.with_suffix(".outcomes")
    given.write_text("".join(json.dumps(outcome) + "\n" for outcome in outcomes))
    command = ["-m", "services.reading.workbook_back", str(source), name or source.name, "", str(given), str(target)]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, input=catalogue_json(KINDS), capture_output=True,
                          check=True)  # fmt: skip
    return json.loads(done.stdout)


def given_back(source: Path, outcomes: list[list[Any]], target: Path) -> None:
    """The same in this process."""
    given = target.with_suffix(".outcomes")
    given.write_text("".join(json.dumps(outcome) + "\n" for outcome in outcomes))
    give_back(source, source.name, KINDS, Outcomes(given), target)


def workbook(path: Path) -> Path:
    """With a title, formats, widths, a drop-down and a second sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "名册"
    sheet["A1"] = "云岭区教职工名册"
    sheet.merge_cells("A1:F1")
    for row in (
        HEADER,
        ["00712", "林<知>夏", "teacher", "X101", "2018-09-01", None],
        [712, "顾清和", "teacher", "X9", "", ""],
    ):
        sheet.append(row)
    sheet["A4"].number_format = "00000"
    sheet["B3"].font = Font(color="FF00AA00", italic=True)
    sheet.column_dimensions["B"].width = 33
    choices = DataValidation(type="list", formula1='"teacher,cadre"')
    choices.add("C3:C99")
    sheet.add_data_validation(choices)
    book.create_sheet("说明")["A1"] = "请勿改动"
    book.save(path)
    return path


OUTCOMES = [["名册", 3, "已接收", ""], ["名册", 4, "单位“X9”不存在 & 请核对 <X101>", "refused"]]


def test_an_xlsx_keeps_sheets_formats_and_widths(tmp_path: Path) -> None:
    assert back(workbook(tmp_path / "a.xlsx"), OUTCOMES, tmp_path / "b.xlsx") == {"ending": ".xlsx"}
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    sheet = book["名册"]
    assert book.sheetnames == ["名册", "说明"]
    assert [sheet.cell(row, 7).value for row in range(1, 5)] == [None, "结果", "已接收", OUTCOMES[1][2]]
    assert (sheet["A4"].value, sheet["A4"].number_format, sheet.column_dimensions["B"].width) == (712, "00000", 33)
    assert (sheet["B3"].font.italic, sheet["B3"].value) == (True, "林<知>夏")
    assert str(sheet.merged_cells) == "A1:F1" and len(sheet.data_validations.dataValidation) == 1
    assert sheet["G4"].fill.fgColor.rgb == "FFFDDCD8" and sheet["G3"].fill.patternType is None
    assert sheet["G2"].font.b and sheet.column_dimensions["G"].width == 48


def test_sent_in_again_the_column_is_not_read_and_is_written_anew(tmp_path: Path) -> None:
    source = workbook(tmp_path / "a.xlsx")
    back(source, OUTCOMES, tmp_path / "b.xlsx")
    before, after = (read(path, tmp_path) for path in (source, tmp_path / "b.xlsx"))
    assert after.rows == before.rows and after.notes == before.notes
    back(tmp_path / "b.xlsx", [["名册", 3, "无变化", ""], ["名册", 4, "已接收", "noted"]], tmp_path / "c.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx")["名册"]
    assert [sheet.cell(row, 7).value for row in range(1, 5)] == [None, "结果", "无变化", "已接收"]
    assert sheet.max_column == 7 and sheet["G4"].fill.fgColor.rgb == "FFFFF2B3"


@pytest.mark.parametrize("name", sorted(
    str(path.relative_to(CASES)) for path in CASES.glob("*/*")
    if path.suffix in (".xlsx", ".xlsm", ".xls", ".ods", ".xlsb", ".csv", ".et")
))  # fmt: skip
def test_whatever_can_be_read_comes_back_and_reads_the_same(name: str, tmp_path: Path) -> None:
    source = CASES / name
    before = read(source, tmp_path)
    outcomes = [[sheet, line, f"第 {line} 行", "refused"] for sheet, line in _lines(before)]
    if before.refused:
        return
    given_back(source, outcomes, tmp_path / "back.xlsx")
    after = read(tmp_path / "back.xlsx", tmp_path, source.name)
    assert [row for row in after.rows if row] == [_without_surrogates(row) for row in before.rows]
    if "strict" not in name:  # which openpyxl does not know
        openpyxl.load_workbook(tmp_path / "back.xlsx")
    texts = [cell.text for sheet in open_tables(tmp_path / "back.xlsx") for row in sheet.rows() for cell in row.cells]
    assert [text for text in texts if re.fullmatch(r"第 \d+ 行", text)] == [text for _, _, text, _ in outcomes]


def _without_surrogates(row: list[str]) -> list[str]:
    return [cell.translate(dict.fromkeys(range(0xD800, 0xE000), "\ufffd")) for cell in row]


def _lines(done: Read) -> list[tuple[str, int]]:
    return [(sheet, row[0]) for sheet, (_, _, rows) in zip(done.sheets, done.parts, strict=True) for row in rows]


@pytest.mark.parametrize("name", ["people[1].csv", "名册?.csv", "'名册'.csv", "History.csv"])
def test_a_file_whose_name_is_no_title_of_a_sheet_comes_back(name: str, tmp_path: Path) -> None:
    source = tmp_path / "sent"
    source.write_text(f"\n\n{','.join(HEADER)}\n\nT1,林知夏,teacher,X101,2018-09-01,\n")
    assert back(source, [["", 5, "已接收", ""]], tmp_path / "b.xlsx", name) == {"ending": ".xlsx"}
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0]
    assert (sheet["G3"].value, sheet["G5"].value) == ("结果", "已接收"), "each row in its own place"


def test_what_was_hidden_in_an_opendocument_is_hidden_when_it_comes_back(tmp_path: Path) -> None:
    header = f"<table:table-row>{''.join(ods_cell(name) for name in HEADER)}</table:table-row>"
    row = "".join(ods_cell(text) for text in ("T1", "林知夏", "teacher", "X101", "2018-09-01"))
    old = f'<table:table table:name="旧" table:style-name="gone">{header}<table:table-row>{row}</table:table-row>'
    now = f'<table:table table:name="新">{header}<table:table-row table:visibility="filter">{row}</table:table-row>'
    styles = '<style:style style:name="gone"><style:table-properties table:display="false"/></style:style>'
    (tmp_path / "a.ods").write_bytes(ods(f"{old}</table:table>{now}</table:table>", styles))
    given_back(tmp_path / "a.ods", [["新", 2, "已接收", ""]], tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert [(sheet.title, sheet.sheet_state) for sheet in book.worksheets] == [("旧", "hidden"), ("新", "visible")]
    assert book.active is book["新"] and book["新"].row_dimensions[2].hidden
    assert sorted(read(tmp_path / "b.xlsx", tmp_path).note_codes) == ["hidden_rows", "sheet_left_out"]
