"""The log: a service's own truth, in partitions of contiguous positions, each event chained to the one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.recorded_event import RecordedEvent, event_from_row
from chassis.store.database import Store
from chassis.store.prepared_query import PreparedQuery, QueryRunner, any_named
from chassis.store.schema import events, heads


class Head(NamedTuple):
    """Where a partition ends."""

    partition: int
    position: int
    hash: str
    recorded_at: str


def _locked_heads(postgresql: bool) -> sa.Select[Any]:
    query = sa.select(heads).order_by(heads.c.partition)
    return query.with_for_update() if postgresql else query


LOCK_HEADS = PreparedQuery(_locked_heads)
"""Takes the right to append to every partition, in ascending order, until the transaction ends.

The lock is the row that bears the head: order seen is order committed (docs/decisions/0003)."""

READ_STREAMS = PreparedQuery(lambda pg: (
    sa.select(events).where(any_named(events.c.stream, "names", pg)).order_by(events.c.stream, events.c.version)
))  # fmt: skip
"""Every event of the streams `names`, each stream in its own order."""


READ_PAGE = PreparedQuery(lambda _: (
    sa.select(events)
    .where(events.c.partition == sa.bindparam("partition"), events.c.position > sa.bindparam("after"))
    .order_by(events.c.position)
    .limit(sa.bindparam("most", type_=sa.Integer))
))  # fmt: skip
"""At most `most` events past `after`, in order."""


def lock_heads(connection: Connection) -> dict[int, Head]:
    """The heads, locked."""
    return {row[0]: Head(*row) for row in QueryRunner(connection)(LOCK_HEADS())}


def read_heads(connection: Connection) -> list[Head]:
    """The heads as they stand, without a lock."""
    return [Head(*row) for row in connection.execute(sa.select(heads).order_by(heads.c.partition))]


def append(connection: Connection, store: Store, fresh: Sequence[RecordedEvent], ends: Sequence[Head]) -> None:
    """Write chained events and the heads that they lead to, in one statement each."""
    store.insert(connection, events, fresh)
    mark = "%s" if store.postgresql else "?"
    move = f"UPDATE log_heads SET position = {mark}, hash = {mark}, recorded_at = {mark} WHERE partition = {mark}"
    for end in ends:
        store.send(connection, move, (end.position, end.hash, end.recorded_at, end.partition))


def read(connection: Connection, partition: int, after: int, limit: int) -> list[RecordedEvent]:
    """At most `limit` events past `after`, in order."""
    page = QueryRunner(connection)(READ_PAGE(partition=partition, after=after, most=limit))
    return [event_from_row(row) for row in page]


def streams(connection: Connection, names: Sequence[str]) -> list[RecordedEvent]:
    """Every event of these streams, each stream in its own order."""
    return [event_from_row(row) for row in QueryRunner(connection)(READ_STREAMS(names=names))]


@dataclass(frozen=True)
class ChainCheck:
    """What a check along the chain saw: `broken` is the first position that does not hold, None where all do."""

    checked: int
    position: int
    hash: str
    broken: int | None
    detail: str


def verify(connection: Connection, partition: int, after: int, previous: str, limit: int) -> ChainCheck:
    """Walk at most `limit` events of the chain past `after`, whose event bears the hash `previous`."""
    checked = 0
    for event in read(connection, partition, after, limit):
        if event.position != after + 1:
            return ChainCheck(checked, after, previous, after + 1, f"position {after + 1} is missing")
        if event.chained_to(previous) != event.hash:
            return ChainCheck(checked, after, previous, event.position, "the hash is not that of the bytes before it")
        after, previous, checked = event.position, event.hash, checked + 1
    return ChainCheck(checked, after, previous, None, "")
