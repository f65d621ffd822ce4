"""Own events -> rows: the calendar, contacts, digests with how far they are sent, and what was told already."""

import json

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts import notifications
from duties.days import day_of
from services.notifications.domain.items import parse_items
from services.notifications.projections import metadata, projects

calendar_years = Table(
    "calendar_years", metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("days", Text, nullable=False),
)  # fmt: skip

calendar_days = Table(
    "calendar_days", metadata,
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
)  # fmt: skip

contacts = Table(
    "contacts", metadata,
    Column("recipient", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("robot", Text, nullable=False),
    Column("gone", Integer, nullable=False),
)  # fmt: skip

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
    Column("code", Text, nullable=False),  # made | box_only | given_up | met, or why the last attempt failed
    Column("detail", Text, nullable=False),
    Column("again_at", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
    Index("digests_phase", "phase", "again_at"),
    Index("digests_day", "day"),
)  # fmt: skip

told = Table(
    "told", metadata,
    Column("recipient", Key, primary_key=True),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("item", Key, primary_key=True),
    Index("told_day", "day"),
)  # fmt: skip

decided_days = Table(
    "decided_days", metadata,
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("digests", Integer, nullable=False),
    Column("unknown_years", Text, nullable=False),
    Column("at", Text, nullable=False),
)  # fmt: skip


@projects(notifications.CalendarImported)
def calendar_year(rows: Rows, event: notifications.CalendarImported, _: RecordedEvent) -> None:
    days = canonical([list(day) for day in event.days])
    rows.put(calendar_years, year=event.year, origin=event.origin, days=days)


@projects(notifications.CalendarDaySet)
def calendar_day(rows: Rows, event: notifications.CalendarDaySet, _: RecordedEvent) -> None:
    rows.put(calendar_days, day=day_of(event.day), kind=event.kind, name=event.name)


@projects(notifications.ContactRegistered)
def contact(rows: Rows, event: notifications.ContactRegistered, _: RecordedEvent) -> None:
    rows.put(contacts, recipient=event.recipient, name=event.name, email=event.email, robot=event.robot, gone=0)


@projects(notifications.ContactRemoved)
def no_contact(rows: Rows, event: notifications.ContactRemoved, _: RecordedEvent) -> None:
    rows.put(contacts, recipient=event.recipient, name="", email="", robot="", gone=1)


@projects(notifications.DigestDecided)
def digest(rows: Rows, event: notifications.DigestDecided, about: RecordedEvent) -> None:
    day = day_of(event.day)
    rows.put(digests, recipient=event.recipient, day=day, unit_id=event.unit_id, items=_text(event.items),
             decided_at=about.recorded_at, phase="waiting")  # fmt: skip
    for item in parse_items(event.items):
        rows.put(told, recipient=event.recipient, day=day, item=item.key)


@projects(notifications.DeliveryStarted)
def start(rows: Rows, event: notifications.DeliveryStarted, _: RecordedEvent) -> None:
    changed = {"items": _text(event.told)} if event.told else {}
    _amend(rows, event.recipient, event.day, phase="sending", channel=event.channel, attempt=event.attempt, **changed)


@projects(notifications.DeliverySucceeded)
def made(rows: Rows, event: notifications.DeliverySucceeded, about: RecordedEvent) -> None:
    _amend(rows, event.recipient, event.day, phase="ended", code="made", again_at="", ended_at=about.recorded_at)


@projects(notifications.DeliveryFailed)
def failure(rows: Rows, event: notifications.DeliveryFailed, _: RecordedEvent) -> None:
    _amend(rows, event.recipient, event.day, phase="waiting", code=event.code, detail=event.detail,
           again_at=event.again_at)  # fmt: skip


@projects(notifications.DeliveryEnded)
def end(rows: Rows, event: notifications.DeliveryEnded, about: RecordedEvent) -> None:
    _amend(rows, event.recipient, event.day, phase="ended", code=event.code, again_at="", ended_at=about.recorded_at)


@projects(notifications.DayDecided)
def decided_day(rows: Rows, event: notifications.DayDecided, about: RecordedEvent) -> None:
    rows.put(decided_days, day=day_of(event.day), digests=event.digests, unknown_years=json.dumps(event.unknown_years),
             at=about.recorded_at)  # fmt: skip


def _amend(rows: Rows, recipient: str, day: str, **values: object) -> None:
    rows.amend(digests, {"recipient": recipient, "day": day_of(day)}, **values)


def _text(items: tuple[tuple[str, ...], ...]) -> str:
    return canonical([list(item) for item in items])
