"""The event log of a service: partitions with contiguous positions, each event chained by hash to the one before."""

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
    """The end of a partition: position, hash and recorded_at of its last event (0 and empty texts: no event yet)."""

    partition: int
    position: int
    hash: str
    recorded_at: str


def _locked_heads(postgresql: bool) -> sa.Select[Any]:
    query = sa.select(heads).order_by(heads.c.partition)
    return query.with_for_update() if postgresql else query


LOCK_HEADS = PreparedQuery(_locked_heads)
"""Locks all partitions for appending, in ascending order, until the transaction ends.

Locking the row of the head makes the order of positions the order of commits (docs/decisions/0003)."""

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
    """The heads by partition, locked until the transaction ends."""
    return {row[0]: Head(*row) for row in QueryRunner(connection)(LOCK_HEADS())}


def read_heads(connection: Connection) -> list[Head]:
    """The heads, without a lock."""
    return [Head(*row) for row in connection.execute(sa.select(heads).order_by(heads.c.partition))]


def append(connection: Connection, store: Store, fresh: Sequence[RecordedEvent], ends: Sequence[Head]) -> None:
    """Write events that are chained already, in one statement, and the new heads of their partitions."""
    store.insert(connection, events, fresh)
    mark = "%s" if store.postgresql else "?"
    move = f"UPDATE log_heads SET position = {mark}, hash = {mark}, recorded_at = {mark} WHERE partition = {mark}"
    for end in ends:
        store.send(connection, move, (end.position, end.hash, end.recorded_at, end.partition))


def read(connection: Connection, partition: int, after: int, limit: int) -> list[RecordedEvent]:
    """At most `limit` events of a partition past position `after`, in order."""
    page = QueryRunner(connection)(READ_PAGE(partition=partition, after=after, most=limit))
    return [event_from_row(row) for row in page]


def streams(connection: Connection, names: Sequence[str]) -> list[RecordedEvent]:
    """Every event of these streams, each stream in its own order."""
    return [event_from_row(row) for row in QueryRunner(connection)(READ_STREAMS(names=names))]


@dataclass(frozen=True)
class ChainCheck:
    """Result of checking a stretch of the hash chain.

    `checked`: number of correct events; `position`, `hash`: of the last of them; `broken`: the first incorrect
    position, None where all are correct; `detail` says what is wrong with it."""

    checked: int
    position: int
    hash: str
    broken: int | None
    detail: str


def verify(connection: Connection, partition: int, after: int, previous: str, limit: int) -> ChainCheck:
    """Check the hash chain over at most `limit` events past position `after`, whose event has the hash `previous`."""
    checked = 0
    for event in read(connection, partition, after, limit):
        if event.position != after + 1:
            return ChainCheck(checked, after, previous, after + 1, f"position {after + 1} is missing")
        if event.chained_to(previous) != event.hash:
            return ChainCheck(checked, after, previous, event.position, "the hash is not that of the bytes before it")
        after, previous, checked = event.position, event.hash, checked + 1
    return ChainCheck(checked, after, previous, None, "")
