"""Projects the digests' events into rows: digests with the state of their delivery, notified items, decided days."""

import json

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.notifications import DayDecided, DigestDecided
from duties.days import day_of
from services.notifications.digests.domain.items import parse_items
from services.notifications.tables import metadata

digests = Table(
    "digests", metadata,
    Column("recipient", Key, primary_key=True),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("unit_id", Key, nullable=False),
    Column("items", Text, nullable=False),
    Column("decided_at", Text, nullable=False),
    Column("phase", Text, nullable=False),  # waiting | sending | ended
    Column("channel", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("code", Text, nullable=False),  # how it ended (docs/notifications.md), or why the last attempt failed
    Column("detail", Text, nullable=False),
    Column("again_at", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
    Index("digests_phase", "phase", "again_at"),
    Index("digests_day", "day"),
)  # fmt: skip

NOT_DELIVERED = ("given_up", "superseded")
"""Outcomes after which a digest's items count as not sent: the next day's digest includes them again while they are
owed and not older than `catch_up_days`."""

notified_items = Table(
    "notified_items", metadata,
    Column("recipient", Key, primary_key=True),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("item", Key, primary_key=True),
    Index("notified_items_day", "day"),
)  # fmt: skip

decided_days = Table(
    "decided_days", metadata,
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("digests", Integer, nullable=False),
    Column("unknown_years", Text, nullable=False),
    Column("decided_at", Text, nullable=False),
)  # fmt: skip


def put_digest(rows: Rows, event: DigestDecided, recorded: RecordedEvent) -> None:
    rows.put(digests, recipient=event.recipient, day=day_of(event.day), unit_id=event.unit_id,
             items=items_text(event.items), decided_at=recorded.recorded_at, phase="waiting")  # fmt: skip


def put_notified_items(rows: Rows, event: DigestDecided, _: RecordedEvent) -> None:
    for item in parse_items(event.items):
        rows.put(notified_items, recipient=event.recipient, day=day_of(event.day), item=item.identity)


def put_decided_day(rows: Rows, event: DayDecided, recorded: RecordedEvent) -> None:
    rows.put(decided_days, day=day_of(event.day), digests=event.digests, unknown_years=json.dumps(event.unknown_years),
             decided_at=recorded.recorded_at)  # fmt: skip


def items_text(items: tuple[tuple[str, ...], ...]) -> str:
    """The items as text in the column."""
    return canonical([list(item) for item in items])
