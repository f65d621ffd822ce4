"""How a service's events travel: CloudEvents 1.0 in JSON batches, the same data bytes as in the log."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from chassis.canonical import sorted_text
from chassis.events import REGISTRY, Event
from chassis.log import Recorded

BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
MAX_EVENTS = 200
MAX_BYTES = 512 * 1024

_text = json.JSONEncoder(ensure_ascii=False).encode


class BadWire(ValueError):
    """The bytes are not a batch of events as a service of ours writes them."""


class Arrived(NamedTuple):
    """One event as it came: who sent it, in which epoch, the hash that it says it follows, its data as parsed."""

    source: str
    epoch: str
    previous: str
    event: Recorded
    data: dict[str, Any]

    def happened(self) -> Event:
        """The event itself, raised to its newest version.  UnknownEvent, BadEvent."""
        return REGISTRY.read(self.event.type, self.data)


def encode_one(district: str, service: str, epoch: str, previous: str, event: Recorded) -> str:
    """One event as CloudEvents JSON text."""
    return (
        f'{{"specversion":"1.0","id":{_text(event.id)},"source":{_text(f"/qihang/{district}/{service}")},'
        f'"type":{_text(event.type)},"subject":{_text(event.stream)},"time":"{event.occurred_at}",'
        f'"datacontenttype":"application/json","partition":{event.partition},"position":"{event.position}",'
        f'"streamversion":{event.version},"epoch":"{epoch}","recordedat":"{event.recorded_at}",'
        f'"actor":{_text(event.actor)},"correlationid":{_text(event.correlation)},'
        f'"causationid":{_text(event.causation)},"hash":"{event.hash}","previoushash":"{previous}",'
        f'"data":{event.data}}}'
    )


def encode(district: str, service: str, previous: str, events: Iterable[Recorded]) -> list[str]:
    """The events of one partition as CloudEvents texts, in order; `previous` is the hash before the first."""
    texts = []
    for event in events:
        texts.append(encode_one(district, service, event.id.split("-", 1)[0], previous, event))
        previous = event.hash
    return texts


def bodies(texts: Sequence[str]) -> list[tuple[int, bytes]]:
    """(number of events, body) of the messages that carry these texts: many events each, none too large."""
    made: list[tuple[int, bytes]] = []
    pending: list[str] = []
    size = 0
    for text in texts:
        if pending and (len(pending) >= MAX_EVENTS or size + len(text) * 3 > MAX_BYTES):
            made.append((len(pending), _body(pending)))
            pending, size = [], 0
        pending.append(text)
        size += len(text)
    if pending:
        made.append((len(pending), _body(pending)))
    return made


def _body(texts: Sequence[str]) -> bytes:
    return ("[" + ",".join(texts) + "]").encode()


def decode(body: bytes | str) -> list[Arrived]:
    """The events of a message of a service, or of one quarantined event.  BadWire."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadWire(f"not JSON: {error}") from error
    return decode_all(found if isinstance(found, list) else [found])


def decode_all(found: Sequence[Any]) -> list[Arrived]:
    """The events of a parsed batch or feed page.  BadWire."""
    try:
        return [_arrived(one) for one in found]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BadWire(f"not an event of a service: {type(error).__name__} {error}") from error


def _arrived(one: dict[str, Any]) -> Arrived:
    event = Recorded(
        _int(one["partition"]), int(_str(one["position"])), _str(one["id"]), _str(one["type"]), _str(one["subject"]),
        _int(one["streamversion"]), _str(one["time"]), _str(one["recordedat"]), _str(one["actor"]),
        _str(one["correlationid"]), _str(one["causationid"]), sorted_text(one["data"]), _str(one["hash"]),
    )  # fmt: skip
    source = _str(one["source"]).rsplit("/", 1)[-1]
    return Arrived(source, _str(one["epoch"]), _str(one["previoushash"]), event, one["data"])


def _str(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"{value!r} is not text")
    return value


def _int(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is not an integer")
    return value
