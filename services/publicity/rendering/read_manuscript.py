"""`python -m services.publicity.rendering.read_manuscript`: one file in (base64 on stdin), a manuscript or a code out.

Untrusted files are opened here and nowhere else: recognised by their bytes, bounded, never executed.  Errors are
codes only: what is in a file stays out of messages."""

import base64
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

from services.publicity.rendering import pictures
from services.publicity.rendering.manuscript import Block, dump_blocks, tidy

LARGEST_TEXT = 1 << 20
LARGEST_FILE = 12 << 20
LARGEST_UNPACKED = 64 << 20
MOST_PARTS = 2000
MOST_RATIO = 200
MOST_PICTURES = 20
MOST_BLOCKS = 5000
MEMORY = 2 << 30
CPU_SECONDS = 60
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、[^。；！？]{1,30}")
"""How plain text writes its headings; a matter of looks only."""


class UnreadableFile(ValueError):
    """A file that is not accepted; the text is its code."""


def kind_of(content: bytes) -> str:
    """picture, docx or text, by the bytes alone.  UnreadableFile."""
    if not content:
        raise UnreadableFile("empty_file")
    if len(content) > LARGEST_FILE:
        raise UnreadableFile("too_large")
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
            blocks = list(_docx(content))
        case _:
            lines = [text for line in _decoded(content).splitlines() if (text := tidy(line))]
            blocks = [Block("heading" if _HEADING.fullmatch(text) else "text", text) for text in lines]
    if not blocks:
        raise UnreadableFile("nothing_in_it")
    if len(blocks) > MOST_BLOCKS:
        raise UnreadableFile("too_large")
    return ("picture" if kind == "picture" else "text" if kind == "text" else "docx"), blocks


def _decoded(content: bytes) -> str:
    if len(content) > LARGEST_TEXT:
        raise UnreadableFile("too_large")
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
        raise UnreadableFile(str(error)) from None


def _docx(content: bytes) -> Iterator[Block]:
    _check_package(content)
    import docx  # slow to load, and only documents need it

    try:
        document = docx.Document(io.BytesIO(content))
    except Exception:  # noqa: BLE001 - whatever a hostile package makes the library raise
        raise UnreadableFile("broken_document") from None
    shown = 0
    for paragraph in document.paragraphs:
        heading = (paragraph.style.name if paragraph.style is not None else "") or ""
        if text := tidy(paragraph.text):
            yield Block("heading" if heading.lower().startswith(("heading", "title", "标题")) else "text", text)
        for name in paragraph._p.xpath(".//a:blip/@r:embed"):
            part = document.part.related_parts.get(name)
            if part is not None and shown < MOST_PICTURES:
                shown += 1
                yield Block("picture", picture=_picture(part.blob))
    for table in document.tables:
        for row in table.rows:
            if text := tidy("  ".join(cell.text for cell in row.cells)):
                yield Block("text", text)


def _check_package(content: bytes) -> None:
    """Refuses bombs, macros, encrypted entries and documents that declare entities, before anything is parsed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            names = {entry.filename for entry in entries}
            if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
                raise UnreadableFile("too_large")
            if any(e.file_size > MOST_RATIO * max(e.compress_size, 1) and e.file_size > 1 << 20 for e in entries):
                raise UnreadableFile("too_large")
            if any(entry.flag_bits & 1 for entry in entries):
                raise UnreadableFile("old_or_locked_office_file")
            if "word/document.xml" not in names or "[Content_Types].xml" not in names:
                raise UnreadableFile("file_type")
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise UnreadableFile("macros")
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    _check_part(package, entry)
    except zipfile.BadZipFile:
        raise UnreadableFile("broken_document") from None


def _check_part(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    with package.open(entry) as part:
        text = part.read(LARGEST_UNPACKED + 1)
    if len(text) > LARGEST_UNPACKED:
        raise UnreadableFile("too_large")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("broken_document")


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    answer: dict[str, Any]
    try:
        kind, blocks = read_file(base64.b64decode(json.load(sys.stdin)))
        answer = {"kind": kind, "manuscript": base64.b64encode(dump_blocks(blocks)).decode()}
    except UnreadableFile as error:
        answer = {"code": str(error)}
    except Exception as error:  # noqa: BLE001 - a trace could quote the file
        answer = {"code": "broken_document", "detail": type(error).__name__}
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
