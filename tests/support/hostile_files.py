"""Files that cost who opens them far more than they weigh; made here, none is kept."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping

import docx
from PIL import Image

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (at, b"&a%d;" % (at - 1) * 10) for at in range(1, 10))
    + b"]>"
)
QUICK = 1
"""How hard files are compressed: half a gigabyte in 2 s, and they are still far within what may be uploaded."""
WORD = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"
HEADER = b'<row r="1"><c r="A1" t="inlineStr"><is><t>record_id</t></is></c></row>'


def documents() -> Iterator[tuple[str, bytes]]:
    """Works: (what is wrong with it, file)."""
    yield "millions of empty paragraphs", _docx(WORD + b"<w:p/>" * 4_000_000 + b"</w:body></w:document>")
    texts = _noise(b"<w:p><w:r><w:t>%d</w:t></w:r></w:p>", 60_000)
    yield "paragraphs by the ten thousand", _docx(WORD + texts + _CLOSE)
    yield "tags by the million", _docx(WORD + _noise(b"<w:p/><w:p/><w:p/><w:p/><!--%d-->", 250_000) + _CLOSE)
    yield "entities of entities", _docx(LAUGHS + b"<a>&a9;</a>")
    yield "entities behind a long comment", _docx(b"<!--" + b"x" * 200_000 + b"-->" + LAUGHS[21:] + b"<a>&a9;</a>")
    yield "entities in UTF-16", _docx((LAUGHS[21:] + b"<a>&a9;</a>").decode().encode("utf-16"))
    yield "a hundred thousand levels", _docx(WORD + b"<w:tbl>" * 100_000)
    yield "a part of 60 MB of noughts", _docx(WORD + _CLOSE, {"word/media/a.bin": b"\0" * (60 << 20)})
    yield "packages within packages", _nested()
    yield "parts by the thousand", _docx(WORD + _CLOSE, {f"word/p{at}.xml": b"<a/>" for at in range(5000)})
    yield "a PNG of 64 million pixels", picture_of_nothing(8000, 8000)
    yield "a JPEG of 400 million pixels", _flat_jpeg(64, 64, (20_000, 20_000))
    yield "a progressive JPEG of 60 million pixels", _flat_jpeg(7800, 7800, progressive=True)
    yield "a document with a PNG bomb", _with_picture(picture_of_nothing(8000, 8000))


def odd_works() -> Iterator[tuple[str, bytes]]:
    """Good, and cheap for a reader that takes care."""
    yield "spans of a million columns", _docx(_table(1_000_000, 40))
    yield "spans of 63 columns in thousands of rows", _docx(_table(63, 2000))
    yield "a camera's JPEG of 60 million pixels", _flat_jpeg(7740, 7740)
    yield "a PNG of 16 million pixels with transparency", _clear_png(4000, 4000)


def workbooks() -> Iterator[tuple[str, bytes]]:
    """Uploads of imports: (what is wrong with it, file)."""
    cell = b'<row r="%d"><c r="%s%d"><v>1</v></c></row>'
    yield "a row past the last", _xlsx(SHEET + HEADER + cell % (2_000_000_000, b"A", 2_000_000_000) + END)
    yield "a column past all", _xlsx(SHEET + HEADER + cell % (2, b"XFD", 2) + END)
    yield "a row of millions of cells", _xlsx(SHEET + HEADER + b"<row>" + _noise(b"<c><v>%d</v></c>", 600_000) + END)
    strings = b"<sst>" + _noise(b"<si><t>%x" + b"-" * 380 + b"</t></si>", 500_000) + b"</sst>"
    yield "shared texts by the million", _xlsx(SHEET + HEADER + END, strings)
    texts = b"<sst><si><t>record_id</t></si><si><t>" + b"%s" + b"</t></si></sst>"
    shared = (
        SHEET
        + b'<row><c t="s"><v>0</v></c></row>'
        + _noise(b'<row><c t="s"><v>1</v></c><c><v>%d</v></c></row>', 100_000)
    )
    shared += END
    yield "one long text in every cell", _xlsx(shared, texts % (b"0123456789" * 3000))
    yield "a text of 5 MB", _xlsx(shared, texts % _noise(b"%d", 500_000))
    yield "entities in the texts", _xlsx(SHEET + HEADER + END, LAUGHS + b"<sst><si><t>&a9;</t></si></sst>")
    yield "entities in the sheet", _xlsx(LAUGHS + SHEET + HEADER + END)
    yield "a hundred thousand levels", _xlsx(SHEET + b"<row>" * 1_000_000)
    yield "a sheet of 100 MB of blanks", _xlsx(SHEET + b" " * (100 << 20) + END)


def picture_of_nothing(width: int, height: int) -> bytes:
    """A PNG of one colour; what every row becomes is compressed once."""
    packer, row = zlib.compressobj(9, wbits=-zlib.MAX_WBITS), b"\0" * (1 + width * 3)
    packed, check = packer.compress(row) + packer.flush(zlib.Z_FULL_FLUSH), 1
    for _ in range(height):
        check = zlib.adler32(row, check)
    body = b"\x78\xda" + packed * height + packer.flush() + struct.pack(">I", check)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


_CLOSE = b"</w:body></w:document>"


def _table(span: int, rows: int) -> bytes:
    cell = b'<w:tc><w:tcPr><w:gridSpan w:val="%d"/></w:tcPr><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:tc>'
    texts = [b"%d " % (at * at) * 60 for at in range(10 * rows)]
    cells = [cell % (span, text) for text in texts]
    table_rows = (b"<w:tr>" + b"".join(cells[at : at + 10]) + b"</w:tr>" for at in range(0, len(cells), 10))
    return WORD + b"<w:tbl>" + b"".join(table_rows) + b"</w:tbl>" + _CLOSE


def _docx(body: bytes, more: Mapping[str, bytes] | None = None) -> bytes:
    out, template = io.BytesIO(), io.BytesIO()
    docx.Document().save(template)
    with zipfile.ZipFile(template) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICK) as new:
        for name in old.namelist():
            new.writestr(name, body if name == "word/document.xml" else old.read(name))
        for name, part in (more or {}).items():
            new.writestr(name, part)
    return out.getvalue()


def _nested() -> bytes:
    inner = b"\0" * (10 << 20)
    for level in range(4):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICK) as package:
            for at in range(16):
                package.writestr(f"{level}-{at}.zip", inner)
        inner = out.getvalue()
    return inner


def _with_picture(content: bytes) -> bytes:
    document, out, small = docx.Document(), io.BytesIO(), io.BytesIO()
    Image.new("RGB", (10, 10)).save(small, "PNG")
    document.add_picture(small)
    document.save(out)
    packed = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name.startswith("word/media/") else old.read(name))
    return packed.getvalue()


def _flat_jpeg(width: int, height: int, claims: tuple[int, int] | None = None, progressive: bool = False) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "JPEG", progressive=progressive)
    content = out.getvalue()
    if claims:
        at = content.index(b"\xff\xc0") + 5
        content = content[:at] + struct.pack(">HH", claims[1], claims[0]) + content[at + 4 :]
    return content


def _clear_png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), (9, 9, 9, 9)).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _xlsx(sheet: bytes, strings: bytes = b"<sst/>") -> bytes:
    main = b"application/vnd.openxmlformats-officedocument.spreadsheetml."
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = b"http://schemas.openxmlformats.org/package/2006/"
    spread = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kinds = (("xl/workbook.xml", b"sheet.main+xml"), ("xl/worksheets/sheet1.xml", b"worksheet+xml"),
             ("xl/sharedStrings.xml", b"sharedStrings+xml"))  # fmt: skip
    types = b"".join(b'<Override PartName="/%s" ContentType="%s%s"/>' % (n.encode(), main, kind) for n, kind in kinds)
    link = b'<Relationship Id="%s" Type="%s/%s" Target="%s"/>'
    links = b'<Relationships xmlns="%srelationships">%s</Relationships>'
    book = b'<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
    of_book = link % (b"r1", office, b"worksheet", b"worksheets/sheet1.xml")
    of_book += link % (b"r2", office, b"sharedStrings", b"sharedStrings.xml")
    parts = {
        "[Content_Types].xml": b'<Types xmlns="%scontent-types">%s</Types>' % (package, types),
        "_rels/.rels": links % (package, link % (b"r1", office, b"officeDocument", b"xl/workbook.xml")),
        "xl/workbook.xml": book % (spread, office),
        "xl/_rels/workbook.xml.rels": links % (package, of_book),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": strings.replace(b"<sst", b'<sst xmlns="%s"' % spread),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICK) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return out.getvalue()


def _noise(form: bytes, count: int) -> bytes:
    """So many different ones, so that they do not pack to nothing."""
    return b"".join(form % (at * 2654435761 % 4294967291) for at in range(count))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
