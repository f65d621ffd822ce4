"""OpenDocument sheets as programs other than LibreOffice write them, or LibreOffice when it is asked for more."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reading.kinds import read
from tests.reading.raw_books import NAMES, ROW, pack
from tests.reading.test_formats import ods, ods_cell

Cells = list[str]


def text(shown: str) -> str:
    return ods_cell(shown, value_type="string")


def line(*cells: str, attributes: str = "") -> str:
    return f"<t:table-row {attributes}>{''.join(cells)}</t:table-row>"


HEADER = line(*map(text, NAMES))
GOOD = [list(ROW)]
FIRST = [text(item) for item in ROW[:5]]


def table(*rows: str) -> bytes:
    return ods(f"<t:table t:name='名册'>{HEADER}{''.join(rows)}</t:table>")


def dated(shown: str, **attributes: str) -> bytes:
    return table(line(*FIRST[:4], ods_cell(shown, **attributes)))


READ: dict[str, Callable[[], bytes]] = {
    "empty rows and cells to the end": lambda: table(
        line(*FIRST, "<t:table-cell t:number-columns-repeated='16379'/>"),
        line("<t:table-cell t:number-columns-repeated='16384'/>", attributes="t:number-rows-repeated='1048574'")),
    "groups of rows": lambda: ods(
        f"<t:table><t:table-header-rows>{HEADER}</t:table-header-rows><t:table-row-group>"
        f"<t:table-rows>{line(*FIRST)}</t:table-rows></t:table-row-group></t:table>"),
    "links and spans in a text": lambda: table(line(
        "<t:table-cell o:value-type='string'><x:p><x:a>T<x:span>1</x:span></x:a></x:p></t:table-cell>", *FIRST[1:])),
    "indented XML": lambda: table(line(
        "<t:table-cell o:value-type='string'>\n  <x:p>T1</x:p>\n</t:table-cell>", *FIRST[1:])),
    "a text as an attribute": lambda: table(line(
        "<t:table-cell o:value-type='string' o:string-value='T1'/>", *FIRST[1:])),
    "a day with a time": lambda: dated("x", value_type="date", date_value="2018-09-01T00:00:00"),
    "a day that shows no year": lambda: dated("9月1日", value_type="date", date_value="2018-09-01"),
    "a formula that gives an empty text": lambda: table(line(
        *FIRST, """<t:table-cell o:formula='of:=IF([.A2]="";"";"x")'><x:p/></t:table-cell>""")),
    "a formula with its text": lambda: dated("2018-09-01", formula="of:=[.A1]", value_type="string"),
    "no mimetype": lambda: pack({
        "content.xml": f'<o:d xmlns:o="o" xmlns:t="t" xmlns:x="x"><t:table>{HEADER}{line(*FIRST)}</t:table></o:d>'}),
}  # fmt: skip


@pytest.mark.parametrize("what", READ)
def test_an_opendocument_is_read(what: str, tmp_path: Path) -> None:
    (tmp_path / "a.ods").write_bytes(READ[what]())
    done = read(tmp_path / "a.ods", tmp_path)
    assert (done.refused, done.rows) == ("", GOOD)


def test_repeated_rows_are_rows_each_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "a.ods").write_bytes(table(line(*FIRST, attributes="t:number-rows-repeated='3'"), line(*FIRST)))
    done = read(tmp_path / "a.ods", tmp_path)
    assert [row[0] for _, _, rows in done.parts for row in rows] == [2, 3, 4, 5]


def test_a_wholly_encrypted_opendocument_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.ods").write_bytes(pack({"mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                                           "encrypted-package": b"\1\2",
                                           "META-INF/manifest.xml": "<m/>"}))  # fmt: skip
    assert "密码" in read(tmp_path / "a.ods", tmp_path).refused


@pytest.mark.parametrize("cell", [
    ods_cell("Err:508", formula="of:=1+", value_type="string"),
    ods_cell("#N/A", formula="of:=NA()", value_type="string"),
    ods_cell("#REF!", formula="of:=x", value_type="float", value="0"), "<t:table-cell o:formula='of:=A1'/>",
])  # fmt: skip
def test_what_a_formula_does_not_give_is_refused(cell: str, tmp_path: Path) -> None:
    (tmp_path / "a.ods").write_bytes(table(line(FIRST[0], cell, *FIRST[2:])))
    assert read(tmp_path / "a.ods", tmp_path).parts[0][2][0][2][:2] == ["name", "formula"]


@pytest.mark.parametrize(("cell", "read_as"), [
    (ods_cell("00712", value_type="float", value="712"), "00712"),
    (ods_cell("712", value_type="float", value="712"), "712"),
    (ods_cell("7.12E+02", value_type="float", value="712"), "712"),
    (ods_cell("1,712", value_type="float", value="1712"), "1712"),
    (ods_cell("TRUE", value_type="boolean", boolean_value="true"), "TRUE"),
])  # fmt: skip
def test_an_id_as_it_is_shown(cell: str, read_as: str, tmp_path: Path) -> None:
    (tmp_path / "a.ods").write_bytes(table(line(cell, *FIRST[1:])))
    assert read(tmp_path / "a.ods", tmp_path).rows[0][0] == read_as
