"""`python -m services.publicity.rendering.read_manuscript`: one file in, out a line of JSON (its kind, or a code and
detail) and the manuscript behind it.

Untrusted files are opened here and nowhere else: recognised by their bytes, bounded, never executed.  Errors are
codes and numbers only: what is in a file stays out of messages."""

import base64
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from chassis.process.packages import BadPackage, PackageLimits, check_package
from services.publicity.rendering import pictures
from services.publicity.rendering.manuscript import Block, dump_blocks, tidy

LARGEST_TEXT = 1 << 20
LARGEST_FILE = 12 << 20
LARGEST_PICTURES = 16 << 20
"""All pictures of one manuscript, as they are kept."""
PACKAGE = PackageLimits(unpacked=64 << 20, xml_part=24 << 20, tags=500_000)
MOST_PICTURES = 20
MOST_BLOCKS = 5000
_CODES = {
    "broken": "broken_document",
    "declares_entities": "broken_document",
    "locked": "old_or_locked_office_file",
}
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、[^。；！？]{1,30}")
"""How plain text writes its headings; a matter of looks only."""


class UnreadableFile(ValueError):
    """A file that is not accepted; the text is its code, `detail` what stood there."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.detail = detail


def kind_of(content: bytes) -> str:
    """picture, docx or text, by the bytes alone.  UnreadableFile."""
    if not content:
        raise UnreadableFile("empty_file")
    if len(content) > LARGEST_FILE:
        raise UnreadableFile("too_large", _megabytes(len(content)))
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return "picture"
    if content.startswith(b"PK\x03\x04"):
        return "docx"
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile("old_or_locked_office_file")
    if content.startswith((b"GIF8", b"RIFF", b"BM", b"II*\x00", b"MM\x00*")) or content[4:8] == b"ftyp":
        raise UnreadableFile("picture_format")
    if content.startswith((b"%PDF", b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")):
        raise UnreadableFile("file_type")
    return "text"


def read_file(content: bytes) -> tuple[str, list[Block]]:
    """(kind, blocks).  UnreadableFile."""
    kind = kind_of(content)
    match kind:
        case "picture":
            blocks = [Block("picture", picture=_picture(content))]
        case "docx":
            blocks = _bounded(_docx(content))
        case _:
            lines = [text for line in _decoded(content).splitlines() if (text := tidy(line))]
            blocks = _bounded(Block("heading" if _HEADING.fullmatch(text) else "text", text) for text in lines)
    if not blocks:
        raise UnreadableFile("nothing_in_it")
    return kind, blocks


def _bounded(manuscript: Iterable[Block]) -> list[Block]:
    """As many as a manuscript may have; the first that is too many ends it."""
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


def _decoded(content: bytes) -> str:
    if len(content) > LARGEST_TEXT:
        raise UnreadableFile("text_too_long", _megabytes(len(content)))
    if b"\0" in content:
        raise UnreadableFile("file_type")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("not_text")


def _picture(content: bytes) -> str:
    try:
        return base64.b64encode(pictures.cleaned(content)).decode()
    except pictures.BadPicture as error:
        raise UnreadableFile(str(error), error.detail) from None


def _docx(content: bytes) -> Iterator[Block]:
    _check_package(content)
    import docx  # slow to load, and only documents need it

    try:
        document = docx.Document(io.BytesIO(content))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a hostile package makes the library raise
        raise UnreadableFile("broken_document") from None
    shown, names = 0, dict[str | None, str]()
    for paragraph in document.paragraphs:
        style = paragraph._p.style  # looked up once for each: python-docx searches all styles every time
        if style not in names:
            names[style] = (paragraph.style.name if paragraph.style is not None else "") or ""
        heading = names[style]
        if text := tidy(paragraph.text):
            yield Block("heading" if heading.lower().startswith(("heading", "title", "标题")) else "text", text)
        for name in paragraph._p.xpath(".//a:blip/@r:embed"):
            part = document.part.related_parts.get(name)
            if part is not None and shown < MOST_PICTURES:
                shown += 1
                yield Block("picture", picture=_picture(part.blob))
    for table in document.tables:
        for row in table._tbl.tr_lst:  # row.cells would give a cell once for every column that it says it spans
            cells = (" ".join(paragraph.text for paragraph in cell.p_lst) for cell in row.tc_lst)
            if text := tidy("  ".join(cells)):
                yield Block("text", text)


def _check_package(content: bytes) -> None:
    """Refuses bombs, macros, encrypted entries and documents that declare entities, before anything is parsed."""
    try:
        names = check_package(io.BytesIO(content), PACKAGE)
    except BadPackage as error:
        raise UnreadableFile(_CODES.get(error.code, "document_too_large"), error.detail) from None
    if "word/document.xml" not in names or "[Content_Types].xml" not in names:
        raise UnreadableFile("file_type")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UnreadableFile("macros")


def main() -> int:
    head: dict[str, Any]
    manuscript = b""
    try:
        kind, blocks = read_file(sys.stdin.buffer.read(LARGEST_FILE + 1))
        head, manuscript = {"kind": kind}, dump_blocks(blocks)
    except UnreadableFile as error:
        head = {"code": str(error), "detail": error.detail}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a trace could quote the file
        head = {"code": "broken_document", "detail": type(error).__name__}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + manuscript)
    return 0


if __name__ == "__main__":
    sys.exit(main())
