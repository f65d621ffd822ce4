"""Compares a list posted by a publisher with its stored rows: missing, extra, different content."""

import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from chassis.process.greenlets import yield_control
from chassis.process.problems import Problem
from services.participation.holdings.domain import KINDS, Holding

MOST_LINES: Final = 100_000
MOST_BYTES: Final = 40_000_000
"""The most bytes after decompression: 100,000 lines with the longest ids."""
_LONGEST_LINE: Final = 1024
_TURN: Final = 5000
"""The number of lines between yields to other requests."""

Posted = dict[str, dict[str, bytes]]
"""By kind the digest of each id."""


def unpacked(chunks: Iterable[bytes], is_gzip: bool) -> Iterator[bytes]:
    """The bytes of a body, decompressed if `is_gzip`; at most MOST_BYTES.  Problem 400, 413."""
    size = 0
    for piece in _decompress(chunks) if is_gzip else chunks:
        size += len(piece)
        if size > MOST_BYTES:
            raise Problem(413, "too_large", f"at most {MOST_BYTES} bytes when unpacked")
        yield piece


def _decompress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                yield inflater.decompress(rest, 1 << 18)
                rest = inflater.unconsumed_tail
    except zlib.error:
        raise Problem(400, "bad_gzip", "the body is no gzip") from None
    if not inflater.eof:
        raise Problem(400, "truncated", "the gzip ends before its end")


def read_list(pieces: Iterable[bytes]) -> Posted:
    """Parse lines of `kind TAB id TAB digest`.  Problem 400, 413."""
    posted: Posted = {}
    for number, line in enumerate(filter(None, _lines(pieces)), 1):
        if number > MOST_LINES:
            raise Problem(413, "too_many", f"at most {MOST_LINES} lines", line=number)
        kind, row_id, digest = _read(line, number)
        rows = posted.setdefault(kind, {})
        if rows.setdefault(row_id, digest) != digest:
            raise Problem(400, "bad_line", f"line {number}: the id stands there twice", line=number)
        if number % _TURN == 0:
            yield_control()
    return posted


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            raise Problem(400, "bad_line", f"a line is longer than {_LONGEST_LINE} bytes")
        yield from (line.removesuffix(b"\r") for line in whole)
    yield rest.removesuffix(b"\r")


def _read(line: bytes, number: int) -> tuple[str, str, bytes]:
    cells = line.split(b"\t")
    try:
        kind, row_id, digest = (cell.decode() for cell in cells)
        key = bytes.fromhex(digest)
    except ValueError:
        raise Problem(400, "bad_line", f"line {number} is not kind TAB id TAB digest", line=number) from None
    if kind not in KINDS or not row_id or len(key) != 32:
        raise Problem(400, "bad_line", f"line {number} names no kind, no id, or no SHA-256", line=number)
    return kind, row_id, key


def compare(
    kind: str, posted: dict[str, bytes], slices: Iterable[list[Holding]], waiting: frozenset[str], most: int
) -> dict[str, Any]:
    """The differences; consumes `posted`.  At most `most` extra rows: `next` is the id of the first row that was not
    compared."""
    number, same = len(posted), 0
    extra: list[dict[str, str]] = []
    other: list[dict[str, Any]] = []
    following = ""
    for holding in (item for items in slices for item in items):
        mine = posted.pop(holding.row_id, None)
        if mine is None and holding.stands and len(extra) == most:
            following = following or holding.row_id
        elif mine is None:
            extra += [{"id": holding.row_id, "digest": holding.digest}] if holding.stands else []
        elif holding.stands and mine.hex() == holding.digest:
            same += 1
        else:
            other.append({"id": holding.row_id, "digest": holding.digest, "state": holding.state,
                          "as_accepted": mine.hex() == holding.accepted})  # fmt: skip
    missing = sorted(posted.keys() - waiting)
    return {"kind": kind, "posted": number, "same": same, "missing": missing, "extra": extra, "other": other,
            "waiting": sorted(posted.keys() & waiting), "next": following}  # fmt: skip


def ids_outside_range(posted: dict[str, bytes], first: str, before: str) -> list[str]:
    """A few of the posted ids outside the compared range."""
    return list(islice((row_id for row_id in posted if row_id < first or (before and row_id >= before)), 3))
