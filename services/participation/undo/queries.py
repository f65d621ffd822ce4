"""Reads which rows an import touched, their histories, and which other rows depend on them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent, event_from_row
from chassis.store import event_log
from chassis.store.schema import events
from services.participation.corrections.projections import mentions
from services.participation.history.domain import Entry, entries_of
from services.participation.records.projections import records
from services.participation.registry.projections import memberships, posts, units
from services.participation.undo.domain import RowName, row_touched

_ORDER = (events.c.recorded_at, events.c.partition, events.c.position)
Place = tuple[str, int, int]
"""recorded_at, partition and position of an event."""


def rows_touched(
    connection: Connection, correlation: str, before: Place | None, most: int
) -> tuple[list[RowName], Place | None]:
    """The next rows of one table touched by events of this correlation, latest first, before a place (None: the end);
    and the next place, None: there are no others."""
    query = sa.select(events).where(events.c.correlation == correlation)
    if before is not None:
        query = query.where(sa.tuple_(*_ORDER) < sa.tuple_(*map(sa.literal, before)))
    names: dict[RowName, None] = {}
    last: Place | None = None
    for stored in connection.execute(query.order_by(*(column.desc() for column in _ORDER)).limit(most)):
        name = row_touched(event_from_row(stored).event())
        if name is not None and names and next(iter(names)).table != name.table:
            break
        last = (stored.recorded_at, stored.partition, stored.position)
        if name is not None:
            names[name] = None
    return list(names), last


def histories(connection: Connection, names: Sequence[RowName]) -> dict[RowName, list[Entry]]:
    """The history of each of these rows, oldest first."""
    by_stream: dict[str, list[tuple[Event, RecordedEvent]]] = {name.stream: [] for name in names}
    for each in event_log.streams(connection, sorted(by_stream)):
        by_stream[each.stream].append((each.event(), each))
    return {name: entries_of(name.table, name.row, by_stream[name.stream]) for name in names}


def built_on(connection: Connection, rows: Sequence[RowName]) -> set[RowName]:
    """Those of these rows of one table that others depend on: for a unit memberships, posts, records, exemptions,
    findings, sheets, decisions and units that refer to it; for a membership the person's records of its days, and
    everything that refers to a person who serves nowhere else."""
    match rows[0].table:
        case "units":
            used = _units_in_use(connection, sorted(row.ids[0] for row in rows))
            return {row for row in rows if row.ids[0] in used}
        case "people":
            return {row for row in rows if _membership_in_use(connection, *row.ids)}
    return set()


def _units_in_use(connection: Connection, wanted: Sequence[str]) -> set[str]:
    c = units.c
    queries = [
        sa.select(memberships.c.unit_id).where(memberships.c.unit_id.in_(wanted), memberships.c.voided == 0),
        sa.select(posts.c.unit_id).where(posts.c.unit_id.in_(wanted), posts.c.voided == 0),
        sa.select(records.c.unit_id).where(records.c.unit_id.in_(wanted), records.c.withdrawn_at == ""),
        *(sa.select(column).where(column.in_(wanted)) for column in (mentions.c.unit_id, mentions.c.assessor_id)),
        *(sa.select(column).where(column.in_(wanted), c.voided == 0, c.unit_id.not_in(wanted))
          for column in (c.zone_id, c.community_id, c.liaison_id)),
    ]  # fmt: skip
    return {unit_id for query in queries for (unit_id,) in connection.execute(query.distinct())}


def _membership_in_use(connection: Connection, person_id: str, unit_id: str, since: str) -> bool:
    m, r = memberships.c, records.c
    own = connection.execute(sa.select(m.until).where(m.person_id == person_id, m.unit_id == unit_id, m.since == since))
    until = own.scalar_one_or_none() or "9999-12-31"
    used = sa.select(r.record_id).where(r.person_id == person_id, r.withdrawn_at == "", r.day >= since, r.day < until)
    if connection.execute(used.limit(1)).first():
        return True
    others = sa.select(m.since).where(m.person_id == person_id, m.voided == 0, sa.not_(
        sa.and_(m.unit_id == unit_id, m.since == since)))  # fmt: skip
    if connection.execute(others.limit(1)).first() is not None:
        return False
    held = sa.select(posts.c.post).where(posts.c.person_id == person_id, posts.c.voided == 0)
    named = sa.select(mentions.c.stream).where(mentions.c.person_id == person_id)
    return any(connection.execute(query.limit(1)).first() is not None for query in (held, named))
