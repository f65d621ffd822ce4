"""The unit of work: one write transaction that locks the heads, loads streams, decides, appends events and projects."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from eventlet.timeout import Timeout
from sqlalchemy import Connection

from chassis.events.canonical_json import chain_hash, instant
from chassis.events.definition import REGISTRY, Event, text_of
from chassis.events.recorded_event import RecordedEvent, event_from_row, partition_of
from chassis.store import event_log
from chassis.store.database import Store
from chassis.store.decider import Command, Decider, Facts, Outcome, State, States
from chassis.store.event_log import Head
from chassis.store.prepared_query import BoundQuery, QueryRunner
from chassis.store.projections import Projections, Rows
from chassis.store.schema import events
from chassis.store.subject_keys import Keys, seal

HANDLER_ERRORS = (Exception, Timeout)
"""What a loop must catch around a handler: eventlet's Timeout is not an Exception (docs/architecture.md, hole 4)."""

PIPELINED_EVENTS = 8  # up to so many are sent as INSERTs in one pipeline with the COMMIT; more are sent by COPY before


@dataclass(frozen=True)
class CommandContext:
    """On whose behalf a transaction runs: `actor` is a role and a name, such as `operator:operator`; `correlation` is
    the id of the request or message that caused it."""

    actor: str
    correlation: str = ""


class _PendingEvent(NamedTuple):
    event: Event
    causation: str


class UnitOfWork:
    """What a handler may do inside the transaction: load streams, run deciders, append events, use the subjects' keys.

    Created by `UnitsOfWork`.  `now` is the instant that its events are recorded at, as canonical text."""

    def __init__(
        self,
        store: Store,
        projections: Projections,
        service: str,
        clock: Callable[[], datetime],
        connection: Connection,
        context: CommandContext,
        on_appended: Callable[[], None],
        prefetch: Sequence[BoundQuery] = (),
    ) -> None:
        """Locks the heads until the transaction ends.  `prefetch`: queries whose results will be needed in any case,
        sent together with the lock.  `on_appended` is called after the commit of a transaction with events."""
        self.store, self.service, self.connection, self.context = store, service, connection, context
        self._projections, self._on_appended = projections, on_appended
        self.query = QueryRunner(connection)
        self.query.prefetch(event_log.LOCK_HEADS(), *prefetch)
        locked = [Head(*row) for row in self.query(event_log.LOCK_HEADS())]
        self.heads = {head.partition: head for head in locked}
        self.now = max(instant(clock()), *(head.recorded_at for head in locked))
        self.keys = Keys(store, connection, self.query)
        self.rows = Rows(store, connection)
        self.recorded: list[RecordedEvent] = []
        self._versions: dict[str, int] = {}
        self._pending: list[_PendingEvent] = []
        self._states = States(self._load_with_pending)
        self._deferred_writes: list[Callable[[], None]] = []
        self._after_commit: list[Callable[[], object]] = []

    def load(self, names: Iterable[str]) -> list[Event]:
        """The stored events of these streams, by one query, each stream in order; without those appended here."""
        wanted = sorted(set(names))
        self._versions.update(dict.fromkeys(wanted, 0))
        result = []
        for row in self.query(event_log.READ_STREAMS(names=wanted)) if wanted else ():
            recorded = event_from_row(row)
            self._versions[recorded.stream] = recorded.version
            result.append(recorded.event())
        return result

    def execute(
        self, decider: Decider[State, Command, Outcome, *Facts], command: Command, *facts: *Facts, causation: str = ""
    ) -> Outcome:
        """Decide a command and append its events; returns what `decide` returned.  `causation`: the id of the event
        that caused the command."""
        return self.execute_all(decider, [command], *facts, causations=[causation])[0]

    def execute_all(
        self,
        decider: Decider[State, Command, Outcome, *Facts],
        commands: Sequence[Command],
        *facts: *Facts,
        causations: Sequence[str] = (),
        are_loaded: bool = False,
    ) -> list[Outcome]:
        """Decide commands in order, each against the state that those before it left; returns what `decide` returned
        for each.  Their streams are loaded by one query, unless the caller has loaded them (`are_loaded`).
        `causations`: one for each command, or none.

        Each event gets the version after the last one of its stream.  The lock on the heads prevents concurrent
        appends; the unique key (stream, version) would refuse them as well."""
        if not are_loaded:
            self._states.load_for(decider, commands)
        outcomes = []
        for command, causation in zip(commands, causations or [""] * len(commands), strict=True):
            outcome = decider.decide(self._states.of(decider, command), command, *facts)
            self.append(*decider.events_of(outcome), causation=causation)
            outcomes.append(outcome)
        return outcomes

    def states(self, decider: Decider[State, Command, Outcome, *Facts], streams: Iterable[str]) -> dict[str, State]:
        """The state of each of these streams, including events appended here; loads missing ones by one query."""
        wanted = list(dict.fromkeys(streams))
        self._states.load(decider, wanted)
        return {name: self._states.get(decider, name) for name in wanted}

    def combined_state(
        self, decider: Decider[State, Command, Outcome, *Facts], commands: Sequence[Command] = ()
    ) -> State:
        """The combined state of a decider with `streams`, into which the streams of these commands are loaded first."""
        if commands:
            self._states.load_for(decider, commands)
        state: State = self._states.get(decider)
        return state

    def load_combined(self, decider: Decider[State, Command, Outcome, *Facts], streams: Iterable[str]) -> None:
        """Fold further streams into the combined state of a decider with `streams`: those that a decision needs beyond
        the ones that its command names."""
        self._states.load(decider, streams)

    def act_as(self, actor: object) -> None:
        """Record this actor with the events from here on: the caller together with the post that gives the right."""
        self.context = replace(self.context, actor=str(actor))

    def append(self, *fresh: Event, causation: str = "") -> None:
        """Append events, to be written in this order by `flush`."""
        for event in fresh:
            self._pending.append(_PendingEvent(event, causation))
            self._states.evolve(event)

    def defer_write(self, write: Callable[[], None]) -> None:
        """Call `write` during `flush`: for a small write that reads nothing, to save a round trip of its own."""
        self._deferred_writes.append(write)

    def after_commit(self, callback: Callable[[], object]) -> None:
        """Call `callback` once the transaction is committed."""
        self._after_commit.append(callback)

    def committed(self) -> None:
        """Must be called by whoever committed the transaction; runs the callbacks."""
        if self.recorded:
            self._on_appended()
        for callback in self._after_commit:
            callback()

    def flush(self, commit_follows: bool = False) -> None:
        """Write the appended events, chained, and their projections.  `commit_follows`: nothing will be read any more
        in this transaction, so that writes and COMMIT can share one round trip."""
        if not (self._pending or self._deferred_writes):
            return
        self._learn_versions()
        projected = [self._record(pending) for pending in self._pending]
        fresh = [recorded for _, recorded in projected]
        if commit_follows and len(fresh) <= PIPELINED_EVENTS:
            self.store.pipeline_to_commit(self.connection)
        self.keys.write_new_keys()
        for write in self._deferred_writes:
            write()
        if fresh:
            event_log.append(self.connection, self.store, fresh, list(self.heads.values()))
        self._projections.apply(self.rows, projected)
        self.rows.flush()
        self.recorded.extend(fresh)
        self._pending, self._deferred_writes = [], []
        self.query.discard_prefetched()

    @property
    def positions(self) -> list[str]:
        """The last position written in each partition, such as `participation/0/123`."""
        last = {recorded.partition: recorded.position for recorded in self.recorded}
        return [f"{self.service}/{partition}/{position}" for partition, position in sorted(last.items())]

    def _load_with_pending(self, names: Sequence[str]) -> list[Event]:
        wanted = set(names)
        return [*self.load(names), *(p.event for p in self._pending if p.event.stream in wanted)]

    def _learn_versions(self) -> None:
        unknown = sorted({p.event.stream for p in self._pending} - self._versions.keys())
        if unknown:
            query = (
                sa.select(events.c.stream, sa.func.max(events.c.version))
                .where(self.store.column_in(events.c.stream, unknown))
                .group_by(events.c.stream)
            )
            self._versions.update(dict.fromkeys(unknown, 0))
            self._versions.update({row[0]: row[1] for row in self.connection.execute(query)})

    def _record(self, pending: _PendingEvent) -> tuple[Event, RecordedEvent]:
        sealed = seal(pending.event, self.keys.use)
        stream = sealed.stream
        partition = partition_of(stream, len(self.heads))
        head = self.heads[partition]
        self._versions[stream] = version = self._versions[stream] + 1
        position = head.position + 1
        fields = (
            f"{self.store.epoch}-{partition}-{position}", sealed.wire, stream, version,
            sealed.occurred or self.now, self.now, self.context.actor, self.context.correlation, pending.causation,
            text_of(sealed),
        )  # fmt: skip
        chained = RecordedEvent(partition, position, *fields, chain_hash(head.hash, *fields))
        self.heads[partition] = Head(partition, position, chained.hash, self.now)
        return REGISTRY.upcast(sealed), chained


@dataclass(frozen=True)
class UnitsOfWork:
    """Creates the units of work of one service.  `on_appended` is called after every commit that added events."""

    store: Store
    projections: Projections
    service: str
    clock: Callable[[], datetime]
    on_appended: Callable[[], None]

    def now(self) -> str:
        """The current instant as canonical text."""
        return instant(self.clock())

    @contextlib.contextmanager
    def begin(self, actor: object, correlation: str = "", prefetch: Sequence[BoundQuery] = ()) -> Iterator[UnitOfWork]:
        """A unit of work in a transaction of its own: committed when the block ends, rolled back when it raises.

        `prefetch`: queries whose results will be needed in any case, sent together with the lock."""
        with self.store.writing() as connection:
            unit_of_work = self.within(connection, CommandContext(str(actor), correlation), prefetch)
            yield unit_of_work
            unit_of_work.flush(commit_follows=True)
        unit_of_work.committed()

    def within(
        self, connection: Connection, context: CommandContext, prefetch: Sequence[BoundQuery] = ()
    ) -> UnitOfWork:
        """A unit of work in the caller's transaction.  The caller must `flush()` it, commit, and call `committed()`."""
        return UnitOfWork(self.store, self.projections, self.service, self.clock, connection, context,
                          self.on_appended, prefetch)  # fmt: skip
