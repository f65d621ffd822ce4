"""What is taken in, and what is printed: bounded, stripped, reproducible, every glyph there."""

from __future__ import annotations

import base64
import io
import zipfile

import docx
import pytest
from PIL import Image

from services.publicity.rendering import fonts, paste_package, render_anthology, render_article
from services.publicity.rendering.book import Book, Piece
from services.publicity.rendering.manuscript import Block, tidy
from services.publicity.rendering.manuscript_losses import LeftOut
from services.publicity.rendering.read_manuscript import UnreadableFile, read_file
from services.reading import pictures

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def picture(kind: str = "JPEG", size: tuple[int, int] = (900, 600), exif: bool = False) -> bytes:
    image, out = Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 40).convert("RGB"), io.BytesIO()
    about = Image.Exif()
    if exif:
        about[0x010F], about[0x0112] = "SECRET-CAMERA", 6
        about.get_ifd(0x8825)[1] = "N"
    image.save(out, kind, exif=about)
    return out.getvalue()


def document(*texts: str, image: bytes | None = None) -> bytes:
    result, out = docx.Document(), io.BytesIO()
    for text in texts:
        result.add_paragraph(text)
    if image:
        result.add_picture(io.BytesIO(image))
    result.core_properties.author = "王小明"
    result.save(out)
    return out.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name.replace("/", "_"), old.read(name)))
        for name, part in parts.items():
            new.writestr(name.replace("_", "/"), part)
    return out.getvalue()


def test_text_comes_in_either_encoding() -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        assert read_file("一、收获\r\n\r\n　　立德树人。\u200b".encode(encoding), LeftOut()) == (
            "text", [Block("heading", "一、收获"), Block("text", "立德树人。")])  # fmt: skip


def test_a_document_gives_its_text_and_pictures_and_nothing_of_its_maker() -> None:
    kind, blocks = read_file(document("收获", "设想", image=picture(exif=True)), LeftOut())
    assert kind == "docx" and [b.text for b in blocks] == ["收获", "设想", ""]
    assert b"SECRET" not in base64.b64decode(blocks[2].picture)


def test_a_picture_is_turned_upright_and_stripped() -> None:
    cleaned = pictures.cleaned(picture(exif=True))
    image = Image.open(io.BytesIO(cleaned))
    assert image.size == (600, 900) and not image.getexif() and b"SECRET" not in cleaned


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "old_or_locked_office_file"),
        (b"%PDF-1.7", "other_document"),
        (b"MZ\x90", "file_type"),
        (b"GIF89a", "broken_picture"),
        (b"\0\0\0\x18ftypheic", "picture_format"),
        (b"\xff\xd8\xffnot a picture", "broken_picture"),
        (b"PK\x03\x04garbage", "broken_document"),
        (b"\x00\x01\x02", "file_type"),
        ("　\n".encode(), "nothing_in_it"),
        (b"a" * (13 << 20), "too_large"),
        (repacked(document("a"), **{"word_vbaProject.bin": b"x"}), "macros"),
    ],
)
def test_what_is_not_accepted(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile, match=code):
        read_file(content, LeftOut())


def test_bombs_are_not_unpacked() -> None:
    bomb = repacked(document("a"), **{"word_media_bomb.bin": b"\0" * (30 << 20)})
    with pytest.raises(UnreadableFile, match="too_large"):
        read_file(bomb, LeftOut())
    lol = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l "lol">]><a>&l;</a>'
    with pytest.raises(UnreadableFile, match="broken_document"):
        read_file(repacked(document("a"), **{"word_document.xml": lol}), LeftOut())
    flat = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(flat, "PNG")
    with pytest.raises(UnreadableFile, match=r"too_many_pixels|broken_picture"):
        read_file(flat.getvalue(), LeftOut())


def test_blanks_and_signs_that_nobody_sees_are_tidied() -> None:
    assert tidy("a\t\u00a0b\u200b c") == "a b c"


def book(*texts: str, author: str = "王小明", image: bool = True) -> Book:
    blocks = [Block("heading", "一、收获"), *(Block("text", text) for text in texts)]
    if image:
        blocks.append(Block("picture", picture=base64.b64encode(picture()).decode()))
    return Book("优秀成果汇编", "“学论述”主题活动", "第一小学", "2022年秋季学期",
                (Piece("做引路人", author, tuple(blocks)), Piece("守初心 担使命", "欧阳静", (Block("text", "好。"),))),
                1672444800)  # fmt: skip


def test_the_same_book_is_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = render_anthology.render_book(book("立德树人。" * 50))
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert render_anthology.render_book(book("立德树人。" * 50)) == first


def test_a_character_without_a_glyph_fails_the_book_and_is_named() -> None:
    with pytest.raises(fonts.GlyphsMissing, match="U\\+1F600"):
        render_anthology.render_book(book("好😀"))
    render_anthology.render_book(book("䶮㛃𬭎𠮷", author="王䶮"))


def test_a_folder_without_chinese_fonts_fails_the_book(tmp_path: object) -> None:
    with pytest.raises(fonts.FontsMissing):
        render_anthology.render_book(book("好"), str(tmp_path))


def test_what_an_author_writes_is_text_to_every_printer() -> None:
    nasty = '#panic("x") $a$ <script>alert(1)</script> {{1}} \\ " & ]] @ref *b* _c_ // 注'
    result = render_anthology.render_book(book(nasty, image=False))
    assert b"<script>" not in result["html"] and b"&lt;script&gt;" in result["html"]
    shown = docx.Document(io.BytesIO(result["docx"]))
    assert nasty in [paragraph.text for paragraph in shown.paragraphs]


def test_the_word_document_has_real_styles_contents_and_page_numbers() -> None:
    content = render_anthology.render_book(book("立德树人。" * 30))["docx"]
    shown = docx.Document(io.BytesIO(content))
    body = shown.styles["Body Text"].element
    assert body.find(f".//{W}rFonts").get(f"{W}eastAsia") == "仿宋"
    assert body.find(f".//{W}ind").get(f"{W}firstLineChars") == "200"
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        text = package.read("word/document.xml").decode()
        feet = "".join(package.read(n).decode() for n in package.namelist() if "footer" in n)
    assert 'TOC \\o "1-1"' in text and text.count("PAGEREF") == 2 and text.count("w:bookmarkStart") == 2
    assert feet.count(" PAGE ") == 2
    assert [p.text for p in shown.paragraphs if p.style.name == "Heading 1"] == ["做引路人", "守初心 担使命"]


def test_an_article_bears_inline_styles_and_pictures_within_limits() -> None:
    blocks = [
        ["text", "<b>粗</b>", ""],
        ["picture", "", base64.b64encode(pictures.cleaned(picture("PNG", (3000, 2000)))).decode()],
    ]
    result = render_article.render_package([{"title": "题", "author": "王", "blocks": blocks}])
    assert "{{1}}" in result["html"] and "class=" not in result["html"] and "&lt;b&gt;" in result["html"]
    assert all(len(base64.b64decode(item)) < 1_000_000 for item in result["pictures"])
    cover = base64.b64decode(result["cover"])
    assert Image.open(io.BytesIO(cover)).size == (900, 383) and len(cover) <= 64 * 1024
    with zipfile.ZipFile(io.BytesIO(paste_package.zip_package("A1", "题", result))) as package:
        assert set(package.namelist()) == {"说明.txt", "封面.jpg", "推文.html", "图片/1.jpg"}
    with pytest.raises(render_article.TooLong):
        render_article.render_package([{"title": "题", "author": "王", "blocks": [["text", "字" * 20_000, ""]]}])
