"""Checks a zipped office document (xlsx, docx) before it is unpacked: number of parts, sizes, no XML entities.

Imports the standard library only, since the short-lived processes that open files load it."""

import zipfile
import zlib
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

MOST_PARTS = 2000
MOST_RATIO = 200
RATIO_FROM = 1 << 20
"""Unpacked size in bytes from which a part's compression ratio is limited to MOST_RATIO."""
_PIECE = 1 << 16


@dataclass(frozen=True)
class PackageLimits:
    """`unpacked`: bytes of all parts together when unpacked; `xml_part`: of one XML part; `tags`: number of tags in all
    XML parts together (0: not limited)."""

    unpacked: int
    xml_part: int
    tags: int = 0


class BadPackage(ValueError):
    """The document must not be opened.  `code` says why (such as too_large, locked, declares_entities), `part` names
    the zip entry, `detail` gives the size or number found."""

    def __init__(self, code: str, part: str = "", detail: str = "") -> None:
        super().__init__(code, part, detail)
        self.code, self.part, self.detail = code, part[:80], detail


class _FirstTag(Exception):
    pass


def check_package(file: IO[bytes], limits: PackageLimits) -> set[str]:
    """Check the document; returns the names of its parts.  Raises BadPackage."""
    try:
        with zipfile.ZipFile(file) as package:
            entries = package.infolist()
            _check_sizes(entries, limits)
            tags = 0
            for entry in entries:
                if entry.filename.lower().endswith((".xml", ".rels")):
                    tags += _check_xml(package, entry, limits)
            if limits.tags and tags > limits.tags:
                raise BadPackage("too_many_tags", "", str(tags))
            return {entry.filename for entry in entries}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error):
        raise BadPackage("broken") from None


def _check_sizes(entries: list[zipfile.ZipInfo], limits: PackageLimits) -> None:
    if len(entries) > MOST_PARTS:
        raise BadPackage("too_many_parts", "", str(len(entries)))
    for entry in entries:
        if entry.flag_bits & 1:
            raise BadPackage("locked", entry.filename)
        if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise BadPackage("packed_too_tightly", entry.filename, _megabytes(entry.file_size))
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked:
        raise BadPackage("too_large", "", _megabytes(unpacked))


def _check_xml(package: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: PackageLimits) -> int:
    """The number of tags (0 where they are not limited).  Refuses XML that declares entities before any parser that
    builds a tree sees it."""
    if entry.file_size > limits.xml_part:
        raise BadPackage("too_large", entry.filename, _megabytes(entry.file_size))
    with package.open(entry) as part:
        _check_prologue(part, entry.filename)
        if not limits.tags:
            return 0
        part.seek(0)
        return sum(piece.count(b"<") for piece in iter(lambda: part.read(_PIECE), b""))


def _check_prologue(part: IO[bytes], name: str) -> None:
    """Parse up to the first tag and refuse a document type, and so any entities.  expat handles every XML encoding."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = _stop
    try:
        while piece := part.read(_PIECE):
            parser.Parse(piece, False)
    except _FirstTag:
        return
    except BadPackage as error:
        raise BadPackage(error.code, name) from None
    except (expat.ExpatError, ValueError, LookupError):
        raise BadPackage("broken", name) from None


def _refuse_doctype(*_: object) -> None:
    raise BadPackage("declares_entities")


def _stop(*_: object) -> None:
    raise _FirstTag


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.0f} MB"
