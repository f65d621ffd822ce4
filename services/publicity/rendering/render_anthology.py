"""`python -m services.publicity.rendering.render_anthology`: reads a book as JSON from stdin; writes its three files
(base64) or a code.

A missing glyph or a warning of typst fails the book, so that no page with gaps is delivered."""

import base64
import json
import sys
from typing import Any

from services.publicity.rendering import docx, fonts, html, pdf
from services.publicity.rendering.book import Book, Piece, book_of
from services.publicity.rendering.manuscript import Block, characters


def render_book(book: Book, folder: str = "") -> dict[str, bytes]:
    """The files by extension.  Raises FontsMissing, GlyphsMissing, TypesettingFailed."""
    faces = fonts.faces(folder)
    _check_glyphs(book, faces)
    printed, starts = pdf.write_pdf(book, faces)
    return {"docx": docx.write_docx(book, starts), "html": html.write_html(book), "pdf": printed}


def _check_glyphs(book: Book, faces: fonts.Faces) -> None:
    """Raises GlyphsMissing with each work and its characters."""
    wanting = []
    for piece in (*book.pieces, Piece(book.title, book.unit, (Block("heading", book.campaign + book.semester),))):
        texts = [block.text for block in piece.blocks if block.style == "text"]
        headings = [block.text for block in piece.blocks if block.style == "heading"]
        missing = {
            *fonts.missing_glyphs(faces, faces.body, characters([*texts, piece.title])),
            *fonts.missing_glyphs(faces, faces.heading, characters([*headings, piece.title])),
            *fonts.missing_glyphs(faces, faces.author, characters(piece.author)),
        }
        if missing:
            wanting.append(f"《{piece.title}》：{fonts.with_code_points(sorted(missing))}")
    if wanting:
        raise fonts.GlyphsMissing("；".join(wanting)[:1000])


def main() -> int:
    answer: dict[str, Any]
    try:
        given = json.load(sys.stdin)
        files = render_book(book_of(given), given["fonts"])
        answer = {"files": {name: base64.b64encode(content).decode() for name, content in files.items()}}
    except fonts.GlyphsMissing as error:
        answer = {"code": "missing_glyphs", "detail": str(error)}
    except fonts.FontsMissing as error:
        answer = {"code": "fonts_missing", "detail": str(error)}
    except pdf.TypesettingFailed as error:
        answer = {"code": "typesetting_failed", "detail": str(error)}
    except Exception as error:  # noqa: BLE001 - a trace could quote a text
        answer = {"code": "typesetting_failed", "detail": type(error).__name__}
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
