"""One write transaction of a service: lock, load the streams, decide, append, project; all of it or nothing."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from eventlet.timeout import Timeout
from sqlalchemy import Connection

from chassis import log
from chassis.asking import Asked, Asking
from chassis.canonical import instant, link
from chassis.events import REGISTRY, Event, text_of
from chassis.keys import Keys, seal
from chassis.log import Head, Recorded, partition_of
from chassis.projecting import Rows
from chassis.tables import events

if TYPE_CHECKING:
    from chassis.frame import Frame


FAULTS = (Exception, Timeout)
"""Whatever a handler raises: eventlet's Timeout is no Exception, and would end the loop (hole 4)."""

FEW = 8  # events that one trip to the server takes row by row; more are copied, in three


@dataclass(frozen=True)
class About:
    """On whose behalf a transaction runs: `actor` is a role and a name, such as `operator:operator`."""

    actor: str
    correlation: str = ""


class _Pending(NamedTuple):
    event: Event
    causation: str


class Refused(Exception):
    """A decision against a command: an error as data.  `column` is empty where the whole is refused."""

    def __init__(self, code: str, column: str = "", detail: str = "") -> None:
        super().__init__(code)
        self.code, self.column, self.detail = code, column, detail


class Work:
    """What a decision may do inside the transaction: load streams, append events, use the subjects' keys."""

    def __init__(self, frame: "Frame", connection: Any, about: About, ask: Any, began: Sequence[Head]) -> None:
        self.frame, self.connection, self.about, self.ask = frame, connection, about, ask
        self.began = tuple(began)
        self.heads = {head.partition: head for head in began}
        self.now = max(instant(frame.clock()), *(head.recorded_at for head in began))
        self.keys = Keys(frame.store, connection, self.ask)
        self.rows = Rows(frame.store, connection)
        self.recorded: list[Recorded] = []
        self._versions: dict[str, int] = {}
        self._pending: list[_Pending] = []
        self._beside: list[Callable[[], None]] = []
        self._after: list[Callable[[], None]] = []

    @classmethod
    def locked(cls, frame: "Frame", connection: Connection, about: About, ahead: Sequence[Asked] = ()) -> "Work":
        """With the right to append, until the transaction ends."""
        ask = Asking(connection)
        ask.ahead(log.LOCK(), *ahead)
        return cls(frame, connection, about, ask, [Head(*row) for row in ask(log.LOCK())])

    def load(self, names: Iterable[str]) -> list[Event]:
        """All events of these streams (one query), each stream in its own order; not what is only appended yet."""
        wanted = sorted(set(names))
        self._versions.update(dict.fromkeys(wanted, 0))
        found = []
        for row in self.ask(log.STREAMS(names=wanted)) if wanted else ():
            about = log.recorded(row)
            self._versions[about.stream] = about.version
            found.append(about.event())
        return found

    def append(self, *fresh: Event, causation: str = "") -> None:
        """Events to be written when the work is finished, in this order."""
        self._pending.extend(_Pending(event, causation) for event in fresh)

    def beside(self, write: Callable[[], None]) -> None:
        """A small write that reads nothing and goes with the events: sooner, it would be a trip of its own."""
        self._beside.append(write)

    def afterwards(self, what: Callable[[], None]) -> None:
        """To be done once it is committed."""
        self._after.append(what)

    def committed(self) -> None:
        if self.frame.memory is not None:
            self.frame.memory.follow(self)
        if self.recorded:
            self.frame.appended()
        for what in self._after:
            what()

    def finish(self, last: bool = False) -> None:
        """Write what was appended, chained and projected.  `last`: the commit follows, nothing is read any more."""
        if not (self._pending or self._beside):
            return
        self._learn_versions()
        projected = [self._record(pending) for pending in self._pending]
        fresh = [about for _, about in projected]
        if last and len(fresh) <= FEW:
            self.frame.store.last_trip(self.connection)
        self.keys.keep()
        for write in self._beside:
            write()
        if fresh:
            log.append(self.connection, self.frame.store, fresh, list(self.heads.values()))
        self.frame.projections.apply(self.rows, projected)
        self.rows.flush()
        self.recorded.extend(fresh)
        self._pending, self._beside = [], []
        self.ask.forget()

    @property
    def positions(self) -> list[str]:
        """The last position that this work made in each partition: `participation/0/123`."""
        last = {about.partition: about.position for about in self.recorded}
        return [f"{self.frame.service}/{partition}/{position}" for partition, position in sorted(last.items())]

    def _learn_versions(self) -> None:
        unknown = sorted({p.event.stream for p in self._pending} - self._versions.keys())
        if unknown:
            query = (
                sa.select(events.c.stream, sa.func.max(events.c.version))
                .where(self.frame.store.any_of(events.c.stream, unknown))
                .group_by(events.c.stream)
            )
            self._versions.update(dict.fromkeys(unknown, 0))
            self._versions.update({row[0]: row[1] for row in self.connection.execute(query)})

    def _record(self, pending: _Pending) -> tuple[Event, Recorded]:
        sealed = seal(pending.event, self.keys.use)
        stream = sealed.stream
        partition = partition_of(stream, len(self.heads))
        head = self.heads[partition]
        self._versions[stream] = version = self._versions[stream] + 1
        position = head.position + 1
        fields = (
            f"{self.frame.store.epoch}-{partition}-{position}", sealed.wire, stream, version,
            sealed.occurred or self.now, self.now, self.about.actor, self.about.correlation, pending.causation,
            text_of(sealed),
        )  # fmt: skip
        chained = Recorded(partition, position, *fields, link(head.hash, *fields))
        self.heads[partition] = Head(partition, position, chained.hash, self.now)
        return REGISTRY.raised(sealed), chained


@contextlib.contextmanager
def working(frame: "Frame", about: About, ahead: Sequence[Asked] = ()) -> Iterator[Work]:
    """A unit of work: commits with its events when the block ends, leaves nothing when it raises.

    What is known to be asked anyway can be asked `ahead`, in the trip to the server that takes the lock."""
    with frame.store.writing() as connection:
        work = Work.locked(frame, connection, about, ahead)
        yield work
        work.finish(last=True)
    work.committed()


