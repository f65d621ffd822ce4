"""An event as it is recorded: with its place in a log, its stream, and the hash that chains it to the one before."""

import json
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from chassis.events.canonical_json import chain_hash
from chassis.events.definition import REGISTRY, Event


class RecordedEvent(NamedTuple):
    """An event as it is in the log, on the wire and in an inbox.  Instants are text of canonical.instant.

    The members are the columns of the log, in their order; a tuple, since a frozen dataclass costs four times as much
    to make and would be taken apart again to be written."""

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
        """The event itself, upcast to its newest version.  UnknownEvent, BadEvent."""
        return REGISTRY.read(self.type, json.loads(self.data))

    def chained_to(self, previous: str) -> str:
        """The hash that the event must have when it follows an event with the hash `previous`."""
        return chain_hash(previous, self.id, self.type, self.stream, self.version, self.occurred_at, self.recorded_at,
                    self.actor, self.correlation, self.causation, self.data)  # fmt: skip


def partition_of(stream: str, partitions: int) -> int:
    """The partition of a stream; the number of partitions is fixed at install."""
    return zlib.crc32(stream.encode()) % partitions


def event_from_row(row: Sequence[Any]) -> RecordedEvent:
    return RecordedEvent._make(row)
