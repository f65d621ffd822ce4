"""Workbooks written part by part, as programs other than Excel write them."""

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from services.reading.merging import column_number

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMES = ("person_id", "name", "role", "unit_id", "from", "to")
ROW = ("T1", "林知夏", "teacher", "X101", "2018-09-01", "")
assert column_number("F") == len(NAMES)


def pack(parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def text_cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def row(*texts: str, attributes: str = "") -> str:
    """Texts become inline strings; what begins with <c stands as it is."""
    return f"<row {attributes}>{''.join(text if text.startswith('<c') else text_cell(text) for text in texts)}</row>"


def rows(*more: str) -> str:
    return row(*NAMES) + "".join(more)


def sheet(body: str, before: str = "", behind: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{body}</sheetData>{behind}</worksheet>'


def parts(sheet_xml: str, **others: str) -> dict[str, str]:
    """Of a book of one sheet; `others`: styles, sharedStrings, workbookPr, state."""
    kinds = ["styles"] * ("styles" in others) + ["sharedStrings"] * ("strings" in others)
    links = "".join(f'<Relationship Id="{kind}" Type="{OFFICE}/{kind}" Target="{kind}.xml"/>' for kind in kinds)
    result = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{LINKS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{others.get("properties", "")}<sheets>'
        '<sheet name="名册" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{LINKS}"><Relationship Id="r1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>{links}</Relationships>',
        "xl/worksheets/sheet1.xml": sheet_xml,
    }
    result |= {"xl/styles.xml": others["styles"]} if "styles" in others else {}
    return result | ({"xl/sharedStrings.xml": others["strings"]} if "strings" in others else {})


def _is_built_in(code: str) -> bool:
    return code.isdigit() and (code == "0" or not code.startswith("0"))


def styles(*codes: str, behind: str = "") -> str:
    """Style 1 bears the first code, 2 the second, ...; a number is a built-in format's."""
    own = "".join(f'<numFmt numFmtId="{164 + at}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
                  for at, code in enumerate(codes) if not _is_built_in(code))  # fmt: skip
    used = "".join(f'<xf numFmtId="{code if _is_built_in(code) else 164 + at}"/>' for at, code in enumerate(codes))
    return (f'<styleSheet xmlns="{MAIN}"><numFmts>{own}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
            f'<cellXfs><xf numFmtId="0"/>{used}</cellXfs>{behind}</styleSheet>')  # fmt: skip
