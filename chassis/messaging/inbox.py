"""The inbox: applies other services' events exactly once and in order, in the transaction of their projections."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from chassis.events import envelope
from chassis.events.definition import REGISTRY, BadEvent, Event, UnknownEvent
from chassis.events.envelope import Envelope
from chassis.events.recorded_event import RecordedEvent
from chassis.messaging import quarantine
from chassis.messaging.quarantine import Entry
from chassis.messaging.reactions import Reactions
from chassis.store.database import Store, is_transient
from chassis.store.projections import Projections, Rows
from chassis.store.schema import cursors, inbox
from chassis.store.unit_of_work import HANDLER_ERRORS, CommandContext, UnitOfWork, UnitsOfWork

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Cursor:
    """The progress in one partition of a source: every event up to `position` is applied, parked, quarantined or not
    subscribed to.  `hash`: of the event at that position; `stopped`: why no more is applied, '' while it is."""

    source: str
    partition: int
    epoch: str
    position: int
    hash: str
    recorded_at: str
    stopped: str


class Inbox:
    """Receives other services' events: stores them, projects them and runs the service's reactions."""

    def __init__(
        self, store: Store, service: str, district: str, projections: Projections, reactions: Reactions,
        units_of_work: UnitsOfWork, now: Callable[[], str],
    ) -> None:  # fmt: skip
        self._store, self._service, self._district = store, service, district
        self._projections, self._reactions = projections, reactions
        self._units_of_work, self._now = units_of_work, now
        subscribed = {cls for cls in projections.subscribed | reactions.subscribed if _source(cls) != service}
        self._subscribed_names = {_name(cls.wire) for cls in subscribed}
        self._reaction_names = {_name(cls.wire) for cls in reactions.subscribed}
        self.sources = sorted({_source(cls) for cls in subscribed} - {"operations"})

    def subscribes_to(self, wire: str) -> bool:
        """Whether the service subscribes to that event type, in any version."""
        return _name(wire) in self._subscribed_names

    def receive(self, bodies: Sequence[bytes]) -> bool:
        """Apply messages; one that cannot be decoded is quarantined.  Returns False if events before them are missing:
        the caller then requests a catch-up."""
        envelopes: list[Envelope] = []
        for body in bodies:
            try:
                envelopes.extend(envelope.decode(body))
            except envelope.BadEnvelope as error:
                self._quarantine([Entry("inbox", "bad_wire", body, detail=str(error))])
        envelopes.sort(key=_order)
        complete = True
        for (source, partition), group in groupby(envelopes, key=lambda item: (item.source, item.event.partition)):
            if source in self.sources and 0 <= partition < self._store.partitions:
                complete &= self.advance(source, partition, list(group))
        return complete

    def advance(self, source: str, partition: int, envelopes: Sequence[Envelope], from_feed: bool = False) -> bool:
        """Apply the envelopes that follow the cursor; those received before are skipped.  Returns False if there is a
        gap before the rest.

        An envelope that contradicts what was received before is ignored if it came as a message; if it came from the
        source's own feed, the partition is stopped."""
        try:
            return self._advance(source, partition, envelopes, from_feed)
        except HANDLER_ERRORS as error:
            if is_transient(error):
                raise
            _log.warning("batch failed, its events are applied singly", source=source, error=repr(error))
        complete = True
        for received in envelopes:
            complete &= self._advance_single(source, partition, received, from_feed)
        return complete

    def _advance(self, source: str, partition: int, envelopes: Sequence[Envelope], from_feed: bool) -> bool:
        with self._store.writing() as connection:
            cursor = self.cursor(connection, source, partition, for_update=True)
            if cursor.stopped:
                return True
            run, broken = _next_in_order(cursor, envelopes)
            if broken:
                _log.error(
                    "an event contradicts what was received before", source=source, detail=broken, from_feed=from_feed
                )
                if from_feed:
                    self._stop(connection, cursor, broken)
                return from_feed
            complete = not run or run[-1] is envelopes[-1]
            if not run:
                return all(item.event.position <= cursor.position for item in envelopes)
            work = self._apply(connection, cursor, run)
        if work is not None:
            work.committed()
        return complete

    def _advance_single(self, source: str, partition: int, received: Envelope, from_feed: bool) -> bool:
        try:
            return self._advance(source, partition, [received], from_feed)
        except HANDLER_ERRORS as error:
            if is_transient(error):
                raise
            code = "bad_event" if isinstance(error, (BadEvent, UnknownEvent)) else "handler_failed"
            entry = self._entry(source, received, code, str(error), quarantine.trace_of(error))
        with self._store.writing() as connection:
            cursor = self.cursor(connection, source, partition, for_update=True)
            if received.event.position == cursor.position + 1:
                quarantine.add(connection, self._now(), [entry])
                self._move_cursor(connection, cursor, received)
        _log.error("event quarantined", source=source, position=received.event.position, code=entry.code)
        return True

    def _apply(self, connection: Connection, cursor: Cursor, run: Sequence[Envelope]) -> UnitOfWork | None:
        wanted = [item for item in run if _name(item.event.type) in self._subscribed_names]
        wanted, aside = self._split(connection, cursor.source, wanted)
        batch: list[tuple[Event, RecordedEvent]] = [(item.decode(), item.event) for item in wanted]
        work = None
        if any(_name(recorded.type) in self._reaction_names for _, recorded in batch):
            context = CommandContext(f"service:{self._service}", batch[0][1].correlation)
            work = self._units_of_work.within(connection, context)
        self.apply_events(connection, cursor.source, batch, work)
        if work is not None:
            work.flush()
        if aside:
            quarantine.add(connection, self._now(), aside)
        self._move_cursor(connection, cursor, run[-1])
        return work

    def apply_events(
        self, connection: Connection, source: str, batch: list[tuple[Event, RecordedEvent]], work: UnitOfWork | None
    ) -> None:
        """Store and project events and, given a unit of work, run the reactions, in the caller's transaction."""
        self._store.insert(connection, inbox, [inbox_row(source, recorded) for _, recorded in batch])
        rows = Rows(self._store, connection)
        self._projections.apply(rows, batch)
        rows.flush()
        if work is not None:
            self._reactions.run(work, batch)

    def _split(self, connection: Connection, source: str, wanted: list[Envelope]) -> tuple[list[Envelope], list[Entry]]:
        """Returns the envelopes that can be applied, and entries for the quarantine: unknown versions, and events that
        follow a quarantined one of their stream."""
        blocked = set()
        if wanted:
            streams = sorted({item.event.stream for item in wanted})
            blocked = quarantine.blocked_streams(connection, self._store, source, streams)
        through, aside = [], []
        for received in wanted:
            if received.event.stream in blocked:
                aside.append(self._entry(source, received, "behind", "an earlier event of its stream is in quarantine",
                                         state="parked"))  # fmt: skip
            elif received.event.type not in REGISTRY.classes:
                blocked.add(received.event.stream)
                aside.append(self._entry(source, received, "unknown_version", f"no reader for {received.event.type}"))
            else:
                through.append(received)
        return through, aside

    def _entry(
        self, source: str, received: Envelope, code: str, detail: str, trace: str = "", state: str = "open"
    ) -> Entry:
        event = received.event
        body = envelope.encode_one(self._district, source, received.epoch, received.previous, event).encode()
        return Entry("inbox", code, body, detail, trace, source, event.partition, event.position, event.type,
                     event.stream, state=state)  # fmt: skip

    def cursor(self, connection: Connection, source: str, partition: int, for_update: bool = False) -> Cursor:
        """The stored cursor; at position 0 if nothing of that partition was received yet.  `for_update` locks the
        row."""
        query = sa.select(cursors).where(cursors.c.source == source, cursors.c.partition == partition)
        if for_update and self._store.postgresql:
            query = query.with_for_update()
        if (row := connection.execute(query).one_or_none()) is not None:
            return Cursor(*row)
        if for_update:
            connection.execute(sa.insert(cursors).values(source=source, partition=partition, epoch="", position=0,
                                                         hash="", recorded_at="", stopped=""))  # fmt: skip
        return Cursor(source, partition, "", 0, "", "", "")

    def positions(self, connection: Connection) -> list[int]:
        """The position of every cursor, ordered by source and partition."""
        partitions = range(self._store.partitions)
        return [self.cursor(connection, source, p).position for source in self.sources for p in partitions]

    def _move_cursor(self, connection: Connection, cursor: Cursor, to: Envelope) -> None:
        connection.execute(
            sa.update(cursors)
            .where(cursors.c.source == cursor.source, cursors.c.partition == cursor.partition)
            .values(epoch=to.epoch, position=to.event.position, hash=to.event.hash,
                    recorded_at=to.event.recorded_at)
        )  # fmt: skip

    def stop(self, source: str, partition: int, reason: str) -> None:
        """Stop applying that partition until an operator decides: the source's log contradicts what was received
        before."""
        with self._store.writing() as connection:
            self._stop(connection, self.cursor(connection, source, partition, for_update=True), reason)

    def _stop(self, connection: Connection, cursor: Cursor, reason: str) -> None:
        connection.execute(
            sa.update(cursors)
            .where(cursors.c.source == cursor.source, cursors.c.partition == cursor.partition)
            .values(stopped=reason)
        )
        _log.critical("partition stopped", source=cursor.source, partition=cursor.partition, reason=reason)

    def _quarantine(self, entries: Sequence[Entry]) -> None:
        with self._store.writing() as connection:
            quarantine.add(connection, self._now(), entries)


def _next_in_order(cursor: Cursor, envelopes: Sequence[Envelope]) -> tuple[list[Envelope], str]:
    """The envelopes that follow the cursor without a gap; and how the source contradicts what was received, '' if it
    does not."""
    position, previous = cursor.position, cursor.hash
    run: list[Envelope] = []
    for received in envelopes:
        event = received.event
        if event.position <= position:
            if event.position == position and event.hash != previous:
                return run, f"position {position} bears another hash than the one seen before"
            continue
        if event.position > position + 1:
            break
        if received.previous != previous:
            return run, f"position {event.position} does not follow the event seen at {position}"
        if event.chained_to(previous) != event.hash:
            return run, f"position {event.position}: the hash is not that of its bytes"
        run.append(received)
        position, previous = event.position, event.hash
    return run, ""


def _order(received: Envelope) -> tuple[str, int, int]:
    return received.source, received.event.partition, received.event.position


def inbox_row(source: str, recorded: RecordedEvent) -> tuple[Any, ...]:
    return (source, *recorded)


def _source(cls: type[Event]) -> str:
    return cls.wire.split(".", 1)[0]


def _name(wire: str) -> str:
    """The event type without its version: `participation.record_submitted`."""
    return wire.rsplit(".v", 1)[0]
