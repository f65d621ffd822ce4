"""The log: a service's own truth, in partitions of contiguous positions, each event chained to the one before."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from chassis.asking import Asking, Question, any_named
from chassis.canonical import link
from chassis.events import REGISTRY, Event
from chassis.store import Store
from chassis.tables import events, heads


class Recorded(NamedTuple):
    """An event as it stands in the log, on the wire and in an inbox.  Instants are text of canonical.instant.

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
        """The event itself, raised to its newest version.  UnknownEvent, BadEvent."""
        return REGISTRY.read(self.type, json.loads(self.data))

    def chained_to(self, previous: str) -> str:
        """The hash that the event must bear when it follows an event with the hash `previous`."""
        return link(previous, self.id, self.type, self.stream, self.version, self.occurred_at, self.recorded_at,
                    self.actor, self.correlation, self.causation, self.data)  # fmt: skip


class Head(NamedTuple):
    """Where a partition ends."""

    partition: int
    position: int
    hash: str
    recorded_at: str


def partition_of(stream: str, partitions: int) -> int:
    """The partition that a stream lives in, for good: fixed at install."""
    return zlib.crc32(stream.encode()) % partitions


def recorded(row: Row[Any] | Sequence[Any]) -> Recorded:
    return Recorded._make(row)


def _locked_heads(postgresql: bool) -> sa.Select[Any]:
    query = sa.select(heads).order_by(heads.c.partition)
    return query.with_for_update() if postgresql else query


LOCK = Question(_locked_heads)
"""Takes the right to append to every partition, in ascending order, until the transaction ends.

The lock is the row that bears the head: order seen is order committed (docs/decisions/0003)."""

LOOK = Question(lambda _: sa.select(heads).order_by(heads.c.partition))
"""Where every partition ends, without a lock."""

STREAMS = Question(lambda pg: (
    sa.select(events).where(any_named(events.c.stream, "names", pg)).order_by(events.c.stream, events.c.version)
), each=Recorded._fields.index("stream"))  # fmt: skip
"""Every event of the streams `names`, each stream in its own order."""


PAGE = Question(lambda _: (
    sa.select(events)
    .where(events.c.partition == sa.bindparam("partition"), events.c.position > sa.bindparam("after"))
    .order_by(events.c.position)
    .limit(sa.bindparam("most", type_=sa.Integer))
))  # fmt: skip
"""At most `most` events past `after`, in order."""


def lock(connection: Connection) -> dict[int, Head]:
    """The heads, locked."""
    return {row[0]: Head(*row) for row in Asking(connection)(LOCK())}


def look(connection: Connection) -> list[Head]:
    """The heads as they stand, without a lock."""
    return [Head(*row) for row in connection.execute(sa.select(heads).order_by(heads.c.partition))]


def append(connection: Connection, store: Store, fresh: Sequence[Recorded], ends: Sequence[Head]) -> None:
    """Write chained events and the heads that they lead to, in one statement each."""
    store.insert(connection, events, fresh)
    mark = "%s" if store.postgresql else "?"
    move = f"UPDATE log_heads SET position = {mark}, hash = {mark}, recorded_at = {mark} WHERE partition = {mark}"
    for end in ends:
        store.send(connection, move, (end.position, end.hash, end.recorded_at, end.partition))


def read(connection: Connection, partition: int, after: int, limit: int) -> list[Recorded]:
    """At most `limit` events past `after`, in order."""
    page = Asking(connection)(PAGE(partition=partition, after=after, most=limit))
    return [recorded(row) for row in page]


def streams(connection: Connection, names: Sequence[str]) -> list[Recorded]:
    """Every event of these streams, each stream in its own order."""
    return [recorded(row) for row in Asking(connection)(STREAMS(names=names))]


@dataclass(frozen=True)
class Walk:
    """What a walk along the chain saw: `broken` is the first position that does not hold, None where all do."""

    checked: int
    position: int
    hash: str
    broken: int | None
    detail: str


def verify(connection: Connection, partition: int, after: int, previous: str, limit: int) -> Walk:
    """Walk at most `limit` events of the chain past `after`, whose event bears the hash `previous`."""
    checked = 0
    for event in read(connection, partition, after, limit):
        if event.position != after + 1:
            return Walk(checked, after, previous, after + 1, f"position {after + 1} is missing")
        if event.chained_to(previous) != event.hash:
            return Walk(checked, after, previous, event.position, "the hash is not that of the bytes before it")
        after, previous, checked = event.position, event.hash, checked + 1
    return Walk(checked, after, previous, None, "")
