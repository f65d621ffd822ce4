"""Cells and rows as offices have them beside those of the handed cases: each was read wrongly, or refused, once."""

import zipfile
from pathlib import Path

import pytest

from services.reading.catalogue import ColumnType
from services.reading.cells import ReadCell, read_cell
from services.reading.table import Cell, CellKind
from tests.reading import raw_books
from tests.reading.kinds import read

HEADER = "person_id,name,role,unit_id,from,to\r\n"


def of(column_type: ColumnType, text: str) -> ReadCell:
    return read_cell(column_type, Cell(text, CellKind.TEXT))


@pytest.mark.parametrize(
    "text",
    ["2018 年 9 月 1 日", "2018年09月01号", "2018—9—1", "2018\u201309\u201301", "2018\u22129\u22121"],
)
def test_a_day_of_one_meaning_is_taken(text: str) -> None:
    assert of(ColumnType.DAY, text).text == "2018-09-01"


@pytest.mark.parametrize("text", ["18-9-1", "9/1/2018", "2018年9月", "2018-13-1", "43344", "2018-9/1"])
def test_a_day_of_several_or_none_stays_for_the_rules(text: str) -> None:
    assert of(ColumnType.DAY, text) == ReadCell(text)


@pytest.mark.parametrize(
    ("text", "period"),
    [("2022年11月份", "2022-11"), ("2022年 11月", "2022-11"), ("2022.11", "2022-11"), ("2022\u201311", "2022-11"),
     ("2022Q4", "2022-Q4"), ("2022-q4", "2022-Q4"), ("2022年Q4", "2022-Q4"), ("2022 年第 4 季度", "2022-Q4"),
     ("2022年度", "2022")],
)  # fmt: skip
def test_a_period_of_one_meaning_is_taken(text: str, period: str) -> None:
    assert of(ColumnType.PERIOD, text).text == period


@pytest.mark.parametrize("text", ["2022.1", "22年11月", "四季度", "2022-1"])
def test_a_period_of_several_stays_for_the_rules(text: str) -> None:
    """2022.1 is how a sheet shows the number 2022.10."""
    assert of(ColumnType.PERIOD, text) == ReadCell(text)


@pytest.mark.parametrize("text", ["\u202aT1001\u202c", "T1001\u200e", "\u00adT1001", "\u2060T1001"])
def test_what_nobody_sees_is_no_part_of_an_id(text: str) -> None:
    assert of(ColumnType.ID, text) == ReadCell("T1001", note="trimmed")


def test_what_nobody_sees_is_no_part_of_a_name() -> None:
    assert of(ColumnType.NAME, "张\u200b三") == ReadCell("张三", note="trimmed")


@pytest.mark.parametrize("text", ["阿依古丽\u2219买买提", "阿依古丽\u22c5买买提"])
def test_the_dot_of_a_name(text: str) -> None:
    assert of(ColumnType.NAME, text) == ReadCell("阿依古丽\u00b7买买提", note="dot")


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#DIV/0!", "#NAME?", " #VALUE! "])
@pytest.mark.parametrize("column_type", [ColumnType.NAME, ColumnType.ID, ColumnType.DAY, ColumnType.TITLE])
def test_an_error_that_was_exported_as_text_is_refused(text: str, column_type: ColumnType) -> None:
    assert of(column_type, text) == ReadCell(text.strip(), "formula")


@pytest.mark.parametrize("text", ["=A2", "=VLOOKUP(A2,Sheet2!A:B,2,0)", "=Sheet2!A1"])
def test_a_formula_that_was_exported_as_text_is_refused(text: str) -> None:
    assert of(ColumnType.NAME, text) == ReadCell(text, "formula")
    assert of(ColumnType.TITLE, text) == ReadCell(text)  # a title may say anything


def test_a_picture_that_was_exported_as_text() -> None:
    text = '=DISPIMG("ID_5E0A",1)'
    assert of(ColumnType.EVIDENCE, text) == ReadCell("ID_5E0A", note="picture")
    assert of(ColumnType.NAME, text) == ReadCell("ID_5E0A", "formula")


def test_a_text_that_exports_write_as_a_formula_is_that_text() -> None:
    assert of(ColumnType.ID, '="00712"') == ReadCell("00712")


def test_an_id_in_scientific_notation_without_a_plus_is_refused() -> None:
    assert of(ColumnType.ID, "5.3E17") == ReadCell("5.3E17", "number_id")
    assert of(ColumnType.ID, "5E12") == ReadCell("5E12")  # a class, say


@pytest.mark.parametrize("text", ["合 计", "总\u3000计", "注：以上人员已核对", "备注: 见附件", "填表人：李四"])
def test_a_row_of_totals_or_remarks_is_left_out(text: str, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(f"{HEADER}T1,张三,teacher,X101,2018-09-01,\r\n{text},3,,,,\r\n")
    done = read(tmp_path / "people.csv", tmp_path)
    assert [row[0] for row in done.rows] == ["T1"]
    assert done.note_codes == ["row_left_out"]


def test_what_stands_under_a_heading_in_its_cell_is_how_to_fill_it_in(tmp_path: Path) -> None:
    header = '人员编号,姓名,"身份\n填教师、干部或其他",单位编号,"开始日期\n格式：2018-09-01"'
    (tmp_path / "a.csv").write_text(f"{header}\r\nT1,张三,teacher,X101,2018-09-01\r\n")
    assert read(tmp_path / "a.csv", tmp_path).rows == [["T1", "张三", "teacher", "X101", "2018-09-01", ""]]


def test_a_heading_that_names_two_columns_names_none(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        '人员编号,姓名,身份,单位编号,"开始日期\n结束日期"\r\nT1,张三,teacher,X101,2018-09-01\r\n'
    )
    assert "开始日期" in read(tmp_path / "a.csv", tmp_path).refused


def test_an_id_that_a_spreadsheet_may_have_cut_before_it_became_text_is_noted() -> None:
    assert of(ColumnType.ID, "530102199001011000") == ReadCell("530102199001011000", note="cut_digits")
    assert of(ColumnType.ID, "530102199001011234") == ReadCell("530102199001011234")


def test_a_flat_opendocument_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.ods").write_text(
        '<?xml version="1.0"?>\n<office:document xmlns:office="urn:o"><office:meta><meta:a/>'
    )
    assert ".fods" in read(tmp_path / "a.ods", tmp_path).refused


def test_a_table_of_an_old_database_is_named(tmp_path: Path) -> None:
    fields = b"XM".ljust(11, b"\0") + b"C" + bytes(20)
    head = bytes((0x03, 126, 9, 1)) + (1).to_bytes(4, "little") + (65).to_bytes(2, "little") + bytes(22)
    (tmp_path / "rs.xls").write_bytes(head + fields + b"\r" + b" \xd5\xc5\xc8\xfd".ljust(21))
    assert ".dbf" in read(tmp_path / "rs.xls", tmp_path).refused


@pytest.mark.parametrize(
    ("text", "instant"),
    [("2022年12月1日9时30分", "2022-12-01T09:30:00"), ("2022年12月1日 9点", "2022-12-01T09:00:00"),
     ("2022.12.1 9时30分15秒", "2022-12-01T09:30:15"), ("2022年12月1日9:30", "2022-12-01T09:30:00"),
     ("2022年12月1日9点半", "2022-12-01T09:30:00"), ("2022年12月1日0时", "2022-12-01")],
)  # fmt: skip
def test_a_time_of_day_in_words_is_taken(text: str, instant: str) -> None:
    assert of(ColumnType.INSTANT, text).text == instant


@pytest.mark.parametrize("text", ["2022-12-19:30", "2022年12月1日25时", "2022年12月1日9", "2022年12月1日 上午"])
def test_a_time_of_day_of_several_meanings_or_none_stays_for_the_rules(text: str) -> None:
    assert of(ColumnType.INSTANT, text) == ReadCell(text)


@pytest.mark.parametrize(
    ("parts", "words"),
    [(["[Content_Types].xml", "word/document.xml"], "Word 文档"),
     (["[Content_Types].xml", "ppt/presentation.xml"], "演示文稿"),
     (["people.xlsx", "units.xlsx"], "压缩包"), ([], "压缩包")],
)  # fmt: skip
def test_a_package_of_another_kind_is_named(parts: list[str], words: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package:
        for part in parts:
            package.writestr(part, b"<a/>")
    assert words in read(tmp_path / "a.xlsx", tmp_path).refused


def test_a_text_document_of_opendocument_is_named_although_it_holds_tables(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", "<a/>")
        package.writestr("META-INF/manifest.xml", "<a/>")
    assert ".odt" in read(tmp_path / "a.ods", tmp_path).refused


@pytest.mark.parametrize("sign", ["|", "，", "；"])
def test_a_sign_that_parts_no_columns_is_named(sign: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER.replace(",", sign) + sign.join("abcdef"))
    assert f"“{sign}”" in read(tmp_path / "a.csv", tmp_path).refused


@pytest.mark.parametrize("row", [
    "第一小学 汇总,3,,,,", "汇总,3,,,,", "本页小计,3,,,,", ",,,第一小学 小计,3,", ",小计,,第一小学,3人,",
    "12,累计：,,,,", "人数合计,人数合计,,,3,",
])  # fmt: skip
def test_the_sums_that_spreadsheets_and_people_put_under_rows_are_left_out(row: str, tmp_path: Path) -> None:
    """Subtotals name their group, the last row of a table is 汇总, a unit merged over its rows stands beside 小计."""
    (tmp_path / "people.csv").write_text(f"{HEADER}T1,张三,teacher,X101,2018-09-01,\r\n{row}\r\n")
    done = read(tmp_path / "people.csv", tmp_path)
    assert ([each[0] for each in done.rows], done.note_codes) == (["T1"], ["row_left_out"])


@pytest.mark.parametrize("row", [
    "T2,汇总,teacher,X101,2018-09-01,", "T2,小计,,,,", "汇总岗,李四,teacher,X101,2018-09-01,", "T2,李四,,学校合计,,",
])  # fmt: skip
def test_a_row_that_says_more_than_a_sum_stays_for_the_rules(row: str, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(f"{HEADER}{row}\r\n")
    assert len(read(tmp_path / "people.csv", tmp_path).rows) == 1


def test_a_title_alone_that_ends_like_a_sum_is_a_title(tmp_path: Path) -> None:
    header = "record_id,record,unit_id,occurred_at,title"
    (tmp_path / "records.csv").write_text(f"{header}\r\n12,,,,学习情况汇总\r\n")
    assert len(read(tmp_path / "records.csv", tmp_path).rows) == 1


@pytest.mark.parametrize("row", ["1,2,3,4,5,6", "（1）,（2）,（3）,（4）,（5）,（6）", "甲,乙,1,2,3,"])
def test_the_numbers_of_columns_under_a_header_are_left_out(row: str, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(f"{HEADER}{row}\r\nT1,张三,teacher,X101,2018-09-01,\r\n")
    done = read(tmp_path / "people.csv", tmp_path)
    assert ([each[0] for each in done.rows], done.note_codes) == (["T1"], ["row_left_out"])


@pytest.mark.parametrize("length", [b"\x06", b"\x08", b"\x10"])
def test_a_sheet_of_excel_95_without_a_container_is_named(length: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(b"\x09\x08" + length + b"\0\0\x05\x10" + bytes(20))
    assert "Excel" in read(tmp_path / "a.xls", tmp_path).refused


def test_a_row_of_no_height_is_a_hidden_one(tmp_path: Path) -> None:
    flat = raw_books.rows(raw_books.row(*raw_books.ROW, attributes='r="2" ht="0" customHeight="1"'))
    (tmp_path / "a.xlsx").write_bytes(raw_books.pack(raw_books.parts(raw_books.sheet(flat))))
    assert read(tmp_path / "a.xlsx", tmp_path).note_codes == ["hidden_rows"]
