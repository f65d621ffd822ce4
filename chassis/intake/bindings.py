"""CloudEvents in binary mode: the attributes in HTTP headers and in AMQP 0-9-1 headers."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes

_HTTP = "ce-"
_AMQP = ("cloudevents:", "cloudevents_", "ce-", "ce_")
_MOST = 64
"""The most attribute headers of one event; others are ignored."""
_LATEST_MS = 253_402_300_800_000  # the end of the year 9999


def http_attributes(headers: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The attributes in `ce-` headers, by name.  An empty header is no attribute; a value that cannot be decoded is
    None."""
    given = [(name.lower(), value) for name, value in headers if value]
    return {name.removeprefix(_HTTP): _header(value) for name, value in given if name.startswith(_HTTP)}


def amqp_attributes(headers: Any) -> dict[str, Any]:
    """The attributes in a message's headers, by name.  Libraries and bridges write AMQP 1.0's application properties
    there as `cloudEvents:` or `cloudEvents_` (JMS); the SDKs' RabbitMQ binding writes `ce-`.  Two headers with
    different values for one attribute give None."""
    if not isinstance(headers, Mapping):
        return {}
    result: dict[str, Any] = {}
    for name, value in list(headers.items())[:_MOST]:
        lower = name.lower() if isinstance(name, str) else ""
        prefix = next((each for each in _AMQP if lower.startswith(each)), "")
        if prefix:
            attribute = lower.removeprefix(prefix)
            given = _property(attribute, value)
            result[attribute] = given if result.get(attribute, given) == given else None
    return result


def _header(value: str) -> str | None:
    """The value of a header (HTTP binding 3.1.3.2): unquoted, then percent-decoded once as UTF-8.  None if it cannot
    be."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    try:
        return unquote_to_bytes(value.encode("latin-1")).decode()
    except UnicodeError:
        return None


def _property(attribute: str, value: Any) -> Any:
    """The value as in JSON: an AMQP timestamp becomes text, as does a number where the attribute is text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).isoformat().replace("+00:00", "Z")
    if attribute == "time" and isinstance(value, int) and 0 <= value < _LATEST_MS:  # milliseconds, as in AMQP 1.0
        return datetime.fromtimestamp(value / 1000, UTC).isoformat().replace("+00:00", "Z")
    return value if value is None or isinstance(value, str | bool | int) else str(value)[:256]
