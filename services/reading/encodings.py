"""Detects the encoding of a text file: UTF-8, UTF-16 with a byte order mark, GB18030; others are reported."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from services.reading.table import Unreadable

_PIECE = 1 << 20
_SAVE_AS = "请在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”或 .xlsx 后再导入。"
BIG5_LEVEL_1, GB_LEVEL_1 = (0xA4, 0xC6), (0xB0, 0xD7)
"""Lead bytes of the common characters."""


def encoding_of(source: Path) -> tuple[str, str]:
    """(codec, error handler).  Damaged bytes are kept as lone surrogates, so that their rows are refused.  Raises
    Unreadable."""
    with source.open("rb") as file:
        head = file.read(_PIECE)
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise Unreadable(f"文件以 UTF-32 编码，{_SAVE_AS}")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if not _decodes(source, "utf-16"):
            raise Unreadable(f"文件以 UTF-16 编码，但内容已损坏，{_SAVE_AS}")
        return "utf-16", "strict"
    if head.count(b"\0") * 4 > len(head):
        raise Unreadable(f"文件像是没有标记的 UTF-16 文本，或者不是文本，{_SAVE_AS}")
    if _decodes(source, "utf-8"):
        return "utf-8-sig", "strict"
    if _mostly_utf8(source):
        return "utf-8-sig", "surrogateescape"
    if _is_big5(source):
        raise Unreadable(f"文件像是以 Big5（繁体中文）编码，{_SAVE_AS}")
    return "gb18030", "surrogateescape"  # programs that count bytes cut characters in two


def _pieces(source: Path) -> Iterator[bytes]:
    with source.open("rb") as raw:
        while piece := raw.read(_PIECE):
            yield piece


def _decodes(source: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in _pieces(source):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _mostly_utf8(source: Path) -> bool:
    """A UTF-8 file with a few damaged bytes may be valid GB18030 by chance: the share of well-formed sequences
    decides."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = damaged = 0
    for piece in _pieces(source):
        for character in decoder.decode(piece):
            if "\udc80" <= character <= "\udcff":
                damaged += 1
            elif character > "\x7f":
                good += 1
    return good >= damaged


def _is_big5(source: Path) -> bool:
    """Valid GB18030 is Big5 if as Big5 all characters are common, and as GB18030 mostly not."""
    if not _decodes(source, "big5"):
        return False
    with source.open("rb") as file:
        content = file.read(_PIECE)
    pairs, daily_big5, daily_gb = 0, 0, 0
    at = 0
    while at < len(content) - 1:
        lead, trail = content[at], content[at + 1]
        if lead < 0x80:
            at += 1
            continue
        pairs += 1
        daily_big5 += BIG5_LEVEL_1[0] <= lead <= BIG5_LEVEL_1[1]
        daily_gb += GB_LEVEL_1[0] <= lead <= GB_LEVEL_1[1] and trail >= 0xA1
        at += 2
    return pairs > 0 and daily_big5 * 10 >= pairs * 9 and daily_gb * 10 <= pairs * 6
