"""Strict parsing of JSON from outside: UTF-8 only, no duplicate keys, no NaN, limits on size, depth and numbers; what
it accepts cannot raise an error later."""

import json
import re
from typing import Any

from chassis.process import text

MAX_DEPTH = 32
_MARK = b"\xef\xbb\xbf"
_TOKENS = re.compile(r'"(?:\\.|[^"\\])*"|(?P<bare>-?[A-Za-z0-9][A-Za-z0-9.+-]*)')


class BadJson(ValueError):
    """The bytes are not acceptable JSON; `code` says why.  `line` and `position` count from 1 (0: unknown); `excerpt`
    is what was found there, at most one character, number or key."""

    def __init__(self, code: str, detail: str, line: int = 0, position: int = 0, excerpt: str = "") -> None:
        super().__init__(detail)
        self.code, self.line, self.position, self.excerpt = code, line, position, excerpt


def parse(body: bytes, largest: int) -> Any:
    """Parse a body of at most `largest` bytes; returns the value.

    Raises BadJson with the code too_large, not_utf8, too_deep or bad_json (also for NaN, a duplicate key, an integer of
    more than 64 bits)."""
    if len(body) > largest:
        raise BadJson("too_large", f"more than {largest} bytes")
    try:
        decoded = body.removeprefix(_MARK).decode("utf-8")  # RFC 8259, 8.1: a parser may ignore the byte order mark
    except UnicodeDecodeError:
        raise _not_utf8(body) from None
    try:
        value = _decoder.decode(decoded)
    except RecursionError:
        raise BadJson("too_deep", f"nested deeper than {MAX_DEPTH}") from None
    except BadJson as error:
        raise _with_place(error, decoded) from None
    except json.JSONDecodeError as error:
        raise BadJson(
            "bad_json", str(error)[:200], error.lineno, error.colno, _character_at(decoded, error.pos)
        ) from None
    except ValueError as error:
        raise BadJson("bad_json", str(error)[:200]) from None
    _depth(value, MAX_DEPTH)
    return value


def _not_utf8(body: bytes) -> BadJson:
    at = len(body)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
    line, position = body.count(b"\n", 0, at) + 1, len(body[:at].split(b"\n")[-1].decode()) + 1
    guess = _guess(body)
    detail = f"not UTF-8 at byte {at}{'; ' if guess else ''}{guess}"
    return BadJson("not_utf8", detail, line, position, f"0x{body[at]:02X}")


def _guess(body: bytes) -> str:
    """The encoding that the body probably has instead, and the remedy; empty: unknown."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "it looks like UTF-16: send UTF-8"
    if body.startswith((b"\x1f\x8b", b"\x78\x9c", b"\x78\xda")):
        return "it looks compressed: send it as it is"
    try:
        chinese = any("\u4e00" <= character <= "\u9fff" for character in body.decode("gbk"))
    except UnicodeDecodeError:
        chinese = False
    if chinese:
        return "it looks like GBK, as the command line of Windows sends it: save the body as a file in UTF-8"
    return ""


def _character_at(decoded: str, at: int) -> str:
    """The character at that index; as its code point where it is not printable ASCII."""
    if at >= len(decoded):
        return "end"
    character = decoded[at]
    return character if character.isascii() and character.isprintable() else f"U+{ord(character):04X}"


def _with_place(error: BadJson, decoded: str) -> BadJson:
    """The error with line and position of its excerpt, where that is a number or word found in the text."""
    if not error.excerpt or error.position:
        return error
    for match in _TOKENS.finditer(decoded):
        if match["bare"] == error.excerpt:
            at = match.start()
            line, position = decoded.count("\n", 0, at) + 1, at - decoded.rfind("\n", 0, at)
            return BadJson(error.code, str(error), line, position, error.excerpt[:40])
    return BadJson(error.code, str(error), excerpt=error.excerpt[:40])


def check_texts(value: Any, at: str = "") -> None:
    """Check every text in a parsed value by the rule of `chassis.process.text`.  Raises BadJson `bad_text`, whose
    message gives the path.  `at`: the path of `value` itself."""
    if isinstance(value, str):
        if not text.is_text(value):
            where = f"{at}: " if at else ""
            raise BadJson("bad_text", f"{where}a character that no text may have ({text.fault_of(value)}); remove it")
    elif isinstance(value, dict):
        for name, item in value.items():
            check_texts(name, at)
            check_texts(item, f"{at}.{text.escape_line(name[:60])}" if at else text.escape_line(name[:60]))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            check_texts(item, f"{at}[{number}]")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadJson("bad_json", f"the key {twice[:50]!r} occurs twice", excerpt=text.escape_line(twice[:40]))
    return result


def _constant(name: str) -> Any:
    raise BadJson("bad_json", f"{name} is not JSON", excerpt=name)


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise BadJson("bad_json", "a number past 64 bits", excerpt=digits)
    return int(digits)


def _decimal(digits: str) -> float:
    value = float(digits) if len(digits) <= 40 else float("inf")
    if value in (float("inf"), float("-inf")):
        raise BadJson("bad_json", "a number out of range", excerpt=digits)
    return value


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer,
                            parse_float=_decimal)  # fmt: skip


def _depth(value: Any, left: int) -> None:
    if left < 0:
        raise BadJson("too_deep", f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, dict):
        for item in value.values():
            _depth(item, left - 1)
    elif isinstance(value, list):
        for item in value:
            _depth(item, left - 1)
