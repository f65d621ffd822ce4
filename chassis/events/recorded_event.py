"""An event as recorded: with its position in a log, its stream, and the hash that chains it to the event before."""

import json
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from chassis.events.canonical_json import chain_hash
from chassis.events.definition import REGISTRY, Event


class RecordedEvent(NamedTuple):
    """An event as it stands in the log, on the wire and in an inbox.  Instants are text of `canonical_json.instant`;
    `data` is the canonical JSON of the event's fields.

    The members are the columns of the log in their order.  It is a tuple because a frozen dataclass takes four times as
    long to create and would have to be taken apart again to be written."""

    partition: int
    position: int
    id: str
    type: str
    stream: str
    version: int
    occurred_at: str
    recorded_at: str
    actor: str
    correlation: str
    causation: str
    data: str
    hash: str

    def event(self) -> Event:
        """The event itself, upcast to its newest version.  Raises UnknownEvent, BadEvent."""
        return REGISTRY.read(self.type, json.loads(self.data))

    def chained_to(self, previous: str) -> str:
        """The hash that this event must have if it follows an event with the hash `previous`."""
        return chain_hash(previous, self.id, self.type, self.stream, self.version, self.occurred_at, self.recorded_at,
                    self.actor, self.correlation, self.causation, self.data)  # fmt: skip


def partition_of(stream: str, partitions: int) -> int:
    """The partition that a stream belongs to; the number of partitions is fixed at installation."""
    return zlib.crc32(stream.encode()) % partitions


def event_from_row(row: Sequence[Any]) -> RecordedEvent:
    """The event of a row of `log_events`."""
    return RecordedEvent._make(row)
