"""Reads which publisher owns a source, and how a publisher is registered."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from chassis.store.prepared_query import BoundQuery, PreparedQuery, any_named
from chassis.store.schema import intake_sources, publishers
from chassis.store.unit_of_work import UnitOfWork

_OWNERS = PreparedQuery(lambda pg: sa.select(intake_sources).where(any_named(intake_sources.c.source, "sources", pg)))
_PUBLISHER = PreparedQuery(
    lambda _: sa.select(publishers.c.generation, publishers.c.amqp).where(publishers.c.name == sa.bindparam("name"))
)


class RegisteredPublisher(NamedTuple):
    """A publisher as registered: its token's generation, and whether it has a queue on the broker for receipts."""

    generation: int
    amqp: int


def prefetch_queries(sources: Sequence[str], publisher: str) -> list[BoundQuery]:
    """What the functions below ask, to be sent together with the lock."""
    return [_OWNERS(sources=sources), *([_PUBLISHER(name=publisher)] if publisher else [])]


def registered_publisher(unit_of_work: UnitOfWork, name: str) -> RegisteredPublisher | None:
    if not name:
        return None
    return next((RegisteredPublisher(*row) for row in unit_of_work.query(_PUBLISHER(name=name))), None)


def known_owners(unit_of_work: UnitOfWork, sources: Sequence[str]) -> dict[str, str]:
    """The owner of each source that has one; nobody comes to own one by it."""
    return dict(tuple(row) for row in unit_of_work.query(_OWNERS(sources=sources))) if sources else {}


def owners_of_sources(unit_of_work: UnitOfWork, sources: Sequence[str], publisher: str) -> dict[str, str]:
    """The owner of each source that has one.  A registered publisher comes to own a source by using it first."""
    owners = known_owners(unit_of_work, sources)
    if registered_publisher(unit_of_work, publisher):
        unowned = [source for source in sources if source not in owners]
        unit_of_work.store.insert(unit_of_work.connection, intake_sources, [[source, publisher] for source in unowned])
        owners |= dict.fromkeys(unowned, publisher)
    return owners
