"""`python -m services.publicity.rendering.read_manuscript`: reads a line of JSON (title, folder of fonts) and a file
from stdin; writes a line of JSON (its kind, what is left out, or a code and detail), followed by the manuscript.

The only place where untrusted files are opened: recognised by their bytes, with limits, never executed.  Errors are
codes and numbers only, so that no content gets into messages."""

import base64
import contextlib
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from chassis.process.packages import BadPackage, PackageLimits, check_package
from services.publicity.rendering import text_files
from services.publicity.rendering.manuscript import Block, characters, dump_blocks, same_text, tidy
from services.publicity.rendering.manuscript_losses import LeftOut
from services.reading import pictures

LARGEST_TEXT = 1 << 20
LARGEST_FILE = 12 << 20
LARGEST_PICTURES = 16 << 20
"""The most bytes of all pictures of one manuscript, as stored."""
PACKAGE = PackageLimits(unpacked=64 << 20, xml_part=24 << 20, tags=500_000)
MOST_BLOCKS = 5000
_CODES = {
    "broken": "broken_document",
    "declares_entities": "broken_document",
    "locked": "old_or_locked_office_file",
}
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、[^。；！？]{1,30}")
"""Headings in plain text; affects the layout only."""
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_UNTAKEN_PICTURES = (b"\xd7\xcd\xc6\x9a", b"\x01\x00\x00\x00", b"8BPS", b"II\xbc")
_OTHER_DOCUMENTS = ((b"%PDF", "PDF 文档"), (b"{\\rtf", "RTF 文档"))
_MARKUP = re.compile(rb"\s*(<!doctype|<html|<head|<body|<\?xml|<!--|<meta|<div|<p[ >]|mime-version:)", re.I)


class UnreadableFile(ValueError):
    """The file is not accepted; the text is the code, `detail` what was found."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.detail = detail


def kind_of(content: bytes) -> str:
    """picture, docx or text, by the bytes alone.  Raises UnreadableFile."""
    if not content:
        raise UnreadableFile("empty_file")
    if len(content) > LARGEST_FILE:
        raise UnreadableFile("too_large", _megabytes(len(content)))
    if content.startswith(_PICTURES) or (content.startswith(b"RIFF") and content[8:12] == b"WEBP"):
        return "picture"
    if content.startswith(b"PK\x03\x04"):
        return "docx"
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile("old_or_locked_office_file")
    if content.startswith(_UNTAKEN_PICTURES) or content[4:8] == b"ftyp":
        raise UnreadableFile("picture_format")
    for start, what in _OTHER_DOCUMENTS:
        if content.lstrip()[: len(start)] == start:
            raise UnreadableFile("other_document", what)
    if _MARKUP.match(content.removeprefix(b"\xef\xbb\xbf")[:1000]):
        raise UnreadableFile("other_document", "网页或 XML 文件")
    if content.startswith((b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"RIFF")):
        raise UnreadableFile("file_type")
    return "text"


def read_file(content: bytes, left_out: LeftOut) -> tuple[str, list[Block]]:
    """(kind, blocks); what the blocks lack is added to `left_out`.  Raises UnreadableFile."""
    kind = kind_of(content)
    match kind:
        case "picture":
            blocks = [Block("picture", picture=_picture(content))]
            if pictures.has_more_frames(content):
                left_out.add("frames")
        case "docx":
            blocks = _limit_manuscript(_docx(content, left_out))
        case _:
            lines = [text for line in _decode_text(content).splitlines() if (text := tidy(line))]
            blocks = _limit_manuscript(Block("heading" if _HEADING.fullmatch(text) else "text", text) for text in lines)
    if not blocks:
        if lost := left_out.sentences():
            raise UnreadableFile("nothing_taken", "".join(lost)[:300])
        raise UnreadableFile("nothing_in_it")
    return kind, blocks


def _limit_manuscript(manuscript: Iterable[Block]) -> list[Block]:
    """The blocks, up to the limit of a manuscript; raises UnreadableFile at the first one above it."""
    blocks: list[Block] = []
    pictured = 0
    for block in manuscript:
        blocks.append(block)
        pictured += len(block.picture) * 3 // 4
        if len(blocks) > MOST_BLOCKS:
            raise UnreadableFile("too_many_paragraphs", str(MOST_BLOCKS))
        if pictured > LARGEST_PICTURES:
            raise UnreadableFile("pictures_too_large", _megabytes(LARGEST_PICTURES))
    return blocks


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.0f} MB"


def _decode_text(content: bytes) -> str:
    if len(content) > LARGEST_TEXT:
        raise UnreadableFile("text_too_long", _megabytes(len(content)))
    try:
        return text_files.decode(content)
    except text_files.NotText:
        raise UnreadableFile("file_type" if b"\0" in content else "not_text") from None


def _picture(content: bytes) -> str:
    try:
        return base64.b64encode(pictures.cleaned(content)).decode()
    except pictures.BadPicture as error:
        raise UnreadableFile(str(error), error.detail) from None


def _docx(content: bytes, left_out: LeftOut) -> Iterator[Block]:
    _check_package(content)
    from services.publicity.rendering.word.document import WordDocument  # only documents need the XML parser
    from services.publicity.rendering.word.package import NotADocument, WordPackage

    try:
        yield from WordDocument(WordPackage(content), left_out).read()
    except NotADocument as error:
        what = str(error)
        code = what if what == "macros" else "other_document" if what else "file_type"
        raise UnreadableFile(code, "" if what == "macros" else what) from None
    except (MemoryError, UnreadableFile, GeneratorExit):
        raise
    except Exception:  # noqa: BLE001 - whatever a hostile package makes the libraries raise
        raise UnreadableFile("broken_document") from None


def _check_package(content: bytes) -> None:
    """Reject zip bombs, encrypted entries and documents that declare entities, before parsing."""
    try:
        names = check_package(io.BytesIO(content), PACKAGE)
    except BadPackage as error:
        raise UnreadableFile(_CODES.get(error.code, "document_too_large"), error.detail) from None
    if "mimetype" in names and "content.xml" in names:
        raise UnreadableFile("other_document", "OpenDocument 文档")
    if "[content_types].xml" not in {name.lower() for name in names}:
        raise UnreadableFile("file_type")


def _check_glyphs(blocks: list[Block], title: str, folder: str, left_out: LeftOut) -> None:
    """Add the characters that the fonts lack to `left_out`.  A machine without fonts produces no documents anyway."""
    from services.publicity.rendering import fonts  # slow to import

    with contextlib.suppress(fonts.FontsMissing):
        if missing := fonts.missing_in_work(characters([title, *blocks]), folder):
            left_out.put("glyph", fonts.with_code_points(missing))


def main() -> int:
    head: dict[str, Any]
    manuscript = b""
    try:
        left_out = LeftOut()
        given = json.loads(sys.stdin.buffer.readline())
        kind, blocks = read_file(sys.stdin.buffer.read(LARGEST_FILE + 1), left_out)
        _check_glyphs(blocks, given["title"], given["fonts"], left_out)
        head = {"kind": kind, "left_out": left_out.sentences(), "same_text": same_text(blocks)}
        manuscript = dump_blocks(blocks)
    except UnreadableFile as error:
        head = {"code": str(error), "detail": error.detail}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a trace could quote the file
        head = {"code": "broken_document", "detail": ""}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + manuscript)
    return 0


if __name__ == "__main__":
    sys.exit(main())
