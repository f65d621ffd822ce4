"""Decodes plain text in the encodings that Chinese offices use: UTF-8, UTF-16, UTF-32, GB18030, Big5."""

import codecs
import unicodedata

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_MOST_ODD = 0.02
_SAMPLE = 20_000


class NotText(ValueError):
    """The bytes are no text in any of these."""


def decode(content: bytes) -> str:
    """The text.  Raises NotText."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _read(content, encoding)
    if b"\0" in content[:_SAMPLE]:
        return _without_mark(content)
    try:
        return _read(content, "utf-8")
    except NotText:
        pass
    readings = {encoding: text for encoding in ("gb18030", "big5hkscs") if (text := _try_encoding(content, encoding))}
    if not readings:
        return _without_mark(content)
    best = max(readings, key=lambda encoding: _usual_share(readings[encoding], encoding))
    if _usual_share(readings[best], best) < 0.5 and (wide := _tried_wide(content)):
        return wide
    return readings[best]


def _usual_share(text: str, encoding: str) -> float:
    """The share of its Chinese characters that are in the first level of the encoding, the usual ones.

    Text decoded with the wrong encoding consists mostly of rare ones."""
    usual = total = 0
    for sign in text[:_SAMPLE]:
        if ord(sign) < 0x80:
            continue
        total += 1
        try:
            first = sign.encode("gb2312" if encoding == "gb18030" else "big5")[0]
        except UnicodeEncodeError:
            continue
        in_level = 0xA1 <= first <= 0xA3 or 0xB0 <= first <= 0xD7 if encoding == "gb18030" else 0xA1 <= first <= 0xC6
        usual += in_level
    return usual / total if total else 1.0


def _without_mark(content: bytes) -> str:
    """UTF-16 without a byte order mark, as some programs write it."""
    if wide := _tried_wide(content):
        return wide
    raise NotText


def _tried_wide(content: bytes) -> str:
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _try_encoding(content, encoding) if len(content) % 2 == 0 else ""
        plain = sum(1 for sign in text[:_SAMPLE] if _is_plain(sign))
        if text and plain >= 0.9 * min(len(text), _SAMPLE):
            return text
    return ""


def _is_plain(sign: str) -> bool:
    """ASCII, Chinese characters, their punctuation."""
    return sign in "\t\r\n" or " " <= sign <= "~" or "\u4e00" <= sign <= "\u9fff" or "\u3000" <= sign <= "\u303f" or (
        "\uff00" <= sign <= "\uffef" or sign in "“”‘’…—·"
    )  # fmt: skip


def _try_encoding(content: bytes, encoding: str) -> str:
    try:
        return _read(content, encoding)
    except NotText:
        return ""


def _read(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, UnicodeError):
        raise NotText from None
    odd = sum(
        1 for sign in text[:_SAMPLE] if unicodedata.category(sign) in ("Cc", "Cn") and sign not in "\t\r\n\v\f\x1a"
    )
    if odd > _MOST_ODD * min(len(text), _SAMPLE) + 1:
        raise NotText
    return text
