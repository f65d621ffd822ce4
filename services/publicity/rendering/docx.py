"""Writes the anthology as .docx, which offices edit further: real styles, East Asian fonts by name, a table of contents
with page numbers.

Fonts are referred to, never embedded; the same book gives the same bytes."""

import base64
import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from services.publicity.rendering.book import Book, Piece

SONG, FANG, HEI, KAI = "宋体", "仿宋", "黑体", "楷体"
LATIN = "Times New Roman"


def write_docx(book: Book, starts: list[int]) -> bytes:
    """`starts`: the page on which each work begins, shown in the table of contents until the word processor updates
    it."""
    document: Any = Document()
    _styles(document)
    _cover(document, book)
    _contents(document, book, starts)
    section = document.add_section()
    section.footer.is_linked_to_previous = section.even_page_footer.is_linked_to_previous = False
    document.settings.odd_and_even_pages_header_footer = True
    _number_pages(section)
    for at, piece in enumerate(book.pieces):
        _piece(document, piece, at)
    _name(document, book)
    out = io.BytesIO()
    document.save(out)
    return _repack(out.getvalue())


def _styles(document: Any) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    page.footer_distance = Mm(26)
    styles = document.styles
    _style(styles["Normal"], FANG, 14, pitch=25)
    _style(styles["Body Text"], FANG, 14, pitch=25, indent=True)
    _style(styles["Title"], HEI, 34, centred=True, bold=True)
    _style(styles["Subtitle"], KAI, 18, centred=True)
    _style(styles["Heading 1"], HEI, 22, centred=True, bold=True, before=8, after=10)
    _style(styles["Heading 2"], HEI, 14, bold=True, before=8, after=4, indent=True)
    author = styles.add_style("作者", 1)
    author.base_style = styles["Normal"]
    _style(author, KAI, 14, centred=True, after=14)
    entry = styles.add_style("TOC 1", 1)
    entry.base_style = styles["Normal"]
    _style(entry, FANG, 14, pitch=28)
    heading = styles.add_style("目录标题", 1)
    heading.base_style = styles["Normal"]
    _style(heading, HEI, 22, centred=True, bold=True, after=18)


def _style(
    style: Any, font: str, size: int, *, pitch: int = 0, indent: bool = False, centred: bool = False,
    bold: bool = False, before: int = 0, after: int = 0,
) -> None:  # fmt: skip
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.name = LATIN
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if "Theme" in name:
            del fonts.attrib[name]
    for name, value in (("w:eastAsia", font), ("w:ascii", LATIN), ("w:hAnsi", LATIN), ("w:cs", LATIN)):
        fonts.set(qn(name), value)
    form = style.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.JUSTIFY
    if pitch:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(pitch)
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)
    if indent:
        form.first_line_indent = Pt(2 * size)
        properties.find(qn("w:ind")).set(qn("w:firstLineChars"), "200")


def _cover(document: Any, book: Book) -> None:
    kicker = document.add_paragraph(style="Subtitle")
    kicker.paragraph_format.space_before, kicker.paragraph_format.space_after = Pt(70), Pt(70)
    kicker.add_run(book.campaign).font.color.rgb = RGBColor(0x9E, 0x1B, 0x1E)
    document.add_paragraph(book.title, style="Title").paragraph_format.space_after = Pt(60)
    document.add_paragraph(book.semester, style="Subtitle").paragraph_format.space_after = Pt(220)
    document.add_paragraph(book.unit, style="Subtitle")


def _contents(document: Any, book: Book, starts: list[int]) -> None:
    heading = document.add_paragraph("目　录", style="目录标题")
    heading.paragraph_format.page_break_before = True
    for at, (piece, page) in enumerate(zip(book.pieces, starts, strict=True)):
        entry = document.add_paragraph(style="TOC 1")
        entry.paragraph_format.tab_stops.add_tab_stop(Mm(156), 2, 1)  # tab stop: right aligned, dotted
        if at == 0:
            _field_begins(entry, 'TOC \\o "1-1" \\h \\z \\u', dirty=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), _mark(at))
        entry._p.append(link)
        entry.add_run(piece.title)
        entry.add_run("\t")
        _field(entry, f"PAGEREF {_mark(at)} \\h", str(page))
        for run in list(link.itersiblings()):
            link.append(run)
    closing = document.add_paragraph()
    _field_char(closing, "end")


def _mark(at: int) -> str:
    return f"_Toc{at + 1:06d}"


def _piece(document: Any, piece: Piece, at: int) -> None:
    heading = document.add_paragraph(style="Heading 1")
    heading.paragraph_format.page_break_before = at > 0
    begins, ends = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (begins, ends):
        mark.set(qn("w:id"), str(at + 1))
    begins.set(qn("w:name"), _mark(at))
    heading._p.append(begins)
    heading.add_run(piece.title)
    heading._p.append(ends)
    document.add_paragraph(piece.author, style="作者")
    for block in piece.blocks:
        match block.style:
            case "picture":
                shown = document.add_paragraph()
                shown.alignment = WD_ALIGN_PARAGRAPH.CENTER
                shown.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
                picture = shown.add_run().add_picture(io.BytesIO(base64.b64decode(block.picture)), width=Mm(128))
                if picture.height > Mm(95):
                    picture.width, picture.height = int(picture.width * Mm(95) / picture.height), Mm(95)
            case "heading":
                document.add_paragraph(block.text, style="Heading 2")
            case _:
                document.add_paragraph(block.text, style="Body Text")


def _number_pages(section: Any) -> None:
    """Page numbers — 1 — at the outer edge, starting from 1 at the first work."""
    first = OxmlElement("w:pgNumType")
    first.set(qn("w:start"), "1")
    section._sectPr.append(first)
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        line = footer.paragraphs[0]
        line.alignment = side
        line.add_run("— ")
        _field(line, "PAGE", "1")
        line.add_run(" —")
        for run in line.runs:
            run.font.size = Pt(14)
            run.font.name = LATIN
            run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), SONG)


def _field(paragraph: Any, code: str, shown: str) -> None:
    _field_begins(paragraph, code)
    paragraph.add_run(shown)
    _field_char(paragraph, "end")


def _field_begins(paragraph: Any, code: str, dirty: bool = False) -> None:
    begin = _field_char(paragraph, "begin")
    if dirty:
        begin.set(qn("w:dirty"), "true")
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = f" {code} "
    paragraph.add_run()._r.append(instruction)
    _field_char(paragraph, "separate")


def _field_char(paragraph: Any, kind: str) -> Any:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)
    return mark


def _name(document: Any, book: Book) -> None:
    about, at = document.core_properties, datetime.fromtimestamp(book.stamp, UTC)
    about.title, about.author, about.last_modified_by, about.comments = book.title, book.unit, book.unit, ""
    about.created = about.modified = at.replace(tzinfo=None)
    about.revision, about.language = 1, "zh-CN"
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _repack(content: bytes) -> bytes:
    """The archive with fixed dates and order of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            if name == "docProps/thumbnail.jpeg":
                new.writestr(_entry(name), b"")
                continue
            new.writestr(_entry(name), old.read(name))
    return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
