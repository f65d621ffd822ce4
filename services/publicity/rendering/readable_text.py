"""Extracts what readers see of a finished article or anthology (titles, authors, paragraphs, pictures) from the very
file that will be published, so that nothing else can be read than what goes out."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

MOST_PICTURE_BYTES = 6 << 20
"""The limit of one page: pictures beyond it are counted only, and can be seen in the file itself."""
AUTHOR_LOOK = "color:#888"
"""The style of the paragraph after an article's title (rendering/render_article.py)."""
STYLES = {"h2": "title", "h3": "heading", "p": "text"}


@dataclass
class ReadableText:
    """`pieces`: title, author, blocks (style, text, picture as a data URL) of each work; `left_out`: the number of
    pictures beyond the limit; `film`: of a video: content, name, media_type, size."""

    pieces: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0
    film: dict[str, Any] | None = None


def shown_article(package: bytes) -> ReadableText:
    """From an article's package (JSON of html, pictures, cover)."""
    given = json.loads(package)
    html = given["html"]
    for number, picture in enumerate(given["pictures"], 1):
        html = html.replace(f"{{{{{number}}}}}", data_address(picture))
    shown = _read(html)
    shown.film = given.get("film")
    return shown


def shown_anthology(archive: bytes) -> ReadableText:
    """From an anthology's zip, by its HTML page."""
    with zipfile.ZipFile(BytesIO(archive)) as files:
        html = files.read("html").decode()
    return _read(html.partition("</nav>")[2])


def data_address(picture: str) -> str:
    """The data URL of a picture in base64."""
    kind = "png" if picture.startswith("iVBOR") else "jpeg"
    return f"data:image/{kind};base64,{picture}"


def _read(html: str) -> ReadableText:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    shown = ReadableText(reader.pieces)
    room = MOST_PICTURE_BYTES
    for block in _pictures(shown.pieces):
        room -= len(block[2])
        if room < 0:
            block[2] = ""
            shown.left_out += 1
    return shown


def _pictures(pieces: list[dict[str, Any]]) -> Iterator[list[str]]:
    return (block for piece in pieces for block in piece["blocks"] if block[2])


class _Reader(HTMLParser):
    """Parses the pages written by rendering/html.py and rendering/render_article.py: h2 begins a work, the paragraph
    after it has the author."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[dict[str, Any]] = []
        self._style, self._text, self._is_author = "", "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img" and self.pieces:
            source = next((value for name, value in attrs if name == "src" and value), "")
            self.pieces[-1]["blocks"].append(["picture", "", source])
        elif tag in STYLES:
            self._style, self._text = STYLES[tag], ""
            attributes = dict(attrs)
            names_author = attributes.get("class") == "author" or AUTHOR_LOOK in (attributes.get("style") or "")
            self._is_author = self._is_author and tag == "p" and names_author

    def handle_data(self, data: str) -> None:
        self._text += data if self._style else ""

    def handle_endtag(self, tag: str) -> None:
        if STYLES.get(tag) != self._style or not self._style:
            return
        style, text = self._style, self._text.strip()
        self._style = ""
        if style == "title":
            self.pieces.append({"title": text, "author": "", "blocks": []})
            self._is_author = True
        elif self.pieces and self._is_author and style == "text":
            self.pieces[-1]["author"], self._is_author = text, False
        elif self.pieces and text:
            self.pieces[-1]["blocks"].append([style, text, ""])
