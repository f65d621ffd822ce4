"""What a number shows under the formats that offices use."""

import pytest

from services.reading.number_formats import day_text, number_cell
from services.reading.table import CellKind


@pytest.mark.parametrize("format_id", [14, 15, 16, 17, 22, 27, 30, 31, 36, 50, 57, 58])
def test_built_in_dates_are_days_the_east_asian_too(format_id: int) -> None:
    assert number_cell("43344", format_id, "", False)[:2] == ("2018-09-01", CellKind.DAY)


@pytest.mark.parametrize("code", [
    "yyyy-mm-dd", 'yyyy"年"m"月"d"日"', '[$-804]yyyy"年"m"月"d"日";@', "yyyy年m月d日", '[DBNum1][$-804]yyyy"年"m"月"',
    "yyyy/m/d;@", "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "[$-804]aaaa", 'e"年"m"月"', "m/d/yy h:mm", "mmm-yy",
    "yyyy\\-mm\\-dd", "yyyy-mm-dd hh:mm:ss.000", "[$-x-sysdate]dddd", "YYYY-MM-DD", "[Red]yyyy/m/d",
])  # fmt: skip
def test_dates_by_their_code(code: str) -> None:
    assert number_cell("43344", 164, code, False).text == "2018-09-01"


@pytest.mark.parametrize("code", ["General", "0.00", "#,##0", "0.00E+00", "@", "[h]:mm", '0"次"', "0%", "Standard",
                                  "G/通用格式", '"日期"0'])  # fmt: skip
def test_what_is_no_date(code: str) -> None:
    assert number_cell("43344", 164, code, False).kind is CellKind.NUMBER


def test_both_epochs() -> None:
    assert number_cell("41882", 14, "", True).text == "2018-09-01"
    assert [number_cell(day, 14, "", False).text for day in ("1", "59", "61")] == [
        "1900-01-01",
        "1900-02-28",
        "1900-03-01",
    ]
    assert number_cell("60", 14, "", False).kind is CellKind.NUMBER  # 1900-02-29 never was
    assert number_cell("0.5", 18, "", False).kind is CellKind.NUMBER


@pytest.mark.parametrize(("serial", "text"), [
    ("43344.00049768518", "2018-09-01"), ("43343.99999", "2018-09-01"), ("43344.354166666664", "2018-09-01T08:30:00"),
    ("43344.0007", "2018-09-01T00:01:00.480"),
])  # fmt: skip
def test_less_than_a_minute_from_midnight_is_midnight(serial: str, text: str) -> None:
    assert number_cell(serial, 14, "", False).text == text


@pytest.mark.parametrize(("code", "text", "digits_only"), [
    ("00000", "00712", True), ("0", "712", True), ("0_ ", "712", True), ("000000;[Red]-000000", "000712", True),
    ("General", "712", False), ("0.00", "712", False), ('"T"00000', "712", False),
])  # fmt: skip
def test_leading_zeros_as_shown(code: str, text: str, digits_only: bool) -> None:
    cell = number_cell("712", 164, code, False)
    assert (cell.text, cell.number, cell.formats_digits_only) == (text, "712", digits_only)


@pytest.mark.parametrize(("stored", "number"), [
    ("2.020000000123457E+17", "202000000012345700"), ("0.30000000000000004", "0.3"), ("0.29999999999999999", "0.3"),
    ("1e-05", "0.00001"), ("-1.50", "-1.5"), ("712.0", "712"),
])  # fmt: skip
def test_numbers_in_digits(stored: str, number: str) -> None:
    assert number_cell(stored, 0, "", False).number == number


def test_days_as_text() -> None:
    assert [cell and cell.text for cell in map(day_text, ("2018-09-01T00:00:43", "2018-09-01", "soon"))] == [
        "2018-09-01", "2018-09-01", None]  # fmt: skip
