"""The inbox: other services' events, each applied exactly once and in order, in the transaction of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from chassis.events import envelope
from chassis.events.definition import BadEvent, Event, UnknownEvent
from chassis.events.envelope import Envelope
from chassis.events.recorded_event import RecordedEvent
from chassis.messaging import quarantine
from chassis.messaging.quarantine import Entry
from chassis.store.database import is_transient
from chassis.store.schema import cursors, inbox
from chassis.store.unit_of_work import HANDLER_ERRORS, CommandContext, UnitOfWork

if TYPE_CHECKING:
    from chassis.runtime.service_runtime import ServiceRuntime

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Cursor:
    """Up to `position` everything of (source, partition) is applied, parked, quarantined or not for this service."""

    source: str
    partition: int
    epoch: str
    position: int
    hash: str
    recorded_at: str
    stopped: str


class Inbox:
    """What a service hears from the others."""

    def __init__(self, runtime: "ServiceRuntime") -> None:
        self.runtime = runtime
        heard = {cls for cls in runtime.projections.heard | runtime.reactions.heard if _source(cls) != runtime.service}
        self._names = {cls.wire.rsplit(".v", 1)[0] for cls in heard}
        self._reacted = {cls.wire.rsplit(".v", 1)[0] for cls in runtime.reactions.heard}
        self.sources = sorted({_source(cls) for cls in heard} - {"operations"})

    def receive(self, bodies: Sequence[bytes]) -> bool:
        """Apply messages.  False when something is missing before them: `catch_up` then asks the source itself."""
        arrivals: list[Envelope] = []
        for body in bodies:
            try:
                arrivals.extend(envelope.decode(body))
            except envelope.BadEnvelope as error:
                self._set_aside([Entry("inbox", "bad_wire", body, detail=str(error))])
        arrivals.sort(key=_place)
        whole = True
        for (source, partition), group in groupby(arrivals, key=lambda a: (a.source, a.event.partition)):
            if source in self.sources and 0 <= partition < self.runtime.settings.partitions:
                whole &= self.advance(source, partition, list(group))
        return whole

    def advance(self, source: str, partition: int, arrivals: Sequence[Envelope], from_feed: bool = False) -> bool:
        """Apply what is next in order; what was seen is skipped.  False when a gap keeps the rest away.

        What the broker brings against our memory is only not believed; what the source's own feed says against it
        stops the partition."""
        try:
            return self._advance(source, partition, arrivals, from_feed)
        except HANDLER_ERRORS as error:
            if is_transient(error):
                raise
            _log.warning("batch failed, one by one now", source=source, error=repr(error))
        whole = True
        for arrived in arrivals:
            whole &= self._alone(source, partition, arrived, from_feed)
        return whole

    def _advance(self, source: str, partition: int, arrivals: Sequence[Envelope], from_feed: bool) -> bool:
        with self.runtime.store.writing() as connection:
            cursor = self.cursor(connection, source, partition, hold=True)
            if cursor.stopped:
                return True
            run, broken = _next_in_order(cursor, arrivals)
            if broken:
                _log.error("an event against our memory", source=source, detail=broken, from_feed=from_feed)
                if from_feed:
                    self._stop(connection, cursor, broken)
                return from_feed
            whole = not run or run[-1] is arrivals[-1]
            if not run:
                return all(a.event.position <= cursor.position for a in arrivals)
            work = self._apply(connection, cursor, run)
        if work is not None:
            work.committed()
        return whole

    def _alone(self, source: str, partition: int, arrived: Envelope, from_feed: bool) -> bool:
        try:
            return self._advance(source, partition, [arrived], from_feed)
        except HANDLER_ERRORS as error:
            if is_transient(error):
                raise
            code = "bad_event" if isinstance(error, (BadEvent, UnknownEvent)) else "handler_failed"
            entry = self._entry(source, arrived, code, str(error), quarantine.trace_of(error))
        with self.runtime.store.writing() as connection:
            cursor = self.cursor(connection, source, partition, hold=True)
            if arrived.event.position == cursor.position + 1:
                quarantine.add(connection, self.runtime.now(), [entry])
                self._move(connection, cursor, arrived)
        _log.error("event quarantined", source=source, position=arrived.event.position, code=entry.code)
        return True

    def _apply(self, connection: Connection, cursor: Cursor, run: Sequence[Envelope]) -> UnitOfWork | None:
        heard = [a for a in run if a.event.type.rsplit(".v", 1)[0] in self._names]
        heard, aside = self._sift(connection, cursor.source, heard)
        batch: list[tuple[Event, RecordedEvent]] = [(a.decode(), a.event) for a in heard]
        work = None
        if any(about.type.rsplit(".v", 1)[0] in self._reacted for _, about in batch):
            about = CommandContext(f"service:{self.runtime.service}", batch[0][1].correlation)
            work = self.runtime.units_of_work.within(connection, about)
        self.take_in(connection, cursor.source, batch, work)
        if work is not None:
            work.flush()
        if aside:
            quarantine.add(connection, self.runtime.now(), aside)
        self._move(connection, cursor, run[-1])
        return work

    def take_in(
        self, connection: Connection, source: str, batch: list[tuple[Event, RecordedEvent]], work: UnitOfWork | None
    ) -> None:
        """Keep, project and (with a work to append to) react to events, in the caller's transaction."""
        self.runtime.store.insert(connection, inbox, [_stored(source, about) for _, about in batch])
        rows = self.runtime.rows(connection)
        self.runtime.projections.apply(rows, batch)
        rows.flush()
        if work is not None:
            self.runtime.reactions.run(work, batch)

    def _sift(self, connection: Connection, source: str, heard: list[Envelope]) -> tuple[list[Envelope], list[Entry]]:
        """Take out what must stand aside: unknown versions, and what comes behind a quarantined event."""
        blocked = set()
        if heard:
            streams = sorted({a.event.stream for a in heard})
            blocked = quarantine.standing_streams(connection, self.runtime.store, source, streams)
        through, aside = [], []
        for arrived in heard:
            if arrived.event.stream in blocked:
                aside.append(self._entry(source, arrived, "behind", "an earlier event of its stream stands here",
                                         state="parked"))  # fmt: skip
            elif arrived.event.type not in self.runtime.known:
                blocked.add(arrived.event.stream)
                aside.append(self._entry(source, arrived, "unknown_version", f"no reader for {arrived.event.type}"))
            else:
                through.append(arrived)
        return through, aside

    def _entry(
        self, source: str, arrived: Envelope, code: str, detail: str, trace: str = "", state: str = "open"
    ) -> Entry:
        event = arrived.event
        body = envelope.encode_one(
            self.runtime.settings.district, source, arrived.epoch, arrived.previous, event
        ).encode()
        return Entry("inbox", code, body, detail, trace, source, event.partition, event.position, event.type,
                     event.stream, state=state)  # fmt: skip

    def cursor(self, connection: Connection, source: str, partition: int, hold: bool = False) -> Cursor:
        """The cursor as stored; made at zero when this is the first look."""
        query = sa.select(cursors).where(cursors.c.source == source, cursors.c.partition == partition)
        if hold and self.runtime.store.postgresql:
            query = query.with_for_update()
        if (row := connection.execute(query).one_or_none()) is not None:
            return Cursor(*row)
        if hold:
            connection.execute(sa.insert(cursors).values(source=source, partition=partition, epoch="", position=0,
                                                         hash="", recorded_at="", stopped=""))  # fmt: skip
        return Cursor(source, partition, "", 0, "", "", "")

    def positions(self, connection: Connection) -> list[int]:
        """The position of every cursor, by source and partition."""
        partitions = range(self.runtime.settings.partitions)
        return [self.cursor(connection, source, p).position for source in self.sources for p in partitions]

    def _move(self, connection: Connection, cursor: Cursor, to: Envelope) -> None:
        connection.execute(
            sa.update(cursors)
            .where(cursors.c.source == cursor.source, cursors.c.partition == cursor.partition)
            .values(epoch=to.epoch, position=to.event.position, hash=to.event.hash,
                    recorded_at=to.event.recorded_at)
        )  # fmt: skip

    def stop(self, source: str, partition: int, reason: str) -> None:
        """Hear no more of that partition until an operator decides: what it says is not what we remember."""
        with self.runtime.store.writing() as connection:
            self._stop(connection, self.cursor(connection, source, partition, hold=True), reason)

    def _stop(self, connection: Connection, cursor: Cursor, reason: str) -> None:
        connection.execute(
            sa.update(cursors)
            .where(cursors.c.source == cursor.source, cursors.c.partition == cursor.partition)
            .values(stopped=reason)
        )
        _log.critical("partition stopped", source=cursor.source, partition=cursor.partition, reason=reason)

    def _set_aside(self, entries: Sequence[Entry]) -> None:
        with self.runtime.store.writing() as connection:
            quarantine.add(connection, self.runtime.now(), entries)


def _next_in_order(cursor: Cursor, arrivals: Sequence[Envelope]) -> tuple[list[Envelope], str]:
    """The run that continues the cursor, and why the source's memory is not ours, if it is not."""
    position, previous = cursor.position, cursor.hash
    run: list[Envelope] = []
    for arrived in arrivals:
        event = arrived.event
        if event.position <= position:
            if event.position == position and event.hash != previous:
                return run, f"position {position} bears another hash than the one seen before"
            continue
        if event.position > position + 1:
            break
        if arrived.previous != previous:
            return run, f"position {event.position} does not follow the event seen at {position}"
        if event.chained_to(previous) != event.hash:
            return run, f"position {event.position}: the hash is not that of its bytes"
        run.append(arrived)
        position, previous = event.position, event.hash
    return run, ""


def _place(arrived: Envelope) -> tuple[str, int, int]:
    return arrived.source, arrived.event.partition, arrived.event.position


def _stored(source: str, e: RecordedEvent) -> tuple[Any, ...]:
    return (source, *e)


def _source(cls: type[Event]) -> str:
    return cls.wire.split(".", 1)[0]
