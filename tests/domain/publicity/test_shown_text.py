"""What a reader sees of a finished article or anthology is taken from the file itself, piece by piece."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

from services.publicity.rendering import html
from services.publicity.rendering.book import Book, Piece
from services.publicity.rendering.manuscript import Block
from services.publicity.rendering.readable_text import MOST_PICTURE_BYTES, shown_anthology, shown_article
from services.publicity.rendering.render_article import render_package

BLOCKS = (Block("heading", "一、<学>"), Block("text", "立德树人 & 笃行。"), Block("picture", picture="iVBORw0KGgo="))
SHOWN = [["heading", "一、<学>", ""], ["text", "立德树人 & 笃行。", ""],
         ["picture", "", "data:image/png;base64,iVBORw0KGgo="]]  # fmt: skip


def archived(*pieces: Piece) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("html", html.write_html(Book("汇编", "活动", "一小", "秋季", pieces, 0)))
    return out.getvalue()


def test_an_anthology_is_shown_work_by_work_without_cover_and_contents() -> None:
    shown = shown_anthology(archived(Piece("体会", "王小明", BLOCKS), Piece("又一篇", "", (Block("text", "甲"),))))
    assert shown.pieces == [{"title": "体会", "author": "王小明", "blocks": SHOWN},
                            {"title": "又一篇", "author": "", "blocks": [["text", "甲", ""]]}]  # fmt: skip


def test_an_article_is_shown_with_author_and_without_the_look_of_the_platform() -> None:
    texts = [["heading", "一", ""], ["text", "甲<乙>", ""]]
    package = render_package([{"title": "体会", "author": "王小明", "blocks": texts},
                              {"title": "二", "author": "", "blocks": [["text", "丙", ""]]}])  # fmt: skip
    shown = shown_article(json.dumps(package).encode())
    assert shown.pieces == [{"title": "体会", "author": "王小明", "blocks": texts},
                            {"title": "二", "author": "", "blocks": [["text", "丙", ""]]}]  # fmt: skip


def test_pictures_beyond_what_a_page_holds_are_counted() -> None:
    large = Block("picture", picture="A" * (MOST_PICTURE_BYTES // 2 + 1))
    shown = shown_anthology(archived(Piece("体会", "", (large, large))))
    assert shown.left_out == 1 and [bool(block[2]) for block in shown.pieces[0]["blocks"]] == [True, False]
