"""Canonical JSON and instants: one byte form for the log, the wire and the inbox."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any


def _encoder(sort_keys: bool) -> Callable[[Any], str]:
    """The C encoder of the json module without spaces, created once: JSONEncoder.encode creates one for every value,
    which takes a third longer."""

    def refuse(value: object) -> None:
        raise TypeError(f"{type(value).__name__} is not JSON")

    text_of = json.encoder.encode_basestring
    make: Any = vars(json.encoder)["c_make_encoder"]  # typeshed does not declare it
    result = make(None, refuse, text_of, None, ":", ",", sort_keys, False, False)
    return lambda value: "".join(result(value, 0))


sorted_text = _encoder(sort_keys=True)
_text_in_order = _encoder(sort_keys=False)


class NotCanonical(ValueError):
    """A value that canonical JSON cannot hold: a float, a lone surrogate, a key that is not ASCII."""


def canonical(value: Any) -> str:
    """Canonical JSON text: sorted ASCII keys; strings, integers, lists, objects, booleans, null; no floats.

    Raises NotCanonical."""
    if type(value) is not dict or not _is_flat(value):
        _check(value)
    text = sorted_text(value)
    if not text.isascii():
        _check_text(text)
    return text


def _is_flat(value: dict[str, Any]) -> bool:
    """Whether it is like nearly every event's data: only texts, integers and booleans under ASCII keys.  Such an object
    needs no recursive check."""
    return all(map(str.isascii, value)) and set(map(type, value.values())) <= _FLAT


_FLAT = {str, int, bool}


def _check(value: Any) -> None:
    if isinstance(value, str):
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonical(f"key {key!r} is not ASCII text")
            _check(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check(item)
    elif not (value is None or isinstance(value, int)):
        raise NotCanonical(f"{type(value).__name__} has no canonical form")


def _check_text(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("text with a lone surrogate") from error


def chain_hash(previous: str, *fields: str | int) -> str:
    """The hash that chains an event to the one before: SHA-256 (hex) of the JSON array `[previous, *fields]`."""
    return hashlib.sha256(_text_in_order([previous, *fields]).encode()).hexdigest()


def instant(moment: datetime) -> str:
    """An instant as text: UTC, microseconds, of a fixed width, so that text order is time order; such as
    `2022-11-01T00:00:00.000000Z`."""
    # isoformat pads years before 1000, strftime does not
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def moment(text: str) -> datetime:
    """The instant of such a text; the inverse of `instant`."""
    return datetime.fromisoformat(text)
