"""One write transaction of a service: lock, load the streams, decide, append, project; all of it or nothing."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from eventlet.timeout import Timeout
from sqlalchemy import Connection

from chassis.events.canonical_json import chain_hash, instant
from chassis.events.definition import REGISTRY, Event, text_of
from chassis.events.recorded_event import RecordedEvent, event_from_row, partition_of
from chassis.store import event_log
from chassis.store.event_log import Head
from chassis.store.prepared_query import BoundQuery, QueryRunner
from chassis.store.projections import Rows
from chassis.store.schema import events
from chassis.store.subject_keys import Keys, seal

if TYPE_CHECKING:
    from chassis.runtime.service_runtime import ServiceRuntime


HANDLER_ERRORS = (Exception, Timeout)
"""Whatever a handler raises: eventlet's Timeout is no Exception, and would end the loop (hole 4)."""

FEW = 8  # events that one trip to the server takes row by row; more are copied, in three


@dataclass(frozen=True)
class CommandContext:
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


class UnitOfWork:
    """What a decision may do inside the transaction: load streams, append events, use the subjects' keys."""

    def __init__(
        self, runtime: "ServiceRuntime", connection: Any, about: CommandContext, ask: Any, began: Sequence[Head]
    ) -> None:
        self.runtime, self.connection, self.about, self.ask = runtime, connection, about, ask
        self.began = tuple(began)
        self.heads = {head.partition: head for head in began}
        self.now = max(instant(runtime.clock()), *(head.recorded_at for head in began))
        self.keys = Keys(runtime.store, connection, self.ask)
        self.rows = Rows(runtime.store, connection)
        self.recorded: list[RecordedEvent] = []
        self._versions: dict[str, int] = {}
        self._pending: list[_Pending] = []
        self._beside: list[Callable[[], None]] = []
        self._after: list[Callable[[], None]] = []

    @classmethod
    def locked(
        cls, runtime: "ServiceRuntime", connection: Connection, about: CommandContext, ahead: Sequence[BoundQuery] = ()
    ) -> "UnitOfWork":
        """With the right to append, until the transaction ends."""
        ask = QueryRunner(connection)
        ask.ahead(event_log.LOCK_HEADS(), *ahead)
        return cls(runtime, connection, about, ask, [Head(*row) for row in ask(event_log.LOCK_HEADS())])

    def load(self, names: Iterable[str]) -> list[Event]:
        """All events of these streams (one query), each stream in its own order; not what is only appended yet."""
        wanted = sorted(set(names))
        self._versions.update(dict.fromkeys(wanted, 0))
        result = []
        for row in self.ask(event_log.READ_STREAMS(names=wanted)) if wanted else ():
            about = event_from_row(row)
            self._versions[about.stream] = about.version
            result.append(about.event())
        return result

    def append(self, *fresh: Event, causation: str = "") -> None:
        """Events to be written when the work is finished, in this order."""
        self._pending.extend(_Pending(event, causation) for event in fresh)

    def defer_write(self, write: Callable[[], None]) -> None:
        """A small write that reads nothing and goes with the events: sooner, it would be a trip of its own."""
        self._beside.append(write)

    def afterwards(self, what: Callable[[], None]) -> None:
        """To be done once it is committed."""
        self._after.append(what)

    def committed(self) -> None:
        if self.runtime.memory is not None:
            self.runtime.memory.follow(self)
        if self.recorded:
            self.runtime.appended()
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
            self.runtime.store.last_trip(self.connection)
        self.keys.keep()
        for write in self._beside:
            write()
        if fresh:
            event_log.append(self.connection, self.runtime.store, fresh, list(self.heads.values()))
        self.runtime.projections.apply(self.rows, projected)
        self.rows.flush()
        self.recorded.extend(fresh)
        self._pending, self._beside = [], []
        self.ask.forget()

    @property
    def positions(self) -> list[str]:
        """The last position that this work made in each partition: `participation/0/123`."""
        last = {about.partition: about.position for about in self.recorded}
        return [f"{self.runtime.service}/{partition}/{position}" for partition, position in sorted(last.items())]

    def _learn_versions(self) -> None:
        unknown = sorted({p.event.stream for p in self._pending} - self._versions.keys())
        if unknown:
            query = (
                sa.select(events.c.stream, sa.func.max(events.c.version))
                .where(self.runtime.store.any_of(events.c.stream, unknown))
                .group_by(events.c.stream)
            )
            self._versions.update(dict.fromkeys(unknown, 0))
            self._versions.update({row[0]: row[1] for row in self.connection.execute(query)})

    def _record(self, pending: _Pending) -> tuple[Event, RecordedEvent]:
        sealed = seal(pending.event, self.keys.use)
        stream = sealed.stream
        partition = partition_of(stream, len(self.heads))
        head = self.heads[partition]
        self._versions[stream] = version = self._versions[stream] + 1
        position = head.position + 1
        fields = (
            f"{self.runtime.store.epoch}-{partition}-{position}", sealed.wire, stream, version,
            sealed.occurred or self.now, self.now, self.about.actor, self.about.correlation, pending.causation,
            text_of(sealed),
        )  # fmt: skip
        chained = RecordedEvent(partition, position, *fields, chain_hash(head.hash, *fields))
        self.heads[partition] = Head(partition, position, chained.hash, self.now)
        return REGISTRY.raised(sealed), chained


@contextlib.contextmanager
def unit_of_work(
    runtime: "ServiceRuntime", about: CommandContext, ahead: Sequence[BoundQuery] = ()
) -> Iterator[UnitOfWork]:
    """A unit of work: commits with its events when the block ends, leaves nothing when it raises.

    What is known to be asked anyway can be asked `ahead`, in the trip to the server that takes the lock."""
    with runtime.store.writing() as connection:
        work = UnitOfWork.locked(runtime, connection, about, ahead)
        yield work
        work.finish(last=True)
    work.committed()
