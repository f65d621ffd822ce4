"""One cell into the form of scoring.md 1: every spelling of docs/reading.md, and nothing else."""

import pytest

from services.reading.catalogue import ColumnType
from services.reading.cells import ReadCell, read_cell
from services.reading.table import EMPTY, Cell, CellKind

DAY, INSTANT, PERIOD, ID, NAME = (
    ColumnType.DAY,
    ColumnType.INSTANT,
    ColumnType.PERIOD,
    ColumnType.ID,
    ColumnType.NAME,
)


def text(value: str) -> Cell:
    return Cell(value, CellKind.TEXT)


def number(value: str, shown: str = "", *, known: bool = True) -> Cell:
    return Cell(shown or value, CellKind.NUMBER, value, bool(shown), known)


def read(column_type: ColumnType, value: str) -> str:
    cell = read_cell(column_type, text(value))
    assert not cell.fault, cell
    return cell.text


@pytest.mark.parametrize(
    "given",
    [
        "2018-09-01",
        "2018-9-1",
        "2018/9/1",
        "2018/09/01",
        "2018.09.01",
        "2018.9.1",
        "2018年9月1日",
        "2018年09月01日",
        "20180901",
        " 2018-09-01",
        "2018-09-01\u3000",
        "２０１８-０９-０１",
        "２０１８／９／１",
        "2018-09-01 00:00:00",
        "2018-09-01T00:00",
        "2018/9/1 0:00",
        "\ufeff2018-09-01\u200b",
        "2018年9月1日 00:00",
    ],
)
def test_a_day_is_read_in_each_spelling_of_one_meaning(given: str) -> None:
    assert read(DAY, given) == "2018-09-01"


@pytest.mark.parametrize(
    "given",
    [
        "2018-09",
        "43344",
        "01/09/2018",
        "9/1/2018",
        "1.9.2018",
        "18-09-01",
        "2018-13-01",
        "2018-02-30",
        "2018-9/1",
        "2018-09-01 08:30:00",
        "2018年9月",
        "201809011",
        "2018-09-01 24:00",
        "九月一日",
        "2018",
        "0000-01-01",
    ],
)
def test_what_is_no_day_stays_as_it_stands(given: str) -> None:
    assert read(DAY, given) == given


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2022-12-01 09:30", "2022-12-01T09:30:00"),
        ("2022-12-01 09:30:00", "2022-12-01T09:30:00"),
        ("2022/12/1 9:30", "2022-12-01T09:30:00"),
        ("2022-12-01T09:30", "2022-12-01T09:30"),
        ("2022/12/1", "2022-12-01"),
        ("2022-12-1", "2022-12-01"),
        ("20221201 09:30", "2022-12-01T09:30:00"),
        ("2022年12月1日 9:30:15.5", "2022-12-01T09:30:15.500000"),
        ("2022-12-01T09:30:00+08:00", "2022-12-01T09:30:00+08:00"),
        ("2022-12-01 00:00:00", "2022-12-01"),
        ("2022-12-01T9:30", "2022-12-01T09:30:00"),
        ("2022-12-01T00:00:00", "2022-12-01T00:00:00"),
        ("2022-12-01 25:00", "2022-12-01 25:00"),
        ("12/1/2022 9:30", "12/1/2022 9:30"),
        ("2022-12-01 9", "2022-12-01 9"),
    ],
)
def test_an_instant_is_iso_and_a_day_alone_is_its_first_moment(given: str, expected: str) -> None:
    assert read(INSTANT, given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2022-11", "2022-11"),
        ("2022年11月", "2022-11"),
        ("202211", "2022-11"),
        ("2022/11", "2022-11"),
        ("2022年1月", "2022-01"),
        ("2022-Q4", "2022-Q4"),
        ("2022年第4季度", "2022-Q4"),
        ("2022年四季度", "2022-Q4"),
        ("2022年第一季度", "2022-Q1"),
        ("2022", "2022"),
        ("2022年", "2022"),
        ("２０２２年", "2022"),
        ("2022-autumn", "2022-autumn"),
        ("once", "once"),
        ("2022-1", "2022-1"),
        ("2022年13月", "2022年13月"),
        ("202213", "202213"),
        ("2022年第5季度", "2022年第5季度"),
        ("2022-11-01", "2022-11-01"),
        ("Nov-22", "Nov-22"),
    ],
)
def test_a_period_is_read_in_each_spelling_of_one_meaning(given: str, expected: str) -> None:
    assert read(PERIOD, given) == expected


def test_a_date_cell_of_a_first_of_month_stands_for_its_month() -> None:
    assert read_cell(PERIOD, Cell("2022-11-01", CellKind.DAY)) == ReadCell("2022-11", note="month_of_day")
    assert read_cell(PERIOD, Cell("2022-11-01T00:00:43", CellKind.INSTANT)).text == "2022-11"
    assert read_cell(PERIOD, Cell("2022-11-02", CellKind.DAY)).text == "2022-11-02"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("2018-09-01T00:00:43", "2018-09-01"),
        ("2018-08-31T23:59:17", "2018-09-01"),
        ("2018-09-01T00:00:00.0004", "2018-09-01"),
        ("2018-09-01T00:00:00", "2018-09-01"),
        ("2018-09-01T00:01:00", "2018-09-01T00:01:00"),
        ("2018-09-01T08:29:59.999600", "2018-09-01T08:30:00"),
        ("9999-12-31T23:59:59", "9999-12-31T23:59:59"),
    ],
)
def test_a_date_cell_less_than_a_minute_from_midnight_is_midnight(shown: str, expected: str) -> None:
    assert read_cell(DAY, Cell(shown, CellKind.INSTANT)).text == expected
    assert read_cell(INSTANT, Cell(shown, CellKind.INSTANT)).text == expected
    rounded = expected == "2018-09-01" and "T00:00:00" not in shown
    assert read_cell(INSTANT, Cell(shown, CellKind.INSTANT)).note == ("midnight" if rounded else "")


def test_a_bare_number_is_no_date() -> None:
    assert read_cell(DAY, number("43344")).text == "43344"
    assert read_cell(DAY, number("20180901")).text == "20180901"
    assert read_cell(INSTANT, number("20180901")).text == "20180901"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (number("712"), ReadCell("712")),
        (number("712", "00712"), ReadCell("00712")),
        (number("712.0"), ReadCell("712")),
        (number("123456789012345"), ReadCell("123456789012345")),
        (number("1234567890123456"), ReadCell("1234567890123456", "number_id")),
        (number("202000000012345700"), ReadCell("202000000012345700", "number_id")),
        (number("7.5"), ReadCell("7.5", "number_id")),
        (number("7.5", "8"), ReadCell("7.5", "number_id")),
        (number("712", known=False), ReadCell("712", "number_id")),
        (text("2.02E+17"), ReadCell("2.02E+17", "number_id")),
        (text("202000000012345678"), ReadCell("202000000012345678")),
        (text("00712"), ReadCell("00712")),
        (Cell("2018-09-01", CellKind.DAY), ReadCell("2018-09-01", "number_id")),
    ],
)
def test_an_id_in_a_number_cell_is_what_it_shows_or_refused(cell: Cell, expected: ReadCell) -> None:
    assert read_cell(ID, cell) == expected
    assert read_cell(ColumnType.UNIT, cell) == expected


@pytest.mark.parametrize(
    "given", ["T1004 ", "\u00a0T1004", "Ｔ１００４", "T1004\u200b", "\ufeffT1004\t", "\x00T1004\x7f", "　T1004\r\n"]
)
def test_an_id_loses_what_cannot_be_seen_and_full_width(given: str) -> None:
    assert read(ID, given) == "T1004"
    assert read_cell(ID, text(given)).note in ("trimmed", "narrowed")


def test_an_id_keeps_its_case_and_what_stands_inside() -> None:
    assert read(ID, "t1004") == "t1004"
    assert read(ID, "T1\u200b004") == "T1\u200b004"


@pytest.mark.parametrize("kind", [ColumnType.TITLE, ColumnType.TEXT])
def test_titles_and_reasons_keep_their_lines_and_their_wide_letters(kind: ColumnType) -> None:
    assert read(kind, " 一、学习\n二、总结（１） ") == "一、学习\n二、总结（１）"


def test_elsewhere_a_line_break_is_a_blank() -> None:
    assert read_cell(NAME, text("青禾\r\n小学")) == ReadCell("青禾 小学", note="line_break")
    assert read(ColumnType.UNIT, "青禾\n小学") == "青禾 小学"


@pytest.mark.parametrize("dot", "\u00b7\u2022\u2027\u30fb\uff65\u0387")
def test_the_minority_dot_is_one(dot: str) -> None:
    assert read(NAME, f"阿依古丽{dot}买买提") == "阿依古丽\u00b7买买提"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("张 三", "张三"),
        ("张　三", "张三"),
        ("张  三", "张三"),
        ("张\n三", "张三"),
        ("欧阳 锋", "欧阳 锋"),
        ("A B", "A B"),
        ("𠮷 三", "𠮷三"),
    ],
)
def test_a_name_of_two_characters_loses_its_blank(given: str, expected: str) -> None:
    assert read(NAME, given) == expected


def test_text_is_nfc() -> None:
    assert read(NAME, "e\u0301") == "é"


@pytest.mark.parametrize("given", ["\ufffd\ufffd三", "锟斤拷锟斤拷", "???", "张??", "张?", "??"])
def test_a_name_that_is_garbled_is_at_fault(given: str) -> None:
    assert read_cell(NAME, text(given)) == ReadCell(given, "garbled")


def test_question_marks_are_text_elsewhere() -> None:
    assert read(ColumnType.TITLE, "为什么学???") == "为什么学???"
    assert read_cell(ColumnType.TITLE, text("总结\ufffd")).fault == "garbled"


def test_a_formula_without_a_value_is_at_fault_in_every_column() -> None:
    for column_type in ColumnType:
        assert read_cell(column_type, Cell("#N/A", CellKind.FAULT)) == ReadCell("#N/A", "formula")
        assert read_cell(column_type, EMPTY) == ReadCell("")


def test_a_picture_is_evidence_and_nothing_else() -> None:
    picture = Cell("ID_0A1B", CellKind.PICTURE)
    assert read_cell(ColumnType.EVIDENCE, picture) == ReadCell("ID_0A1B", note="picture")
    assert read_cell(ColumnType.TITLE, picture).fault == "formula"


@pytest.mark.parametrize("given", ["a;b", "a；b", "a、b", "a，b", " a ;b;", "；a；；ｂ"])
def test_a_list_is_parted_by_each_sign_in_use(given: str) -> None:
    for column_type in (ColumnType.CODES, ColumnType.IDS, ColumnType.UNITS):
        assert read(column_type, given) == "a;b"


def test_a_comma_may_be_part_of_an_id() -> None:
    assert read(ColumnType.IDS, "a,b") == "a,b"
    assert read(ColumnType.CODES, "a,b") == "a;b"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (number("1.5"), "1.5"),
        (number("0.30000000000000004"), "0.3"),
        (number("0.00001"), "0.00001"),
        (number("2"), "2"),
        (number("1500"), "1500"),
        (text("１.５"), "1.5"),
        (text("1.5 "), "1.5"),
        (text("1.5分"), "1.5分"),
        (text("1,5"), "1,5"),
        (text("+2"), "+2"),
        (Cell("TRUE", CellKind.BOOLEAN), "TRUE"),
    ],
)
def test_a_number_is_the_one_that_is_shown(cell: Cell, expected: str) -> None:
    assert read_cell(ColumnType.NUMBER, cell) == ReadCell(expected, note=read_cell(ColumnType.NUMBER, cell).note)


@pytest.mark.parametrize(
    ("given", "expected"), [("2023", "2023"), ("2023年", "2023"), ("2023年度", "2023"), ("23", "23")]
)
def test_a_year_may_say_that_it_is_one(given: str, expected: str) -> None:
    assert read(ColumnType.YEAR, given) == expected
