"""Writes the anthology as PDF by typst; type area, indents and outer page numbers follow GB/T 9704."""

import base64
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from services.publicity.rendering.book import Book
from services.publicity.rendering.fonts import Faces

TEMPLATE = r"""
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title, author: data.unit, keywords: (), date: auto)
#let number = context {
  let at = counter(page).get().first()
  set text(font: data.fonts.body, size: 14pt)
  align(if calc.odd(at) { right } else { left }, pad(x: 14pt, [— #at —]))
}
#set page(paper: "a4", margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm), footer: none)
#set text(font: data.fonts.body, size: 14pt, lang: "zh", region: "cn", top-edge: 0.8em, bottom-edge: -0.2em)
#set par(justify: true, leading: 11pt, spacing: 11pt, first-line-indent: (amount: 2em, all: true))
#show heading: set block(above: 0pt, below: 0pt)
#show heading.where(level: 1): it => {
  set par(first-line-indent: 0pt, justify: false, leading: 0.5em)
  set align(center)
  set text(font: data.fonts.heading, size: 22pt, weight: "bold")
  block(width: 100%, above: 8pt, below: 14pt, it.body)
}
#show heading.where(level: 2): it => {
  set text(font: data.fonts.heading, size: 14pt, weight: "bold")
  block(above: 0.9em, below: 0.6em, h(2em) + it.body)
}
#page(margin: (x: 28mm, top: 62mm, bottom: 40mm))[
  #set align(center)
  #set par(first-line-indent: 0pt, justify: false, leading: 0.7em)
  #text(font: data.fonts.heading, size: 16pt, fill: rgb("9e1b1e"), data.campaign)
  #v(26mm)
  #text(font: data.fonts.heading, size: 34pt, weight: "bold", data.title)
  #v(9mm)
  #line(length: 46mm, stroke: 1.2pt + rgb("9e1b1e"))
  #v(9mm)
  #text(font: data.fonts.author, size: 18pt, data.semester)
  #v(1fr)
  #text(font: data.fonts.author, size: 18pt, data.unit)
]
#page[
  #set par(first-line-indent: 0pt, justify: false)
  #align(center, text(font: data.fonts.heading, size: 22pt, weight: "bold")[目　录])
  #v(8mm)
  #context for piece in query(heading.where(level: 1)) {
    let at = counter(page).at(piece.location()).first()
    block(below: 0.9em, link(piece.location(), {
      piece.body
      let who = state("authors", ()).final().at(query(heading.where(level: 1).before(piece.location())).len() - 1)
      if who != "" { h(1em); text(font: data.fonts.author, size: 12pt, who) }
      box(width: 1fr, inset: (x: 4pt), repeat(gap: 3pt)[.])
      str(at)
    }))
  }
]
#set page(footer: number)
#counter(page).update(1)
#for piece in data.pieces {
  pagebreak(weak: true)
  state("authors", ()).update(old => (..old, piece.author))
  heading(level: 1, piece.title)
  context [#metadata(counter(page).get().first()) <starts>]
  block(width: 100%, below: 18pt, align(center, text(font: data.fonts.author, size: 14pt, piece.author)))
  for one in piece.blocks {
    if one.style == "picture" {
      let shown = image(one.file, width: 82%, height: 95mm, fit: "contain")
      block(width: 100%, above: 10pt, below: 10pt, align(center, shown))
    } else if one.style == "heading" {
      heading(level: 2, outlined: false, one.text)
    } else {
      par(one.text)
    }
  }
}
"""


class TypesettingFailed(RuntimeError):
    """typst failed or printed a warning: the document is not delivered."""


def write_pdf(book: Book, faces: Faces) -> tuple[bytes, list[int]]:
    """The PDF, and the page on which each work begins.  Raises TypesettingFailed."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as room:  # noqa: S108
        data = _data(book, faces, Path(room))
        inputs = {"data": json.dumps(data, ensure_ascii=False)}
        (Path(room) / "main.typ").write_text(TEMPLATE, encoding="utf-8")
        about: dict[str, Any] = {"root": room, "font_paths": faces.loaded, "sys_inputs": inputs}
        try:
            pdf, warnings = typst.compile_with_warnings(
                f"{room}/main.typ", format="pdf", timestamp=datetime.fromtimestamp(book.stamp, UTC), **about
            )
            if warnings:
                raise TypesettingFailed("; ".join(warning.message for warning in warnings)[:300])
            starts = json.loads(typst.query(f"{room}/main.typ", "<starts>", field="value", **about))
        except typst.TypstError as error:
            raise TypesettingFailed(error.message[:300]) from None
    assert isinstance(pdf, bytes)
    return pdf, [int(start) for start in starts]


def _data(book: Book, faces: Faces, room: Path) -> dict[str, Any]:
    pieces = []
    for at, piece in enumerate(book.pieces):
        blocks = []
        for number, block in enumerate(piece.blocks):
            name = ""
            if block.picture:
                content = base64.b64decode(block.picture)
                name = f"{at}-{number}.{_file_ending(content)}"
                (room / name).write_bytes(content)
            blocks.append({"style": block.style, "text": block.text, "file": name})
        pieces.append({"title": piece.title, "author": piece.author, "blocks": blocks})
    fonts = {"body": list(faces.body), "heading": list(faces.heading), "author": list(faces.author)}
    return {"title": book.title, "campaign": book.campaign, "unit": book.unit, "semester": book.semester,
            "pieces": pieces, "fonts": fonts}  # fmt: skip


def _file_ending(content: bytes) -> str:
    return "png" if content.startswith(b"\x89PNG") else "jpg"
