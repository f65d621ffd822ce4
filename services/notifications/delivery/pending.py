"""Selects the digests to send now."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from duties.days import Day
from services.notifications.contacts.domain import Contact
from services.notifications.contacts.queries import contacts_of
from services.notifications.delivery.holds import is_held
from services.notifications.digests.domain.items import DigestItem, parse_items
from services.notifications.digests.projections import digests
from services.notifications.preferences.domain import NONE, Preferences
from services.notifications.preferences.queries import preferences_of, wants_it_later

PAGE = 200
Place = tuple[str, Day]
"""Recipient and day after which the next page begins."""
START: Place = ("", 0)


class PendingDigest(NamedTuple):
    """A digest to send now.  `started_by`: the channel of an attempt without an outcome; empty if there is none."""

    recipient: str
    day: Day
    unit_id: str
    attempt: int
    started_by: str
    contact: Contact
    items: list[DigestItem]
    preferences: Preferences = NONE

    @property
    def letter_is_muted(self) -> bool:
        """Whether the recipient muted all of it, so that it is in the inbox only."""
        return self.preferences.mutes({item.stage for item in self.items})


class DueCondition(NamedTuple):
    """The condition for sending now: the next attempt is due at this instant (UTC), and the recipient's chosen hour is
    not after this minute of the campaign's day."""

    now: str
    minute: int


def has_pending(connection: Connection, now: str, minute: int) -> bool:
    return bool(_rows(connection, DueCondition(now, minute), START, 1))


def pending_page(connection: Connection, store: Store, due: DueCondition, after: Place) -> list[PendingDigest]:
    """The next page of digests, ordered by recipient."""
    return _with_contacts(connection, store, _rows(connection, due, after, PAGE))


def least_tried(connection: Connection, store: Store, due: DueCondition) -> list[PendingDigest]:
    """Digests with the fewest attempts, to probe a channel: a single one might be what the channel rejects."""
    return _with_contacts(connection, store, _rows(connection, due, START, PAGE, fewest_attempts_first=True))


def pending_of(
    connection: Connection, store: Store, due: DueCondition, day: Day, recipients: Sequence[str]
) -> list[PendingDigest]:
    """The day's digests of these recipients that are to be sent now."""
    digest = digests.c
    query = _pending_query(due).where(digest.day == day, digest.recipient.in_(recipients)).order_by(digest.recipient)
    return _with_contacts(connection, store, connection.execute(query).all())


def _with_contacts(connection: Connection, store: Store, rows: Sequence[Any]) -> list[PendingDigest]:
    recipients = [row.recipient for row in rows]
    contacts, chosen = contacts_of(connection, store, recipients), preferences_of(connection, store, recipients)
    return [PendingDigest(row.recipient, row.day, row.unit_id, row.attempt,
                          row.channel if row.phase == "sending" else "",
                          contacts.get(row.recipient, Contact(row.recipient)), parse_items(json.loads(row.items)),
                          chosen.get(row.recipient, NONE))
            for row in rows]  # fmt: skip


def pending_before(connection: Connection, day: Day, after: Place) -> list[Place]:
    """A page of pending digests of earlier days, without those being sent."""
    digest = digests.c
    query = sa.select(digest.recipient, digest.day).where(digest.phase == "waiting", digest.day < day)
    query = query.where(_after_place(after)).order_by(digest.recipient, digest.day).limit(PAGE)
    return [(row.recipient, row.day) for row in connection.execute(query)]


def _pending_query(due_now: DueCondition) -> sa.Select[Any]:
    digest = digests.c
    columns = [digest[name] for name in ("recipient", "day", "unit_id", "attempt", "phase", "channel", "items")]
    due = digest.phase.in_(["waiting", "sending"]), digest.again_at <= due_now.now
    later = wants_it_later(digest.recipient, due_now.minute)
    return sa.select(*columns).where(*due, ~is_held(digest.recipient), ~later)


def _rows(
    connection: Connection, due: DueCondition, after: Place, limit: int, fewest_attempts_first: bool = False
) -> Sequence[Any]:
    order = [digests.c.attempt] if fewest_attempts_first else []
    query = (
        _pending_query(due).where(_after_place(after)).order_by(*order, digests.c.recipient, digests.c.day).limit(limit)
    )
    return connection.execute(query).all()


def _after_place(place: Place) -> sa.ColumnElement[bool]:
    digest = digests.c
    return sa.or_(digest.recipient > place[0], sa.and_(digest.recipient == place[0], digest.day > place[1]))
