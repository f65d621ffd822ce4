"""The wire format of a service's events: batches of CloudEvents 1.0 in JSON, with the same data bytes as in the log."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from chassis.events.canonical_json import sorted_text
from chassis.events.definition import REGISTRY, Event
from chassis.events.recorded_event import RecordedEvent

BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
MAX_EVENTS = 200
MAX_BYTES = 512 * 1024

_text = json.JSONEncoder(ensure_ascii=False).encode


class BadEnvelope(ValueError):
    """The bytes are not a batch of events as services write them."""


class Envelope(NamedTuple):
    """One event as received: the service and epoch it comes from, the hash of the event before it, its parsed data."""

    source: str
    epoch: str
    previous: str
    event: RecordedEvent
    data: dict[str, Any]

    def decode(self) -> Event:
        """The event itself, upcast to its newest version.  Raises UnknownEvent, BadEvent."""
        return REGISTRY.read(self.event.type, self.data)


def encode_one(district: str, service: str, epoch: str, previous: str, event: RecordedEvent) -> str:
    """One event as the JSON text of a CloudEvent.  `previous`: the hash of the event before it."""
    return (
        f'{{"specversion":"1.0","id":{_text(event.id)},"source":{_text(f"/qihang/{district}/{service}")},'
        f'"type":{_text(event.type)},"subject":{_text(event.stream)},"time":"{event.occurred_at}",'
        f'"datacontenttype":"application/json","partition":{event.partition},"position":"{event.position}",'
        f'"streamversion":{event.version},"epoch":"{epoch}","recordedat":"{event.recorded_at}",'
        f'"actor":{_text(event.actor)},"correlationid":{_text(event.correlation)},'
        f'"causationid":{_text(event.causation)},"hash":"{event.hash}","previoushash":"{previous}",'
        f'"data":{event.data}}}'
    )


def encode(district: str, service: str, previous: str, events: Iterable[RecordedEvent]) -> list[str]:
    """The events of one partition as CloudEvents texts, in order; `previous` is the hash before the first."""
    texts = []
    for event in events:
        texts.append(encode_one(district, service, event.id.split("-", 1)[0], previous, event))
        previous = event.hash
    return texts


def bodies(texts: Sequence[str]) -> list[tuple[int, bytes]]:
    """Pack CloudEvents texts into message bodies of at most MAX_EVENTS events and about MAX_BYTES bytes; returns
    (number of events, body) of each."""
    result: list[tuple[int, bytes]] = []
    pending: list[str] = []
    size = 0
    for text in texts:
        if pending and (len(pending) >= MAX_EVENTS or size + len(text) * 3 > MAX_BYTES):
            result.append((len(pending), _body(pending)))
            pending, size = [], 0
        pending.append(text)
        size += len(text)
    if pending:
        result.append((len(pending), _body(pending)))
    return result


def _body(texts: Sequence[str]) -> bytes:
    return ("[" + ",".join(texts) + "]").encode()


def decode(body: bytes | str) -> list[Envelope]:
    """The events in a message body: a batch, or one event by itself, as quarantine keeps it.  Raises BadEnvelope."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadEnvelope(f"not JSON: {error}") from error
    return decode_all(document if isinstance(document, list) else [document])


def decode_all(result: Sequence[Any]) -> list[Envelope]:
    """The events of a batch or feed page that is already parsed.  Raises BadEnvelope."""
    try:
        return [_envelope(item) for item in result]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BadEnvelope(f"not an event of a service: {type(error).__name__} {error}") from error


def _envelope(item: dict[str, Any]) -> Envelope:
    event = RecordedEvent(
        _int(item["partition"]),
        int(_str(item["position"])),
        _str(item["id"]),
        _str(item["type"]),
        _str(item["subject"]),
        _int(item["streamversion"]),
        _str(item["time"]),
        _str(item["recordedat"]),
        _str(item["actor"]),
        _str(item["correlationid"]),
        _str(item["causationid"]),
        sorted_text(item["data"]),
        _str(item["hash"]),
    )
    source = _str(item["source"]).rsplit("/", 1)[-1]
    return Envelope(source, _str(item["epoch"]), _str(item["previoushash"]), event, item["data"])


def _str(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"{value!r} is not text")
    return value


def _int(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is not an integer")
    return value
