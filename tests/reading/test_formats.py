"""Formats other than .xlsx, and files that are none: each read, or named in one sentence."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from services.reading.formats import open_tables
from services.reading.table import SheetRow, Unreadable
from tests.reading.kinds import read

HEADER = "person_id,name,role,unit_id,from,to\r\n"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def rows_of(content: bytes, folder: Path) -> tuple[list[SheetRow], list[tuple[int, ...]]]:
    """Rows and merged ranges of the first sheet."""
    path = folder / "file"
    path.write_bytes(content)
    for sheet in open_tables(path):
        return list(sheet.rows()), [tuple(place) for place in sheet.merged]
    return [], []


def record(kind: int, content: bytes) -> bytes:
    def varying(number: int) -> bytes:
        low, rest = number & 0x7F, number >> 7
        return bytes([low | 0x80]) + varying(rest) if rest else bytes([low])

    return varying(kind) + varying(len(content)) + content


def text(content: str) -> bytes:
    return struct.pack("<I", len(content)) + content.encode("utf-16-le")


def xlsb(sheet: bytes) -> bytes:
    """With formats: 0 General, 1 00000, 2 built-in 31."""
    link = '<Relationship Id="r%d" Type="%s/%s" Target="%s"/>'
    kinds = [(1, RELATIONS, "worksheet", "worksheets/sheet1.bin"), (2, RELATIONS, "styles", "styles.bin")]
    styles = record(44, struct.pack("<H", 164) + text("00000")) + record(617, b"\3\0\0\0")
    styles += b"".join(record(47, struct.pack("<HH", 0, number) + b"\0" * 12) for number in (0, 164, 31)) + record(
        618, b""
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("xl/workbook.bin", record(156, struct.pack("<II", 0, 1) + text("r1") + text("名册")))
        package.writestr("xl/_rels/workbook.bin.rels", f"<R>{''.join(link % item for item in kinds)}</R>")
        package.writestr("xl/styles.bin", styles)
        package.writestr("xl/worksheets/sheet1.bin", sheet)
    return out.getvalue()


def cell(kind: int, column: int, style: int, content: bytes) -> bytes:
    return record(kind, struct.pack("<II", column, style) + content)


def row(number: int, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIH", number - 1, 0, 300) + bytes([0, 0x10 if hidden else 0, 0, 0, 0]))


def test_xlsb_tells_formats_errors_hidden_and_merged_cells(tmp_path: Path) -> None:
    sheet = row(1) + cell(2, 0, 1, struct.pack("<I", 712 << 2 | 2)) + cell(6, 2, 0, text("甲"))
    sheet += row(2, hidden=True) + cell(5, 0, 2, struct.pack("<d", 43344.0)) + cell(3, 1, 0, b"\x2a")
    sheet += (
        cell(2, 2, 0, struct.pack("<I", 150 << 2 | 3))
        + cell(4, 3, 0, b"\1")
        + cell(9, 4, 0, struct.pack("<d", 0.1 + 0.2))
    )
    sheet += record(176, struct.pack("<4I", 0, 1, 5, 5))
    rows, merged = rows_of(xlsb(sheet), tmp_path)
    assert [(line.number, line.hidden, [item.text for item in line.cells]) for line in rows] == [
        (1, False, ["00712", "", "甲"]), (2, True, ["2018-09-01", "#N/A", "1.5", "TRUE", "0.3"])]  # fmt: skip
    assert [item.kind for item in rows[1].cells] == ["day", "fault", "number", "boolean", "number"]
    assert merged == [(1, 6, 2, 6)]


def ods(body: str, styles: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", "<m/>")
        package.writestr("content.xml", f'<o:d xmlns:o="o" xmlns:t="t" xmlns:x="x" xmlns:s="s">{styles}{body}</o:d>')
    return out.getvalue()


def ods_cell(shown: str, **attributes: str) -> str:
    stated = " ".join(f'o:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<t:table-cell {stated}><x:p>{shown}</x:p></t:table-cell>"


def test_ods_tells_what_is_shown(tmp_path: Path) -> None:
    cells = [
        ods_cell("00712", value_type="float", value="712"), ods_cell("712.50", value_type="float", value="712.5"),
        ods_cell("1/9/18", value_type="date", date_value="2018-09-01T00:00:43"),
        ods_cell("#N/A", formula="x", value_type="string"),
        ods_cell("甲<x:s x:c='2'/>乙</x:p><x:p>丙", value_type="string"), "<t:table-cell o:formula='of:=1'/>",
        "<t:table-cell o:value-type='string'><o:annotation><x:p>批注</x:p></o:annotation>"
        "<x:p><x:ruby><x:ruby-base>单</x:ruby-base><x:ruby-text>shàn</x:ruby-text></x:ruby></x:p></t:table-cell>",
    ]  # fmt: skip
    hidden = (
        "<t:table-row t:visibility='filter'><t:table-cell t:number-rows-spanned='2' o:value-type='string'><x:p>合</x:p>"
        "</t:table-cell></t:table-row><t:table-row><t:covered-table-cell/>"
        + ods_cell("b", value_type="string")
        + "</t:table-row>"
    )
    rows, merged = rows_of(ods(f"<t:table><t:table-row>{''.join(cells)}</t:table-row>{hidden}</t:table>"), tmp_path)
    assert [item.text for item in rows[0].cells] == [
        "00712",
        "712.5",
        "2018-09-01",
        "#N/A",
        "甲  乙\n丙",
        "of:=1",
        "单",
    ]
    assert [item.kind for item in rows[0].cells] == ["number", "number", "day", "fault", "text", "fault", "text"]
    assert [(line.hidden, [item.text for item in line.cells]) for line in rows[1:]] == [
        (True, ["合"]),
        (False, ["合", "b"]),
    ]
    assert merged == [(2, 1, 3, 1)]


def test_an_ods_with_a_password_is_named(tmp_path: Path) -> None:
    out = io.BytesIO(ods(""))
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("META-INF/manifest.xml", "<m><encryption-data/></m>")
    with pytest.raises(Unreadable, match="密码"):
        rows_of(out.getvalue(), tmp_path)


@pytest.mark.parametrize(("content", "word"), [
    (b"", "0 字节"), (b"%PDF-1.7", "PDF"), (b"\xef\xbb\xbf <html><body>", "HTML"),
    (b"<?xml version='1.0'?><a/>", "XML"),
    (b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>", "2003"),
    (b"MIME-Version: 1.0\r\n", "mht"), (b"PK\x03\x04 cut off", "损坏"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".et"),
    (b"\0a\0b" * 100, "UTF-16"), ("編號,姓名\r\n".encode("big5") + "許功蓋,陳淑芬\r\n".encode("big5") * 3, "Big5"),
    (b"\x89PNG\r\n", "图片"), (b"Rar!\x1a", "压缩包"),
])  # fmt: skip
def test_what_is_no_table_is_named_with_the_way_out(content: bytes, word: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refusal:
        rows_of(content, tmp_path)
    assert word in str(refusal.value) and "请" in str(refusal.value)


@pytest.mark.parametrize(("body", "line"), [
    ('T1,"甲,a,X,2018-09-01,\r\nT2,乙,a,X,,\r\n', 2), ('T1,甲,a,X,,\r\nT2,"乙,a,X,,\r\nT3,丙,"a",X,,\r\n', 3),
    ('T1,"甲\r\n乙",a,"X,,\r\nT2,', 3), ('T1,"甲"乙,a,X,,\r\n', 2),
])  # fmt: skip
def test_an_unclosed_quote_is_refused_with_its_line(body: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + body, newline="")
    assert f"第 {line} 行" in read(path, tmp_path).refused and "引号" in read(path, tmp_path).refused


def test_a_row_of_several_lines_bears_the_number_of_its_first(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + 'T1,"甲\r\n乙丙",a,X,2018-09-01,\r\n\r\nT2,丁戊,a,X,2018-09-01,\r\n', newline="")
    assert [line for line, *_ in read(path, tmp_path).parts[0][2]] == [2, 5]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_sep_line_is_obeyed(first: str, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"\ufeff{first}\r\n" + HEADER.replace(",", ";") + 'T1;"a;b,c";x;X;2018-09-01;\r\n', newline="")
    assert read(path, tmp_path).rows == [["T1", "a;b,c", "x", "X", "2018-09-01", ""]]


def test_a_damaged_utf8_file_stays_utf8(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(
        (HEADER + "T1,长孙平,a,X,2018-09-01,\r\nT2,").encode() + b"\xcf\xfe" + "某,a,X,2018-09-01,\r\n".encode()
    )
    rows = read(path, tmp_path).rows
    assert rows[0][1] == "长孙平" and any("\ud800" <= letter <= "\udfff" for letter in rows[1][1])
