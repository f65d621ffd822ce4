"""Inserts pictures into a finished PDF: typst decodes every picture (5 MB of memory each), so it gets a one-pixel
placeholder for each, and the JPEG files are appended unchanged, one at a time (ISO 32000-1, 7.5.6, incremental
updates)."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Final

from PIL import Image

_MARK: Final = b"qihang-picture-"
_PLACED: Final = re.compile(
    rb"\n(\d+) 0 obj\n<<[^>]*/Subtype/Image/Filter/DCTDecode[^>]*>>\nstream\n\xff\xd8\xff\xfe..qihang-picture-(\d{6})",
    re.DOTALL,
)
_TRAILER: Final = re.compile(rb"trailer\n(<<.*>>)\nstartxref\n(\d+)\n%%EOF\s*$", re.DOTALL)
_SPACES: Final = {"L": b"/DeviceGray", "RGB": b"/DeviceRGB"}


class PictureNotPlaced(RuntimeError):
    """The PDF does not have the form that typst writes."""


def placeholder(number: int) -> bytes:
    """A JPEG of one pixel, different for each number."""
    out = BytesIO()
    Image.new("RGB", (1, 1), "white").save(out, "JPEG")
    start, rest = out.getvalue()[:2], out.getvalue()[2:]
    note = _MARK + b"%06d" % number
    return start + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + rest


def with_pictures(pdf: bytes, count: int, picture: Callable[[int], bytes]) -> Iterator[bytes]:
    """The PDF in pieces, with `picture(number)` in place of each of `count` placeholders.  Raises PictureNotPlaced."""
    places = {int(match[2]): int(match[1]) for match in _PLACED.finditer(pdf)}
    trailer = _TRAILER.search(pdf)
    if trailer is None or sorted(places) != list(range(count)):
        raise PictureNotPlaced(f"{len(places)} of {count} pictures have a place")
    yield pdf
    at, offsets = len(pdf), dict[int, int]()
    for number, item in sorted(places.items(), key=lambda pair: pair[1]):
        written = _object(item, picture(number))
        offsets[item] = at + 1
        at += len(written)
        yield written
    yield _cross_references(offsets, trailer[1], trailer[2], at)


def _object(item: int, content: bytes) -> bytes:
    with Image.open(BytesIO(content), formats=("JPEG",)) as image:
        width, height, space = image.width, image.height, _SPACES[image.mode]
    head = b"\n%d 0 obj\n<</Length %d/Type/XObject/Subtype/Image/Filter/DCTDecode/Width %d/Height %d/ColorSpace %s" % (
        item, len(content), width, height, space)  # fmt: skip
    return head + b"/BitsPerComponent 8>>\nstream\n" + content + b"\nendstream\nendobj\n"


def _cross_references(offsets: dict[int, int], trailer: bytes, before: bytes, at: int) -> bytes:
    lines = [b"xref\n"]
    lines += [b"%d 1\n%010d 00000 n\r\n" % (item, offset) for item, offset in sorted(offsets.items())]
    lines.append(b"trailer\n%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (trailer[: -len(b">>")], before, at))
    return b"".join(lines)
