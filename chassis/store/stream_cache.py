"""What a process remembers of its own store, so that a decision is made without asking and written in one trip.

Nothing here need be true.  The trip that writes begins with the lock; behind it, it looks whether the log still ends
where it ended when memory was filled, and whether what else was remembered is still so.  Where it is not, the trip
fails as a whole, and the decision is made anew in the ordinary way (docs/decisions/0016).  PostgreSQL only: SQLite has
no trips to save."""

import contextlib
import functools
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import psycopg
import structlog
from eventlet.semaphore import Semaphore

from chassis.events.recorded_event import RecordedEvent
from chassis.process.problems import Problem
from chassis.store.event_log import LOCK_HEADS, READ_HEADS, READ_STREAMS, Head
from chassis.store.prepared_query import BoundQuery, PreparedQuery, Rows
from chassis.store.subject_keys import KEYS
from chassis.store.unit_of_work import CommandContext, Refused, UnitOfWork, unit_of_work
from chassis.store.write_batch import DIALECT, NotCached, PipelineConnection, WriteBatch

if TYPE_CHECKING:
    from chassis.runtime.service_runtime import ServiceRuntime

_log = structlog.get_logger(__name__)
T = TypeVar("T")
A = TypeVar("A")
MOST = 20_000  # streams and keys remembered, about a kilobyte each
MOST_SAID = 1000  # other answers: outside systems name as many sources as they like
REST_SECONDS = 0.5  # after somebody else appended: two who take turns would only overtake each other
TURN_SECONDS = 2.0
OVERTAKEN = psycopg.errors.DivisionByZero
SELDOM_AND_NOW = psycopg.errors.InvalidArgumentForPowerFunction
_SAME_END = "(SELECT string_agg(hash, ' ' ORDER BY partition) FROM log_heads) = %s"
_VERSION = RecordedEvent._fields.index("version")


class ExpectedQueries(NamedTuple):
    """What a decision asks in any case.  When it is made from memory: which streams it may presume to be new (a key of
    the store refuses them if they are not), and what it asks `instead`; one without that is not made from memory."""

    asked: Sequence[BoundQuery] = ()
    new: frozenset[str] = frozenset()
    instead: Mapping[BoundQuery, BoundQuery] = {}


class StreamCache:
    """One service's memory, and the line by which it asks and writes: one decision at a time.

    `holds`: how the streams begin that are worth remembering."""

    def __init__(self, runtime: "ServiceRuntime", holds: tuple[str, ...]) -> None:
        self.runtime, self._holds = runtime, holds
        self.began: tuple[Head, ...] = ()
        self.said: dict[BoundQuery, tuple[Rows, str]] = {}
        self._named: OrderedDict[tuple[PreparedQuery, str], Rows] = OrderedDict()
        self._turn = Semaphore(1)
        self._line: PipelineConnection | None = None
        self._rests_until = 0.0

    def decide(
        self,
        about: CommandContext,
        foreseen: ExpectedQueries,
        decision: Callable[[UnitOfWork], T],
        told: Callable[[T, list[str]], A],
    ) -> A:
        """As `decided`.  NotAtHand: it must be decided under the lock."""
        if time.monotonic() < self._rests_until or not self._turn.acquire(timeout=TURN_SECONDS):
            raise NotCached
        try:
            return self._decide(about, foreseen, decision, told)
        except (Problem, Refused):  # nobody is refused from memory; and what it said may be too old
            self.said.clear()
            raise NotCached from None
        except (NotCached, psycopg.errors.UniqueViolation, SELDOM_AND_NOW):
            raise NotCached from None
        except OVERTAKEN:
            self._rests_until = time.monotonic() + REST_SECONDS
            self.forget()
            raise NotCached from None
        except Exception as error:
            if not isinstance(error, psycopg.Error):
                _log.exception("not from memory")
            self.forget()
            raise NotCached from None
        except BaseException:  # cut off, such as by a Timeout: nobody knows what the line is in the midst of
            self.forget()
            raise
        finally:
            self._turn.release()

    def _decide(
        self,
        about: CommandContext,
        foreseen: ExpectedQueries,
        decision: Callable[[UnitOfWork], T],
        told: Callable[[T, list[str]], A],
    ) -> A:
        line = self._line = self._line or self.runtime.store.line()
        ask = CachedQueryRunner(self, line, foreseen)
        trip = WriteBatch()
        work = UnitOfWork(self.runtime, trip, about, ask, self.began)
        result = decision(work)
        work.finish(last=True)
        if not work.recorded:
            raise NotCached
        writes = [(LOCK_HEADS.text(DIALECT)[0], ()), *ask.guards(work.began), *trip.writes]
        answer = line.take(writes, lambda: told(result, work.positions))
        work.committed()
        return answer

    def follow(self, work: UnitOfWork) -> None:
        """A transaction of this process was committed."""
        if self.began != work.began:
            self._named.clear()
        self.began = tuple(work.heads.values())
        for about in work.recorded:
            if about.stream.startswith(self._holds):
                self._add(about)
        for subject, key in work.keys.changed.items():
            self.keep(KEYS, subject, [(subject, key)] if key else [])

    def _add(self, about: RecordedEvent) -> None:
        """An event more of a stream whose events are all known."""
        known = self.recall(READ_STREAMS, about.stream)
        if known is None and about.version == 1:
            self.keep(READ_STREAMS, about.stream, [about])
        elif known is not None and about.version == (known[-1][_VERSION] if known else 0) + 1:
            self.keep(READ_STREAMS, about.stream, [*known, about])

    def recall(self, question: PreparedQuery, name: str) -> Rows | None:
        result = self._named.get((question, name))
        if result is not None:
            self._named.move_to_end((question, name))
        return result

    def keep(self, question: PreparedQuery, name: str, rows: Rows) -> None:
        self._named[question, name] = rows
        self._named.move_to_end((question, name))
        if len(self._named) > MOST:
            self._named.popitem(last=False)

    def forget(self) -> None:
        self.began = ()
        self.said.clear()
        self._named.clear()
        line, self._line = self._line, None
        if line is not None:
            line.close()


class CachedQueryRunner:
    """Answers from memory; what is not there is asked, without a lock, and remembered.

    A question asked for each of several names is one that the log answers: it is so as long as the log ends where it
    did.  Any other is put again where the writing begins, and must be answered in the same words; one that seldom has
    an answer is put only there, and must have none."""

    def __init__(self, memory: StreamCache, line: PipelineConnection, foreseen: ExpectedQueries) -> None:
        self._memory, self._line, self._foreseen = memory, line, foreseen
        self._used: dict[BoundQuery, str] = {}
        self._seldom: dict[BoundQuery, None] = {}
        self._learn([foreseen.instead.get(item, item) for item in foreseen.asked])

    def __call__(self, asked: BoundQuery) -> Rows:
        asked = self._foreseen.instead.get(asked, asked)
        if asked.question.seldom:
            self._seldom[asked] = None
            return ()
        if self._missing(asked) is not None:
            self._learn([asked])
        if asked.question.each is None:
            rows, self._used[asked] = self._memory.said[asked]
            return rows
        return [row for name in asked.names for row in self._memory.recall(asked.question, name) or ()]

    def forget(self) -> None:
        """What is written goes with the trip: nothing is asked after it."""

    def guards(self, began: Sequence[Head]) -> list[tuple[str, list[Any]]]:
        """The statements that fail where something is not so (any more)."""
        same: list[Any] = [" ".join(head.hash for head in began)]
        for asked, words in self._used.items():
            same += [*asked.in_order(DIALECT), words]
        none = [value for asked in self._seldom for value in asked.in_order(DIALECT)]
        return [(_same(tuple(asked.question for asked in self._used)), same),
                (_none(tuple(asked.question for asked in self._seldom)), none)]  # fmt: skip

    def _learn(self, asked: Sequence[BoundQuery]) -> None:
        """Ask what is not remembered.  Where nothing is, the end of the log comes first: it may be too old for what
        comes behind it, never too new."""
        memory = self._memory
        wanted = [missing for item in asked if (missing := self._missing(item)) is not None]
        if not memory.began:
            wanted.insert(0, READ_HEADS())
        if not wanted:
            return
        began = memory.began
        answers = self._line.ask([_with_words(item) for item in wanted])
        if memory.began is not began:  # it moved on meanwhile: these answers may be too old for it
            raise NotCached
        if len(memory.said) >= MOST_SAID:
            memory.said.clear()
        for item, rows in zip(wanted, answers, strict=True):
            if item.question is READ_HEADS:
                memory.began = tuple(Head(*row[:-1]) for row in rows)
            elif item.question.each is None:
                memory.said[item] = [row[:-1] for row in rows], "\n".join(row[-1] for row in rows)
            else:
                at = item.question.each
                for name in item.names:
                    memory.keep(item.question, name, [row for row in rows if row[at] == name])

    def _missing(self, asked: BoundQuery) -> BoundQuery | None:
        """What of it is not remembered."""
        memory, question = self._memory, asked.question
        if question.each is None:
            return None if question.seldom or asked in memory.said else asked
        new = self._foreseen.new if question is READ_STREAMS else ()
        names = [name for name in asked.names if name not in new and memory.recall(question, name) is None]
        return asked.of(names) if names else None


def _with_words(asked: BoundQuery) -> tuple[str, dict[str, Any]]:
    """As the driver takes it, each row with the words in which the server would say it."""
    text, values = asked.said(DIALECT)
    return (text, values) if asked.question.each is not None else (f"SELECT q.*, q::text FROM ({text}) q", values)


@functools.cache
def _same(questions: tuple[PreparedQuery, ...]) -> str:
    """Fails unless the log ends so and each is answered in these words.  Only an error ends a trip: OVERTAKEN."""
    said = "(SELECT coalesce(string_agg(q::text, chr(10)), '') FROM ({}) q) = %s"
    so = " AND ".join([_SAME_END, *(said.format(question.positional(DIALECT)) for question in questions)])
    return f"SELECT 1 / CASE WHEN {so} THEN 1 ELSE 0 END"


@functools.cache
def _none(questions: tuple[PreparedQuery, ...]) -> str:
    """Fails where one of them has an answer: SELDOM_AND_NOW."""
    none = " AND ".join(f"NOT EXISTS ({question.positional(DIALECT)})" for question in questions)
    return f"SELECT sqrt(CASE WHEN {none or 'true'} THEN 1 ELSE -1 END)"


def decided(
    runtime: "ServiceRuntime",
    about: CommandContext,
    foreseen: ExpectedQueries,
    decision: Callable[[UnitOfWork], T],
    told: Callable[[T, list[str]], A],
) -> A:
    """A decision made and committed: from memory where that will do, otherwise under the lock.  It may be made twice.

    `told` makes the answer of what was decided and its positions, while the store writes: it asks and waits for
    nothing."""
    if runtime.memory is not None and foreseen.instead:
        with contextlib.suppress(NotCached):
            return runtime.memory.decide(about, foreseen, decision, told)
    with unit_of_work(runtime, about, foreseen.asked) as work:
        result = decision(work)
    return told(result, work.positions)
