"""Reads registered publishers, and who owns a source."""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.intake.quotas import NO_LIMITS, Limits
from chassis.store.prepared_query import PreparedQuery
from chassis.store.schema import publishers
from services.participation.publishers.domain import RECEIPTS, Rights

PUBLISHERS = PreparedQuery(lambda _: sa.select(*_columns()).order_by(publishers.c.name))
"""All registered publishers, a handful, read together with the lock by each transaction of the intake."""


class RegisteredPublisher(NamedTuple):
    """A registered publisher: generation and expiry of its token, whether it has broker queues, its rights."""

    name: str
    generation: int
    amqp: int
    rights: Rights
    expires_at: str = ""
    limits: Limits = NO_LIMITS
    answers: str = RECEIPTS


class RegisteredPublishers:
    """All publishers as of one transaction."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._all = {publisher.name: publisher for publisher in map(_publisher, rows)}

    def __iter__(self) -> Iterator[RegisteredPublisher]:
        return iter(self._all.values())

    def named(self, name: str) -> RegisteredPublisher | None:
        return self._all.get(name)

    def owner_of(self, source: str) -> RegisteredPublisher | None:
        """At most one: no source is given to two."""
        return next((item for item in self._all.values() if item.rights.owns(source)), None)


def read_publishers(connection: Connection) -> RegisteredPublishers:
    return RegisteredPublishers(connection.execute(sa.select(*_columns()).order_by(publishers.c.name)).all())


def _columns() -> list[sa.Column[Any]]:
    c = publishers.c
    return [
        c.name,
        c.generation,
        c.amqp,
        c.expires_at,
        c.rows_a_minute,
        c.bytes_a_minute,
        c.answers,
        c.types,
        c.units,
        c.sources,
        c.unnamed,
    ]


def _publisher(row: Any) -> RegisteredPublisher:
    name, generation, amqp, expires_at, rows, size, answers, *rights = row
    return RegisteredPublisher(name, generation, amqp, _rights(*rights), expires_at, Limits(rows, size), answers)


@lru_cache(maxsize=256)  # the same few texts with every report
def _rights(types: str, units: str, sources: str, unnamed: int) -> Rights:
    return Rights(tuple(json.loads(types)), tuple(json.loads(units)), tuple(json.loads(sources)), bool(unnamed))
