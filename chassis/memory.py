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

from chassis.asking import Asked, Question, Rows
from chassis.handling import About, Refused, Work, working
from chassis.keys import KEYS
from chassis.log import LOCK, LOOK, STREAMS, Head, Recorded
from chassis.problems import Problem
from chassis.trip import DIALECT, Line, NotAtHand, Trip

if TYPE_CHECKING:
    from chassis.frame import Frame

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
_VERSION = Recorded._fields.index("version")


class Foreseen(NamedTuple):
    """What a decision asks in any case.  When it is made from memory: which streams it may presume to be new (a key of
    the store refuses them if they are not), and what it asks `instead`; one without that is not made from memory."""

    asked: Sequence[Asked] = ()
    new: frozenset[str] = frozenset()
    instead: Mapping[Asked, Asked] = {}


class Memory:
    """One service's memory, and the line by which it asks and writes: one decision at a time.

    `holds`: how the streams begin that are worth remembering."""

    def __init__(self, frame: "Frame", holds: tuple[str, ...]) -> None:
        self.frame, self._holds = frame, holds
        self.began: tuple[Head, ...] = ()
        self.said: dict[Asked, tuple[Rows, str]] = {}
        self._named: OrderedDict[tuple[Question, str], Rows] = OrderedDict()
        self._turn = Semaphore(1)
        self._line: Line | None = None
        self._rests_until = 0.0

    def decide(
        self, about: About, foreseen: Foreseen, decision: Callable[[Work], T], told: Callable[[T, list[str]], A]
    ) -> A:
        """As `decided`.  NotAtHand: it must be decided under the lock."""
        if time.monotonic() < self._rests_until or not self._turn.acquire(timeout=TURN_SECONDS):
            raise NotAtHand
        try:
            return self._decide(about, foreseen, decision, told)
        except (Problem, Refused):  # nobody is refused from memory; and what it said may be too old
            self.said.clear()
            raise NotAtHand from None
        except (NotAtHand, psycopg.errors.UniqueViolation, SELDOM_AND_NOW):
            raise NotAtHand from None
        except OVERTAKEN:
            self._rests_until = time.monotonic() + REST_SECONDS
            self.forget()
            raise NotAtHand from None
        except Exception as error:
            if not isinstance(error, psycopg.Error):
                _log.exception("not from memory")
            self.forget()
            raise NotAtHand from None
        except BaseException:  # cut off, such as by a Timeout: nobody knows what the line is in the midst of
            self.forget()
            raise
        finally:
            self._turn.release()

    def _decide(
        self, about: About, foreseen: Foreseen, decision: Callable[[Work], T], told: Callable[[T, list[str]], A]
    ) -> A:
        line = self._line = self._line or self.frame.store.line()
        ask = Recalling(self, line, foreseen)
        trip = Trip()
        work = Work(self.frame, trip, about, ask, self.began)
        found = decision(work)
        work.finish(last=True)
        if not work.recorded:
            raise NotAtHand
        writes = [(LOCK.text(DIALECT)[0], ()), *ask.guards(work.began), *trip.writes]
        answer = line.take(writes, lambda: told(found, work.positions))
        work.committed()
        return answer

    def follow(self, work: Work) -> None:
        """A transaction of this process was committed."""
        if self.began != work.began:
            self._named.clear()
        self.began = tuple(work.heads.values())
        for about in work.recorded:
            if about.stream.startswith(self._holds):
                self._add(about)
        for subject, key in work.keys.changed.items():
            self.keep(KEYS, subject, [(subject, key)] if key else [])

    def _add(self, about: Recorded) -> None:
        """An event more of a stream whose events are all known."""
        known = self.recall(STREAMS, about.stream)
        if known is None and about.version == 1:
            self.keep(STREAMS, about.stream, [about])
        elif known is not None and about.version == (known[-1][_VERSION] if known else 0) + 1:
            self.keep(STREAMS, about.stream, [*known, about])

    def recall(self, question: Question, name: str) -> Rows | None:
        found = self._named.get((question, name))
        if found is not None:
            self._named.move_to_end((question, name))
        return found

    def keep(self, question: Question, name: str, rows: Rows) -> None:
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


class Recalling:
    """Answers from memory; what is not there is asked, without a lock, and remembered.

    A question asked for each of several names is one that the log answers: it is so as long as the log ends where it
    did.  Any other is put again where the writing begins, and must be answered in the same words; one that seldom has
    an answer is put only there, and must have none."""

    def __init__(self, memory: Memory, line: Line, foreseen: Foreseen) -> None:
        self._memory, self._line, self._foreseen = memory, line, foreseen
        self._used: dict[Asked, str] = {}
        self._seldom: dict[Asked, None] = {}
        self._learn([foreseen.instead.get(one, one) for one in foreseen.asked])

    def __call__(self, asked: Asked) -> Rows:
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

    def _learn(self, asked: Sequence[Asked]) -> None:
        """Ask what is not remembered.  Where nothing is, the end of the log comes first: it may be too old for what
        comes behind it, never too new."""
        memory = self._memory
        wanted = [missing for one in asked if (missing := self._missing(one)) is not None]
        if not memory.began:
            wanted.insert(0, LOOK())
        if not wanted:
            return
        began = memory.began
        answers = self._line.ask([_with_words(one) for one in wanted])
        if memory.began is not began:  # it moved on meanwhile: these answers may be too old for it
            raise NotAtHand
        if len(memory.said) >= MOST_SAID:
            memory.said.clear()
        for one, rows in zip(wanted, answers, strict=True):
            if one.question is LOOK:
                memory.began = tuple(Head(*row[:-1]) for row in rows)
            elif one.question.each is None:
                memory.said[one] = [row[:-1] for row in rows], "\n".join(row[-1] for row in rows)
            else:
                at = one.question.each
                for name in one.names:
                    memory.keep(one.question, name, [row for row in rows if row[at] == name])

    def _missing(self, asked: Asked) -> Asked | None:
        """What of it is not remembered."""
        memory, question = self._memory, asked.question
        if question.each is None:
            return None if question.seldom or asked in memory.said else asked
        new = self._foreseen.new if question is STREAMS else ()
        names = [name for name in asked.names if name not in new and memory.recall(question, name) is None]
        return asked.of(names) if names else None


def _with_words(asked: Asked) -> tuple[str, dict[str, Any]]:
    """As the driver takes it, each row with the words in which the server would say it."""
    text, values = asked.said(DIALECT)
    return (text, values) if asked.question.each is not None else (f"SELECT q.*, q::text FROM ({text}) q", values)


@functools.cache
def _same(questions: tuple[Question, ...]) -> str:
    """Fails unless the log ends so and each is answered in these words.  Only an error ends a trip: OVERTAKEN."""
    said = "(SELECT coalesce(string_agg(q::text, chr(10)), '') FROM ({}) q) = %s"
    so = " AND ".join([_SAME_END, *(said.format(one.positional(DIALECT)) for one in questions)])
    return f"SELECT 1 / CASE WHEN {so} THEN 1 ELSE 0 END"


@functools.cache
def _none(questions: tuple[Question, ...]) -> str:
    """Fails where one of them has an answer: SELDOM_AND_NOW."""
    none = " AND ".join(f"NOT EXISTS ({one.positional(DIALECT)})" for one in questions)
    return f"SELECT sqrt(CASE WHEN {none or 'true'} THEN 1 ELSE -1 END)"


def decided(
    frame: "Frame", about: About, foreseen: Foreseen, decision: Callable[[Work], T], told: Callable[[T, list[str]], A]
) -> A:
    """A decision made and committed: from memory where that will do, otherwise under the lock.  It may be made twice.

    `told` makes the answer of what was decided and its positions, while the store writes: it asks and waits for
    nothing."""
    if frame.memory is not None and foreseen.instead:
        with contextlib.suppress(NotAtHand):
            return frame.memory.decide(about, foreseen, decision, told)
    with working(frame, about, foreseen.asked) as work:
        found = decision(work)
    return told(found, work.positions)
