"""Workbooks as public reports of import systems describe them: read, or named with the way out."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from services.reading.formats import open_tables
from tests.reading.kinds import Read, read
from tests.reading.raw_books import LINKS, MAIN, NAMES, OFFICE, ROW, pack, parts, row, rows, sheet, styles
from tests.reading.test_workbook_back import given_back

GOOD = [list(ROW)]
PLAIN = parts(sheet(rows(row(*ROW))))


def of(content: bytes, folder: Path, name: str = "a.xlsx") -> Read:
    (folder / name).write_bytes(content)
    return read(folder / name, folder)


def renamed(**names: str) -> dict[str, str]:
    return {names.get(Path(name).name.partition(".")[0], name): content for name, content in WITH_STRINGS.items()}


def prefixed(xml: str) -> str:
    """With every element of the sheet in a namespace with a prefix (OpenXML SDK, SAP, Crystal Reports)."""
    tree = xml.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    return tree.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"').replace(f'xmlns="{LINKS}"', f'xmlns:x="{LINKS}"')


def shared(*texts: str) -> str:
    return f'<sst xmlns="{MAIN}">{"".join(f"<si>{text}</si>" for text in texts)}</sst>'


def indices(*numbers: int) -> str:
    return "".join(f'<c t="s"><v>{number}</v></c>' for number in numbers)


STRINGS = shared(*(f"<t>{text}</t>" for text in (*NAMES, *ROW[:5])))
WITH_STRINGS = parts(
    sheet(f"<row>{indices(*range(6))}</row><row>{indices(*range(6, 11))}</row>"), strings=STRINGS, styles=styles("0")
)
DATE = '<c s="1"><v>43344</v></c>'


def dated(code: str, value: str = "43344", **others: str) -> dict[str, str]:
    return parts(sheet(rows(row(*ROW[:4], f'<c s="1"><v>{value}</v></c>'))), styles=styles(code), **others)


def case_of_parts() -> dict[str, str]:
    return {name.replace("sharedStrings", "SharedStrings"): content for name, content in WITH_STRINGS.items()}


def with_backslashes() -> bytes:
    """As an old .NET zip library writes the parts' names."""
    content = pack({name.replace("/", "|"): text for name, text in WITH_STRINGS.items()})
    return content.replace(b"xl|", b"xl\\").replace(b"worksheets|", b"worksheets\\").replace(b"_rels|", b"_rels\\")


def absolute() -> dict[str, str]:
    links = WITH_STRINGS["xl/_rels/workbook.xml.rels"].replace('Target="', 'Target="/xl/')
    return WITH_STRINGS | {"xl/_rels/workbook.xml.rels": links}


def elsewhere() -> dict[str, str]:
    moved = {name.replace("xl/", "data/"): text for name, text in WITH_STRINGS.items()}
    return moved | {"_rels/.rels": PLAIN["_rels/.rels"].replace("xl/workbook", "/data/workbook")}


def zip64() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, text in PLAIN.items():
            with package.open(name, "w", force_zip64=True) as part:
                part.write(text.encode())
    return out.getvalue()


def streamed() -> bytes:
    """Sizes behind the parts (data descriptors), as a servlet writes while it packs."""

    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in PLAIN.items():
            package.writestr(name, text)
    return out.getvalue()


def format_in_a_rule() -> dict[str, str]:
    """A conditional format's own number format bears the number of a cell's (openpyxl writes so)."""
    rule = '<dxfs><dxf><numFmt numFmtId="164" formatCode="0.00"/></dxf></dxfs>'
    return parts(sheet(rows(row(*ROW[:4], DATE))), styles=styles("yyyy-mm-dd", behind=rule))


Writer = Callable[[], bytes]
READ: dict[str, Writer] = {
    "prefixes everywhere": lambda: pack({name: prefixed(text) if "Content" not in name else text
                                         for name, text in PLAIN.items()}),
    "shared texts in another case": lambda: pack(case_of_parts()),
    "parts named with backslashes": with_backslashes,
    "absolute targets": lambda: pack(absolute()),
    "parts in another folder": lambda: pack(elsewhere()),
    "zip64": zip64,
    "sizes behind the parts": streamed,
    "stored, not packed": lambda: pack(PLAIN, zipfile.ZIP_STORED),
    "a mark of UTF-8 and a line break before the package": lambda: b"\xef\xbb\xbf\r\n" + pack(PLAIN),
    "bytes behind the package": lambda: pack(PLAIN) + b"\r\n\0\0",
    "no content types": lambda: pack({name: text for name, text in PLAIN.items() if "Content" not in name}),
    "no root relations": lambda: pack({name: text for name, text in PLAIN.items() if name != "_rels/.rels"}),
    "a dimension of one cell": lambda: pack(parts(sheet(rows(row(*ROW)), '<dimension ref="A1"/>'))),
    "a dimension of everything": lambda: pack(parts(sheet(rows(row(*ROW)), '<dimension ref="A1:XFD1048576"/>'))),
    "shared texts that count themselves wrong": lambda: pack(
        WITH_STRINGS | {"xl/sharedStrings.xml": STRINGS.replace("<sst ", '<sst count="1" uniqueCount="1" ')}),
    "an empty shared text between": lambda: pack(WITH_STRINGS | {
        "xl/sharedStrings.xml": STRINGS.replace("<t>name</t>", "<t>name</t><phoneticPr fontId='1'/>")}),
    "runs with a pinyin guide": lambda: pack(WITH_STRINGS | {"xl/sharedStrings.xml": STRINGS.replace(
        "<t>林知夏</t>", "<r><t>林</t></r><r><rPr><b/></rPr><t>知夏</t></r><rPh sb='0' eb='1'><t>lín</t></rPh>")}),
    "a veryHidden sheet is no fault": lambda: pack(PLAIN | {"xl/workbook.xml": PLAIN["xl/workbook.xml"].replace(
        "<sheets>", '<sheets><sheet name="参数" sheetId="9" state="veryHidden" r:id="r1"/>')}),
    "a protected sheet": lambda: pack(parts(sheet(
        rows(row(*ROW)), behind='<sheetProtection password="CC1A" sheet="1" objects="1"/>'))),
    "a filter and frozen panes": lambda: pack(parts(sheet(
        rows(row(*ROW)), '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" state="frozen"/></sheetView>'
        '</sheetViews>', '<autoFilter ref="A1:F2"/>'))),
    "texts of a formula": lambda: pack(parts(sheet(rows(row(
        '<c t="str"><f>"T"&amp;1</f><v>T1</v></c>', *ROW[1:5], '<c t="str"><f>IF(A2="","x","")</f><v></v></c>'))))),
    "a shared formula's followers": lambda: pack(parts(sheet(rows(row(
        '<c t="str"><f t="shared" si="0"/><v>T1</v></c>', *ROW[1:5]))))),
    "a link to another workbook with its value": lambda: pack(parts(sheet(rows(row(
        ROW[0], '<c t="str"><f>[1]Sheet1!$B$2</f><v>林知夏</v></c>', *ROW[2:5]))))),
    "a day as ISO 8601": lambda: pack(parts(sheet(rows(row(
        *ROW[:4], '<c t="d"><v>2018-09-01T00:00:00</v></c>'))))),
    "a conditional format's number format": lambda: pack(format_in_a_rule()),
    "a date format behind a condition": lambda: pack(dated('[=0]"";yyyy-mm-dd')),
    "a date format that hides noughts": lambda: pack(dated('[=0]"";[$-804]yyyy"年"m"月"d"日";@')),
    "a date format of the system": lambda: pack(dated("[$-F800]dddd, mmmm dd, yyyy")),
    "the built-in format 31": lambda: pack(dated("31")),
    "the built-in format 57": lambda: pack(dated("57")),
    "Chinese numerals": lambda: pack(dated('[DBNum1][$-804]yyyy"年"m"月"d"日"')),
    "the week's day behind": lambda: pack(dated('yyyy"年"m"月"d"日" aaaa')),
    "1904": lambda: pack(dated("14", "41882", properties='<workbookPr date1904="true"/>')),
    "a second short of midnight": lambda: pack(dated("14", "43343.999988425925")),
    "in exponents": lambda: pack(dated("14", "4.3344E4")),
}  # fmt: skip


@pytest.mark.parametrize("what", READ)
def test_a_workbook_of_another_program_is_read(what: str, tmp_path: Path) -> None:
    done = of(READ[what](), tmp_path)
    assert (done.refused, done.rows) == ("", GOOD)


@pytest.mark.parametrize(("name", "state"), [("参数", "hidden"), ("字典", "veryHidden")])
def test_a_hidden_sheet_is_named(name: str, state: str, tmp_path: Path) -> None:
    hidden = f'<sheets><sheet name="{name}" sheetId="9" state="{state}" r:id="r1"/>'
    done = of(pack(PLAIN | {"xl/workbook.xml": PLAIN["xl/workbook.xml"].replace("<sheets>", hidden)}), tmp_path)
    assert done.note_codes == ["sheet_left_out"] and name in done.notes[0][4]


def iwork() -> bytes:
    return pack({"Index/Document.iwa": b"\0", "Index/Tables/DataList.iwa": b"\0", "preview.jpg": b"\xff\xd8"})


REFUSED: dict[str, tuple[Writer, str]] = {
    "Numbers": (iwork, "Numbers"),
    "an error as JSON": (lambda: b'{"code":401,"msg":"expired"}', "不是表格"),
    "rows as JSON": (lambda: b'[\n {"person_id": "T1", "name": "x"}\n]', "不是表格"),
    "encrypted by a guard": (lambda: b"b\x14#e\x00\x00\x00\x01E-SafeNet\0LOCK" + bytes(range(256)) * 40, "加密"),
    "noise": (lambda: bytes((at * at * 31 + at // 7) % 256 for at in range(20_000)), "不是"),
    "nothing but noughts": (lambda: b"\0" * 8192, "不是"),
    "a download that broke off": (lambda: pack(PLAIN)[:-60], "损坏"),
    "a page with a comment before": (lambda: b"<!-- a -->\r\n<html><table><tr><td>1</td></tr></table></html>", "网页"),
    "rows of a page": (lambda: b"<tr><td>name</td></tr>", "网页"),
    "a page of Excel's in GBK": (
        lambda: "<html xmlns:x='urn:x'><head><meta charset=gbk></head><table>人员编号".encode("gbk"), "网页"),
    "a shortcut": (lambda: b"[InternetShortcut]\r\nURL=http://example.test/a.xlsx\r\n", "快捷方式"),
    "a Windows link": (lambda: b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + b"\0" * 60, "快捷方式"),
    "a temporary file": (lambda: b"\x05admin" + b" " * 49 + b"\x05\0a\0d\0m\0i\0n" + b" \0" * 49, "临时文件"),
    "no sheets": (lambda: pack(PLAIN | {"xl/_rels/workbook.xml.rels": f'<R xmlns="{LINKS}"/>'}), "损坏"),
    "shared texts that are not there": (lambda: pack(
        {name: text for name, text in WITH_STRINGS.items() if "Strings" not in name}), "损坏"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_workbook_is_named(what: str, tmp_path: Path) -> None:
    writer, word = REFUSED[what]
    done = of(writer(), tmp_path, "~$a.xlsx" if "temporary" in what else "a.xlsx")
    assert word in done.refused and "请" in done.refused and len(done.refused) < 120, done


def test_two_hundred_thousand_formatted_rows_without_anything_in_them(tmp_path: Path) -> None:
    empty = "".join(f'<row r="{at}" s="1" customFormat="1"><c r="A{at}" s="1"/><c r="B{at}" s="1"/></row>'
                    for at in range(3, 200_000))  # fmt: skip
    done = of(pack(parts(sheet(rows(row(*ROW)) + empty), styles=styles("yyyy-mm-dd"))), tmp_path)
    assert (done.rows, done.note_codes) == (GOOD, ["rows_end"])


@pytest.mark.parametrize(("code", "value", "text"), [
    ("yyyy-mm-dd", "0.5", "0.5"), ("General", "43344", "43344"), ("0000-00-00", "20180901", "20180901"),
    ("[h]:mm", "43344", "43344"), ("yyyy-mm-dd", "43344.5", "2018-09-01T12:00:00"),
    ("yyyy-mm-dd", "-1", "-1"), ("yyyy-mm-dd", "20180901", "20180901"),
])  # fmt: skip
def test_a_number_that_is_no_day_stays(code: str, value: str, text: str, tmp_path: Path) -> None:
    assert of(pack(dated(code, value)), tmp_path).rows[0][4] == text


@pytest.mark.parametrize(("xml", "fault"), [
    ("<c><f>VLOOKUP(A2,Sheet2!A:B,2,0)</f></c>", "formula"), ('<c t="e"><f>B9</f><v>#REF!</v></c>', "formula"),
    ('<c t="e" vm="1"><v>#VALUE!</v></c>', "formula"),
    ('<c t="str"><f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v></c>', "formula"),
    ("<c><f>B9</f><v></v></c>", "formula"),
])  # fmt: skip
def test_what_a_formula_does_not_give_is_refused(xml: str, fault: str, tmp_path: Path) -> None:
    done = of(pack(parts(sheet(rows(row(ROW[0], xml, *ROW[2:]))))), tmp_path)
    assert done.parts[0][2][0][2][:2] == ["name", fault]


@pytest.mark.parametrize(("code", "value", "text", "fault"), [
    ("0", "712", "712", ""), ("00000", "712", "00712", ""), ("@", "712", "712", ""), ("General", "712.0", "712", ""),
    ("0", "5.30102199001011E17", "530102199001011000", "number_id"), ("General", "712.5", "712.5", "number_id"),
    ("yyyy-mm-dd", "43344", "2018-09-01", "number_id"), ("General", "123456789012345", "123456789012345", ""),
    ("0.00", "712", "712", ""), ("#,##0", "1712", "1712", ""), ("000000;-000000;000000", "712", "000712", ""),
])  # fmt: skip
def test_a_number_as_an_id(code: str, value: str, text: str, fault: str, tmp_path: Path) -> None:
    book = parts(sheet(rows(row(f'<c s="1"><v>{value}</v></c>', *ROW[1:]))), styles=styles(code))
    [[_, cells, given]] = of(pack(book), tmp_path).parts[0][2]
    assert (cells[0], given[1] if given else "") == (text, fault)


def test_a_workbook_of_openpyxl_with_everything_that_offices_add(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["2026年教职工花名册"])
    page.append(NAMES)
    page.append(ROW)
    page.merge_cells("A1:F1")
    page.column_dimensions["C"].hidden = True
    page.row_dimensions[3].hidden = True
    page.freeze_panes = "A3"
    page.auto_filter.ref = "A2:F3"
    page["A3"].hyperlink = "http://example.test"
    page["B2"].comment = openpyxl.comments.Comment("必填", "办公室")
    page.protection.sheet = True
    book.create_sheet("说明").append(["填写说明"])
    out = io.BytesIO()
    book.save(out)
    done = of(out.getvalue(), tmp_path)
    assert done.rows == GOOD and sorted(done.note_codes) == ["hidden_rows", "sheet_left_out"]


def test_relations_with_a_prefix_of_their_own(tmp_path: Path) -> None:
    book = PLAIN["xl/workbook.xml"].replace("xmlns:r=", "xmlns:d3p1=").replace("r:id", "d3p1:id")
    assert of(pack(PLAIN | {"xl/workbook.xml": book}), tmp_path).rows == GOOD
    assert OFFICE in book


@pytest.mark.parametrize("what", READ)
def test_it_comes_back_with_what_became_of_its_row(what: str, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(READ[what]())
    given_back(tmp_path / "a.xlsx", [["名册", 2, "已接收", "noted"]], tmp_path / "b.xlsx")
    done = read(tmp_path / "b.xlsx", tmp_path)
    assert (done.rows, done.note_codes) == (GOOD, ["sheet_left_out"] if "veryHidden" in what else [])
    texts = [cell.text for opened in open_tables(tmp_path / "b.xlsx") if not opened.hidden for line in opened.rows()
             for cell in line.cells]  # fmt: skip
    assert texts[6] == "结果" and texts[-1] == "已接收"


def test_what_became_of_a_row_stands_beside_the_table_however_far_its_looks_reach(tmp_path: Path) -> None:
    looks = '<c r="XFD%d" s="0"/>'
    (tmp_path / "a.xlsx").write_bytes(pack(parts(sheet(row(*NAMES, looks % 1) + row(*ROW, looks % 2)))))
    given_back(tmp_path / "a.xlsx", [["名册", 2, "已接收", ""]], tmp_path / "b.xlsx")
    for page in open_tables(tmp_path / "b.xlsx"):
        assert [[cell.text for cell in line.cells][6:] for line in page.rows()] == [["结果"], ["已接收"]]
