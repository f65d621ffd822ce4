"""`python -m services.publicity.rendering.render_proof`: reads a book of one work as JSON from stdin, writes its proof
(base64).

A proof is always produced: missing glyphs are printed as “〓”; they were reported when the work was submitted."""

import base64
import json
import sys
from dataclasses import replace
from typing import Any

from services.publicity.rendering import fonts, html, pdf
from services.publicity.rendering.book import Book, Piece, book_of
from services.publicity.rendering.manuscript import characters
from services.publicity.rendering.word.symbols import UNKNOWN


def render_proof(book: Book, form: str, folder: str = "") -> bytes:
    """The proof in HTML, or as PDF with “〓” for missing glyphs.  Raises FontsMissing, TypesettingFailed."""
    if form == "html":
        return html.write_html(book)
    faces = fonts.faces(folder)
    pieces = tuple(_replace_missing_glyphs(piece, faces) for piece in book.pieces)
    return pdf.write_pdf(replace(book, pieces=pieces), faces)[0]


def _replace_missing_glyphs(piece: Piece, faces: fonts.Faces) -> Piece:
    every = characters([piece.title, piece.author, *piece.blocks])
    missing = {name for families in (faces.body, faces.heading, faces.author)
               for name in fonts.missing_glyphs(faces, families, every)}  # fmt: skip
    table = dict.fromkeys(map(ord, missing), UNKNOWN)
    blocks = tuple(replace(block, text=block.text.translate(table)) for block in piece.blocks)
    return Piece(piece.title.translate(table), piece.author.translate(table), blocks)


def main() -> int:
    answer: dict[str, Any]
    try:
        given = json.load(sys.stdin)
        content = render_proof(book_of(given), given["form"], given["fonts"])
        answer = {"file": base64.b64encode(content).decode()}
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
