"""Looks at a zipped office document before anybody unpacks it: how many parts, how large, what kind of XML.

Python's own library only: children that open files load it."""

import zipfile
import zlib
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

MOST_PARTS = 2000
MOST_RATIO = 200
RATIO_FROM = 1 << 20
"""A part below this may be packed as tightly as it likes."""
_PIECE = 1 << 16


@dataclass(frozen=True)
class PackageLimits:
    """Bytes unpacked: of the whole and of one part of XML; how many tags all XML may have (0: not counted)."""

    unpacked: int
    xml_part: int
    tags: int = 0


class BadPackage(ValueError):
    """Not a package that is opened; `code` says why, `part` and `detail` what stood there."""

    def __init__(self, code: str, part: str = "", detail: str = "") -> None:
        super().__init__(code, part, detail)
        self.code, self.part, self.detail = code, part[:80], detail


class _FirstTag(Exception):
    pass


def check_package(file: IO[bytes], limits: PackageLimits) -> set[str]:
    """The names of its parts.  BadPackage."""
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
    """How many tags it has, where they are counted.  Nothing that declares entities is given to a parser of trees."""
    if entry.file_size > limits.xml_part:
        raise BadPackage("too_large", entry.filename, _megabytes(entry.file_size))
    with package.open(entry) as part:
        _check_prologue(part, entry.filename)
        if not limits.tags:
            return 0
        part.seek(0)
        return sum(piece.count(b"<") for piece in iter(lambda: part.read(_PIECE), b""))


def _check_prologue(part: IO[bytes], name: str) -> None:
    """Up to its first tag: no document type, so no entities (expat reads every encoding that XML has)."""
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
