"""JSON from outside, read strictly: UTF-8, one meaning, bounded; nothing in it can raise later."""

import json
from typing import Any

from chassis.process import text

MAX_DEPTH = 32


class BadJson(ValueError):
    """The bytes are not JSON that we take; `code` says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def parse(body: bytes, largest: int) -> Any:
    """The value.  BadJson: too_large, not_utf8, bad_json (also NaN, a duplicate key, a number past 64 bits)."""
    if len(body) > largest:
        raise BadJson("too_large", f"more than {largest} bytes")
    try:
        decoded = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJson("not_utf8", f"not UTF-8 at byte {error.start}") from None
    if decoded.startswith("\ufeff"):
        raise BadJson("bad_json", "a byte order mark before the JSON; send without it")
    try:
        value = _decoder.decode(decoded)
    except RecursionError:
        raise BadJson("too_deep", f"nested deeper than {MAX_DEPTH}") from None
    except BadJson:
        raise
    except ValueError as error:
        raise BadJson("bad_json", str(error)[:200]) from None
    _depth(value, MAX_DEPTH)
    return value


def check_texts(value: Any, at: str = "") -> None:
    """BadJson bad_text where some text of it breaks the rule of `chassis.process.text`; says where."""
    if isinstance(value, str):
        if not text.is_text(value):
            where = f"{at}: " if at else ""
            raise BadJson("bad_text", f"{where}a character that no text may have ({text.fault_of(value)}); remove it")
    elif isinstance(value, dict):
        for name, item in value.items():
            check_texts(name, at)
            check_texts(item, f"{at}.{text.shown(name[:60])}" if at else text.shown(name[:60]))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            check_texts(item, f"{at}[{number}]")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadJson("bad_json", f"the key {twice[:50]!r} occurs twice")
    return result


def _constant(name: str) -> Any:
    raise BadJson("bad_json", f"{name} is not JSON")


def _integer(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise BadJson("bad_json", "a number past 64 bits")
    return int(text)


def _decimal(text: str) -> float:
    value = float(text) if len(text) <= 40 else float("inf")
    if value in (float("inf"), float("-inf")):
        raise BadJson("bad_json", "a number out of range")
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
