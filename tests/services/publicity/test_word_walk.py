"""What Word can put into a document, each by itself: it stands in the manuscript as a reader sees it, or is named."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from services.publicity.rendering.manuscript_losses import LeftOut
from services.publicity.rendering.read_manuscript import UnreadableFile, read_file
from services.publicity.rendering.word.counting import counted
from services.publicity.rendering.word.formulas import eq_field
from tests.services.publicity.test_works_handed_in import PICTURE, read
from tests.support.word_files import WORD_TYPE, paragraph, run, word_file

DELETED = '<w:rPr><w:del w:id="1" w:author="李明"/></w:rPr>'


def texts(body: str, **parts: tuple[str, str | bytes]) -> list[str]:
    return read(word_file(body, {name.replace("_", "."): part for name, part in parts.items()}))[0]


def sentences(body: str, **parts: tuple[str, str | bytes]) -> list[str]:
    return read(word_file(body, {name.replace("_", "."): part for name, part in parts.items()}))[1]


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


def drawing(inside: str, kind: str = "inline") -> str:
    shown = f"<a:graphic><a:graphicData>{inside}</a:graphicData></a:graphic>"
    return f"<w:r><w:drawing><wp:{kind}>{shown}</wp:{kind}></w:drawing></w:r>"


BLIP = '<pic:pic><pic:blipFill><a:blip r:embed="{r0}"/></pic:blipFill></pic:pic>'


def test_a_paragraph_whose_mark_is_deleted_joins_the_next() -> None:
    body = paragraph(run("前半句，"), DELETED) + paragraph(run("后半句。")) + paragraph(run("另一段。"))
    assert texts(body) == ["前半句，后半句。", "另一段。"]
    gone = f"<w:p><w:pPr>{DELETED}</w:pPr><w:del><w:r><w:delText>删去</w:delText></w:r></w:del></w:p>"
    assert texts(paragraph(run("甲")) + gone + paragraph(run("乙"))) == ["甲", "乙"]
    assert texts(paragraph(run("尾"), DELETED)) == ["尾"]


def test_rows_and_cells_that_a_revision_deleted_are_gone() -> None:
    cell = "<w:tc>{0}<w:p><w:r><w:t>{1}</w:t></w:r></w:p></w:tc>"
    rows = (
        f"<w:tr><w:trPr><w:del/></w:trPr>{cell.format('', '删')}</w:tr>"
        f"<w:tr><w:trPr><w:ins/></w:trPr>{cell.format('', '留')}"
        f"{cell.format('<w:tcPr><w:cellDel/></w:tcPr>', '删')}</w:tr>"
    )
    assert texts(f"<w:tbl>{rows}</w:tbl>") == ["留"]


def test_merged_cells_are_read_once_and_rows_in_controls_are_read() -> None:
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(run(text))}</w:tc>"

    first = "<w:tr>" + cell("学校", '<w:vMerge w:val="restart"/>') + cell("一月") + "</w:tr>"
    second = "<w:tr>" + cell("盖住", "<w:vMerge/>") + cell("二月", '<w:gridSpan w:val="9"/>') + "</w:tr>"
    second = f"<w:sdt><w:sdtContent>{second}</w:sdtContent></w:sdt>"
    assert texts(f"<w:tbl>{first}{second}</w:tbl>") == ["学校　一月", "二月"]


def test_an_essay_in_a_cell_of_a_template_keeps_its_paragraphs() -> None:
    essay = "".join(paragraph(run(f"第{n}段。")) for n in "一二三")
    table = f"<w:tbl><w:tr><w:tc>{paragraph(run('正文'))}</w:tc><w:tc>{essay}</w:tc></w:tr></w:tbl>"
    assert texts(table) == ["正文", "第一段。", "第二段。", "第三段。"]


def field(code: str, result: str = "") -> str:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    shown = mark("separate") + result if result else ""
    return f"{mark('begin')}<w:r><w:instrText>{code}</w:instrText></w:r>{shown}{mark('end')}"


def test_of_fields_the_result_stands() -> None:
    nested = field(' IF 1 = 1 "x" ', run("甲") + field(" PAGE ", run("乙")) + run("丙"))
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    inside = begin + field(" DATE ", run("暗")) + end
    assert texts(paragraph(run("前") + nested + inside + run("后"))) == ["前甲乙丙后"]
    assert texts(paragraph(run("第") + field(r" EQ \o\ac(○,3) ") + run("条"))) == ["第③条"]
    assert eq_field(r"EQ \f(1,2)") == "1/2" and eq_field(r"EQ \o\ac(○,甲)") == "（甲）"
    assert texts(paragraph(field(r' SYMBOL 254 \f "Wingdings" '))) == ["☑"]
    data = "<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>"
    box = f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
    assert texts(paragraph(box + end + run("同意"))) == ["☑同意"]


def test_notes_of_both_kinds_follow_the_text_in_the_order_of_their_marks() -> None:
    def notes(kind: str, *entries: str) -> str:
        inside = "".join(f'<w:{kind} w:id="{at}">{paragraph(run(text))}</w:{kind}>' for at, text in enumerate(entries))
        return f"<w:{kind}s {{ns}}>{inside}</w:{kind}s>"

    def mark(kind: str, at: int) -> str:
        return f'<w:r><w:{kind}Reference w:id="{at}"/></w:r>'

    body = paragraph(run("甲") + mark("endnote", 1) + run("乙") + mark("footnote", 1) + run("。"))
    result = texts(body, footnotes_xml=("footnotes", notes("footnote", "", "脚注")),
                   endnotes_xml=("endnotes", notes("endnote", "", "尾注")))  # fmt: skip
    assert result == ["甲〔1〕乙〔2〕。", "〔1〕尾注", "〔2〕脚注"]


def numbered(text: str, level: int = 0, number: int = 1) -> str:
    return paragraph(run(text), f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_automatic_numbers_count_as_word_does() -> None:
    def level(at: int, form: str, text: str, more: str = "") -> str:
        form = f'<w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}'
        return f'<w:lvl w:ilvl="{at}">{form}<w:lvlText w:val="{text}"/></w:lvl>'

    lists = (
        f'<w:abstractNum w:abstractNumId="7">{level(0, "chineseCountingThousand", "%1、")}'
        f"{level(1, 'chineseCounting', '（%2）')}"
        f"{level(2, 'decimal', '%1.%2.%3', '<w:isLgl/>')}</w:abstractNum>"
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="7"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    body = (
        numbered("甲") + numbered("子", 1) + numbered("丑", 1) + numbered("细", 2) + numbered("乙")
        + numbered("寅", 1) + numbered("另起", number=2)
        + paragraph(run("无"), '<w:numPr><w:numId w:val="0"/></w:numPr>')
    )  # fmt: skip
    result = texts(body, numbering_xml=("numbering", f"<w:numbering {{ns}}>{lists}</w:numbering>"))
    assert result == ["一、甲", "（一）子", "（二）丑", "1.2.1 细", "二、乙", "（一）寅", "五、另起", "无"]


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [(10, "chineseCounting", "十"), (21, "chineseCounting", "二十一"), (105, "chineseCounting", "一百零五"),
     (12, "chineseLegalSimplified", "壹拾贰"), (3, "ideographTraditional", "丙"), (2, "ideographZodiac", "丑"),
     (11, "decimalEnclosedCircleChinese", "⑪"), (28, "lowerLetter", "bb"), (14, "upperRoman", "XIV"),
     (3, "decimalEnclosedParen", "⑶"), (7, "decimalZero", "07"), (7, "unheardOf", "7")],
)  # fmt: skip
def test_numbers_are_written_as_their_format_says(number: int, form: str, text: str) -> None:
    assert counted(number, form) == text


def test_text_boxes_and_word_art_stand_behind_their_paragraph() -> None:
    box = f"<v:shape><v:textbox><w:txbxContent>{paragraph(run('题记'))}</w:txbxContent></v:textbox></v:shape>"
    art = '<v:shape><v:textpath string="艺术字"/></v:shape>'
    body = paragraph(run("正文") + f"<w:r><w:pict><v:group>{box}{art}</v:group></w:pict></w:r>") + paragraph(run("后"))
    assert texts(body) == ["正文", "题记", "艺术字", "后"]


def test_a_picture_stands_where_it_is_and_a_floating_one_behind_its_paragraph() -> None:
    media = ("image", png())
    assert texts(paragraph(run("前") + drawing(BLIP) + run("后")), p_png=media) == ["前", PICTURE, "后"]
    assert texts(paragraph(run("前") + drawing(BLIP, "anchor") + run("后")), p_png=media) == ["前后", PICTURE]
    boxed = f"<wps:wsp><wps:txbx><w:txbxContent>{paragraph(drawing(BLIP))}</w:txbxContent></wps:txbx></wps:wsp>"
    assert texts(paragraph(drawing(boxed)), p_png=media) == [PICTURE]


def test_a_fallback_stands_for_what_cannot_be_shown() -> None:
    chart = f'<mc:Choice Requires="cx1">{drawing("<c:chart/>")}</mc:Choice>'
    body = paragraph(
        f"<w:r><mc:AlternateContent>{chart}<mc:Fallback>{drawing(BLIP)}</mc:Fallback></mc:AlternateContent></w:r>"
    )
    content = word_file(body, {"p.png": ("image", png())})
    assert read(content) == ([PICTURE], [])


@pytest.mark.parametrize(
    ("inside", "word"),
    [
        (drawing("<c:chart/>"), "图表"),
        ('<w:r><w:object><o:OLEObject ProgID="Excel.Sheet.12"/></w:object></w:r>', "Excel"),
        ('<w:r><w:object><o:OLEObject ProgID="Equation.3"/></w:object></w:r>', "公式"),
        (run("藏", "<w:vanish/>"), "隐藏文字"),
        (drawing("<wps:wsp><wps:spPr/></wps:wsp>"), "图形"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F020"/><w:sym w:font="某字体" w:char="F0AA"/></w:r>', "特殊符号"),
        (drawing('<pic:pic><pic:blipFill><a:blip r:embed="{r0}"/></pic:blipFill></pic:pic>'), "损坏"),
    ],
)
def test_what_is_lost_is_named(inside: str, word: str) -> None:
    result = sentences(paragraph(run("正文。") + inside), broken_png=("image", b"\x89PNG\r\n\x1a\nno"))
    assert len(result) == 1 and word in result[0]


def test_an_inserted_file_is_named() -> None:
    assert "插入的文件" in sentences(paragraph(run("甲")) + '<w:altChunk r:id="{r0}"/>', a_html=("aFChunk", "<p/>"))[0]


def test_parts_are_found_by_their_relationships() -> None:
    assert read(word_file(paragraph(run("正文")), main="word/document2.xml"))[0] == ["正文"]
    assert read(word_file(paragraph(run("正文")), main="Inhalt/doc.xml"))[0] == ["正文"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (word_file("", main_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
         "other_document"),
        (word_file("", main_type=WORD_TYPE.replace("wordprocessingml.document", "presentationml.presentation")),
         "other_document"),
        (word_file("", main_type="application/vnd.ms-word.document.macroEnabled.main+xml"), "macros"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "other_document"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "other_document"),
        (word_file(paragraph(drawing(BLIP)), {"p.emf": ("image", b"\1\0\0\0" + b"\0" * 36 + b" EMF")}),
         "nothing_taken"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_called_by_its_kind(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile, match=code):
        read_file(content, LeftOut())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "gb18030", "big5", "utf-8"])
def test_text_is_read_in_the_encoding_that_it_has(encoding: str) -> None:
    text = "學習心得：我們要立德樹人，為國育才。" if encoding == "big5" else "学习心得：我们要立德树人，为国育才。"
    assert read(text.encode(encoding))[0] == [text]
