"""Compares an inbox with the feed of its source, to find rows that were lost, changed or added outside the service."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events import envelope
from chassis.events.recorded_event import RecordedEvent
from chassis.messaging.inbox import Inbox
from chassis.process.peers import Peers, PeerUnavailable
from chassis.store.database import Store
from chassis.store.schema import inbox, quarantine


class ComparedPart(NamedTuple):
    """The result for one page: `checked` rows compared, up to `position` of the feed; `head` is the cursor; `broken`
    the first position that differs, None if none does."""

    checked: int
    position: int
    head: int
    broken: int | None
    detail: str


class InboxVerification:
    """Compares one service's inbox, a page of a source's feed at a time."""

    def __init__(self, store: Store, inbox: Inbox, peers: Peers) -> None:
        self._store, self._inbox, self._peers = store, inbox, peers

    def compare(self, source: str, partition: int, after: int) -> ComparedPart:
        """Compare the page after position `after`, up to the cursor.  Raises PeerUnavailable."""
        with self._store.reading() as connection:
            head = self._inbox.cursor(connection, source, partition).position
        if after >= head:
            return ComparedPart(0, after, head, None, "")
        try:
            page = envelope.decode_all(self._peers.feed(source, partition, after)["events"])
        except (KeyError, envelope.BadEnvelope) as error:
            raise PeerUnavailable(f"a feed page that cannot be read: {error}") from error
        sent = {item.event.position: item.event for item in page if item.event.position <= head}
        if not sent:
            return ComparedPart(0, after, head, after + 1, f"the feed of {source} ends at {after}")
        until = max(sent)
        with self._store.reading() as connection:
            received = _rows(connection, source, partition, after, until)
            aside = _set_aside(connection, source, partition, after, until)
        wanted = {at: event for at, event in sent.items() if self._inbox.subscribes_to(event.type) and at not in aside}
        broken, detail = _first_difference(sent, wanted, received)
        return ComparedPart(len(wanted), until, head, broken, detail)


def _rows(connection: Connection, source: str, partition: int, after: int, until: int) -> dict[int, RecordedEvent]:
    columns = [inbox.c[name] for name in RecordedEvent._fields]
    between = sa.and_(inbox.c.position > after, inbox.c.position <= until)
    query = sa.select(*columns).where(inbox.c.source == source, inbox.c.partition == partition, between)
    return {row.position: RecordedEvent._make(row) for row in connection.execute(query)}


def _set_aside(connection: Connection, source: str, partition: int, after: int, until: int) -> set[int]:
    """Positions whose events are in quarantine, parked behind such an event, or discarded."""
    held = quarantine.c
    between = sa.and_(held.position > after, held.position <= until, held.state != "retried")
    query = sa.select(held.position).where(held.source == source, held.partition == partition, between)
    return set(connection.execute(query).scalars())


def _first_difference(
    sent: Mapping[int, RecordedEvent], wanted: Mapping[int, RecordedEvent], received: Mapping[int, RecordedEvent]
) -> tuple[int | None, str]:
    for at in sorted(wanted.keys() | received.keys()):
        row, event = received.get(at), sent.get(at)
        if row is None:
            return at, f"inbox_events has no row of {wanted[at].id} ({wanted[at].type})"
        if event is None:
            return at, f"inbox_events has a row {row.id} that the feed does not have"
        if row != event:
            return at, f"inbox_events, row {event.id}: {', '.join(_differing_fields(row, event))} is not as in the feed"
    return None, ""


def _differing_fields(row: RecordedEvent, event: RecordedEvent) -> list[str]:
    pairs: list[tuple[str, Any, Any]] = list(zip(RecordedEvent._fields, row, event, strict=True))
    return [name for name, kept, given in pairs if kept != given]
