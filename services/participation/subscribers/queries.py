"""Reads subscriptions, and for a subscription the log as public events, page by page."""

import json
import re
from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.canonical_json import instant, moment
from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.store import event_log, subject_keys
from chassis.store.schema import events
from contracts.participation import PersonErased
from services.participation.subscribers.domain.facts import PUBLIC, WITH_EARLIER, Fact, facts_of, shown_data
from services.participation.subscribers.domain.subscription import Subscription
from services.participation.subscribers.projections import subscriptions

SCANNED = 1000
"""The most events of the log that are examined for one page."""
MARK = 12
START, END = "start", "end"
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(Z|[+-][0-9]{2}:[0-9]{2})")
_PLACE = re.compile(r"(0)\.|([1-9][0-9]{0,17})\.([0-9a-f]{12})")
_READ = frozenset(cls.wire.rpartition(".v")[0] for cls in PUBLIC)


class BadCursor(ValueError):
    """The text is not a cursor of this log."""


class LostCursor(LookupError):
    """The log does not contain the event of the cursor: it was restored from an older backup."""


class Place(NamedTuple):
    """A reader's place in a partition: after the event at `position`, whose hash begins so."""

    position: int = 0
    mark: str = ""


class PublicEvent(NamedTuple):
    """What is sent, and the cursor after it."""

    recorded: RecordedEvent
    fact: Fact
    data: dict[str, Any]
    cursor: str


class PublicPage(NamedTuple):
    """`cursor`: after everything examined; `more`: the log continues."""

    events: list[PublicEvent]
    cursor: str
    more: bool


def all_subscriptions(connection: Connection) -> list[Subscription]:
    """Those that are not revoked, by name."""
    table = subscriptions
    rows = connection.execute(sa.select(table).where(table.c.revoked == 0).order_by(table.c.name))
    return [_subscription(row) for row in rows]


def subscription_named(connection: Connection, name: str) -> Subscription | None:
    """None if there is none, or it was revoked."""
    table = subscriptions
    row = connection.execute(sa.select(table).where(table.c.name == name, table.c.revoked == 0)).first()
    return _subscription(row) if row else None


def _subscription(row: Any) -> Subscription:
    return Subscription(row.name, tuple(json.loads(row.types)), tuple(json.loads(row.units)), bool(row.personal),
                        row.salt, row.token_number, row.expires_at)  # fmt: skip


def end_of_log(connection: Connection) -> str:
    """The cursor for reading only future events."""
    heads = event_log.read_heads(connection)
    return _text([Place(head.position, head.hash[:MARK]) for head in heads])


def cursor_from(connection: Connection, start: str, now: str) -> str:
    """The first cursor: from `start` (or ''), `end`, an instant (what was recorded since) or a cursor.  Raises
    BadCursor, LostCursor."""
    if start in ("", START):
        return ""
    if start == END:
        return end_of_log(connection)
    if not _INSTANT.fullmatch(start):
        _places(connection, start)
        return start
    try:
        since = instant(moment(start))
    except ValueError:
        raise BadCursor(start) from None
    return _text([_place_at(connection, head.partition, min(since, now)) for head in event_log.read_heads(connection)])


def _place_at(connection: Connection, partition: int, since: str) -> Place:
    """Before the first event recorded at or after that instant."""
    columns = events.c
    last = sa.select(sa.func.max(columns.position)).where(columns.partition == partition, columns.recorded_at < since)
    position = connection.execute(last).scalar() or 0
    at = event_log.read(connection, partition, position - 1, 1) if position else []
    return Place(at[0].position, at[0].hash[:MARK]) if at else Place()


def events_behind(connection: Connection, cursor: str) -> int:
    """The number of events of the log after a cursor, whoever may read them."""
    heads = {head.partition: head.position for head in event_log.read_heads(connection)}
    passed = _positions(cursor) or [0] * len(heads)
    return sum(max(0, heads[number] - position) for number, position in enumerate(passed) if number in heads)


def waiting_since(connection: Connection, cursor: str) -> str:
    """When the oldest event after a cursor was recorded, whoever may read it; '' if there is none."""
    heads = event_log.read_heads(connection)
    passed = _positions(cursor) or [0] * len(heads)
    behind = [(number, at) for number, at in enumerate(passed) if number < len(heads) and at < heads[number].position]
    nexts = [each for number, at in behind for each in event_log.read(connection, number, at, 1)]
    return min((each.recorded_at for each in nexts), default="")


def _positions(cursor: str) -> list[int]:
    return [int(part.partition(".")[0]) for part in cursor.split("-")] if cursor else []


def public_page(connection: Connection, subscription: Subscription, after: str, limit: int) -> PublicPage:
    """What the subscription reads after a cursor ('': from the first event), in the order of the log.  Raises
    BadCursor, LostCursor."""
    places = _places(connection, after)
    pages = [event_log.read(connection, number, place.position, SCANNED) for number, place in enumerate(places)]
    ordered = list(islice(merge(*pages, key=_order), SCANNED))
    known = _PageFacts(connection, [each for each in ordered if each.type.rpartition(".v")[0] in _READ])
    shown_events: list[PublicEvent] = []
    scanned = 0
    for recorded in ordered:
        scanned += 1
        places[recorded.partition] = Place(recorded.position, recorded.hash[:MARK])
        if (shown := known.shown(recorded, subscription)) is not None:
            shown_events.append(PublicEvent(recorded, *shown, _text(places)))
        if len(shown_events) == limit:
            break
    return PublicPage(
        shown_events, _text(places), scanned < sum(map(len, pages)) or any(len(p) == SCANNED for p in pages)
    )


def _order(recorded: RecordedEvent) -> tuple[str, int, int]:
    """The order of commits: every writer locks all partitions (docs/decisions/0003)."""
    return recorded.recorded_at, recorded.partition, recorded.position


class _PageFacts:
    """What the facts of a page need besides their events, read with few queries."""

    def __init__(self, connection: Connection, page: Sequence[RecordedEvent]) -> None:
        self._events = {each.id: each.event() for each in page}
        wanted = {each.stream for each in page if isinstance(self._events[each.id], WITH_EARLIER)}
        self._streams = _by_stream(event_log.streams(connection, sorted(wanted)))
        self._facts = {each.id: facts_of(self._events[each.id], self._earlier(each)) for each in page}
        people = sorted({fact.person_id for facts in self._facts.values() for fact in facts if fact.person_id})
        self._keys = subject_keys.existing_keys(connection, people)
        self._erased = _erasures(event_log.streams(connection, [f"person-{person_id}" for person_id in people]))

    def shown(self, recorded: RecordedEvent, subscription: Subscription) -> tuple[Fact, dict[str, Any]] | None:
        """The first of its facts that the subscription may read."""
        for fact in self._facts.get(recorded.id, ()):
            data = shown_data(fact, subscription, self._key(fact.person_id, recorded))
            if data is not None:
                return fact, data
        return None

    def _earlier(self, recorded: RecordedEvent) -> list[Event]:
        stream = self._streams.get(recorded.stream, ())
        return [each.event() for each in stream if each.version < recorded.version]

    def _key(self, person_id: str, recorded: RecordedEvent) -> bytes | None:
        """None also for events before an erasure, even if the person was registered again with a new key."""
        if recorded.recorded_at <= self._erased.get(person_id, ""):
            return None
        return self._keys.get(person_id)


def _by_stream(events: Iterable[RecordedEvent]) -> dict[str, list[RecordedEvent]]:
    result: dict[str, list[RecordedEvent]] = {}
    for each in events:
        result.setdefault(each.stream, []).append(each)
    return result


def _erasures(events: Iterable[RecordedEvent]) -> dict[str, str]:
    """By person the instant of the last erasure."""
    return {each.stream.removeprefix("person-"): each.recorded_at for each in events if each.type == PersonErased.wire}


def _text(places: Sequence[Place]) -> str:
    return "-".join(f"{place.position}.{place.mark}" for place in places)


def _places(connection: Connection, after: str) -> list[Place]:
    count = len(event_log.read_heads(connection))
    if not after:
        return [Place()] * count
    matches = [_PLACE.fullmatch(part) for part in after.split("-")]
    if len(matches) != count or not all(matches):
        raise BadCursor(after)
    places = [Place(int(match[2] or 0), match[3] or "") for match in matches if match]
    for number, place in enumerate(places):
        if place.position:
            at = event_log.read(connection, number, place.position - 1, 1)
            if not at or at[0].position != place.position or at[0].hash[:MARK] != place.mark:
                raise LostCursor(after)
    return places
