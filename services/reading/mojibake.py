"""Recognises Chinese names whose UTF-8 bytes were decoded as Windows-1252 or GBK before."""

import codecs
from typing import Final

_HAN: Final = ("\u4e00", "\u9fff")
_LATIN: Final = ("\u00c0", "\u00ff")


def was_decoded_wrongly(text: str) -> bool:
    """林知夏 -> `æž—çŸ¥å¤`, 张三 -> `寮犱笁`.  To avoid false positives the repaired name must consist of common
    Chinese characters, and the given one must not."""
    if any(_LATIN[0] <= letter <= _LATIN[1] for letter in text):
        return any(_is_han(letter) for letter in _utf8(_single_bytes(text)))
    if _in_daily_use(text) or not all(_is_han(letter) for letter in text):
        return False
    meant = _utf8(text.encode("gb18030", "replace"))
    return len(meant) > 1 and all(_is_han(letter) for letter in meant) and _in_daily_use(meant)


def _single_bytes(text: str) -> bytes:
    return b"".join(_single_byte(letter) for letter in text)


def _single_byte(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1", "ignore")


def _utf8(content: bytes) -> str:
    """Empty if it is not UTF-8; a character cut off at the end is dropped."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return ""


def _is_han(letter: str) -> bool:
    return _HAN[0] <= letter <= _HAN[1]


def _in_daily_use(text: str) -> bool:
    try:
        return bool(text.encode("gb2312"))
    except UnicodeEncodeError:
        return False
