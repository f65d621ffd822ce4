"""Read-your-writes: waits, for a limited time, until this service has applied what the caller has already seen."""

import re
import time
from collections.abc import Callable

import sqlalchemy as sa

from chassis.messaging.catch_up import CatchUp
from chassis.messaging.inbox import Inbox
from chassis.process.greenlets import ProgressSignal, sleep
from chassis.process.problems import Problem
from chassis.store import event_log
from chassis.store.database import Store
from chassis.store.schema import cursors

WAIT_SECONDS = 10.0
RECHECK_SECONDS = 0.5
FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.1
"""Seconds between two checks of one waiting request: the pause doubles."""
MAX_POSITIONS = 16
MAX_WAITING = 32
"""The most requests that wait at once: with that pause at most 320 checks of the store a second."""
_POSITION = re.compile(r"([a-z]{1,40})/([0-9]{1,9})/([0-9]{1,18})", re.ASCII)

Place = tuple[str, int]


class CaughtUp:
    """`progress` is signalled whenever a cursor may have moved.  `clock_stands`: the clock is a file's, so time does
    not pass by itself."""

    def __init__(
        self, service: str, store: Store, inbox: Inbox, catch_up: CatchUp, progress: ProgressSignal, clock_stands: bool
    ) -> None:
        self._service, self._store, self._inbox = service, store, inbox
        self._catch_up, self._progress, self._clock_stands = catch_up, progress, clock_stands
        self._waiting = 0

    def wait_until_applied(self, after: str | None) -> None:
        """Wait for positions `source/partition/position`, separated by commas.  Does not wait for a position of this
        service's own log: it is committed before anybody learns of it.  Raises Problem 400 if malformed, 503 after the
        time limit."""
        if not after:
            return
        wanted = self._positions_to_reach(after)
        own = {place: position for place, position in wanted.items() if place[0] == self._service}
        others = {place: position for place, position in wanted.items() if place[0] != self._service}
        if not (self._is_written(own) and self._wait_for(lambda: self._is_applied(others))):
            raise Problem(503, "not_caught_up", f"{self._service} has not received {after[:200]} yet; try again")

    def wait_until_known(self, known_at: str) -> None:
        """Wait until everything that the sources recorded up to that instant is applied.  Raises Problem 409 after the
        time limit."""
        sources = self._inbox.sources
        if not self._wait_for(lambda: all(self._is_past(source, known_at) for source in sources)):
            raise Problem(409, "not_known_yet", f"the sources have not passed {known_at}")

    def _is_past(self, source: str, known_at: str) -> bool:
        """Whether the source's watermark is past that instant; at the instant itself more events may come, unless the
        clock stands."""
        watermark = self._catch_up.watermark(source)
        return watermark > known_at or (self._clock_stands and watermark == known_at)

    def _wait_for(self, condition: Callable[[], bool]) -> bool:
        if condition():
            return True
        if self._waiting >= MAX_WAITING:
            raise Problem(503, "busy", "too many requests wait for what is not here yet; try again")
        self._waiting += 1
        try:
            return self._look_until(condition, time.monotonic() + WAIT_SECONDS)
        finally:
            self._waiting -= 1

    def _look_until(self, condition: Callable[[], bool], limit: float) -> bool:
        """Check until the condition holds or the time limit is over.  Sources are asked every RECHECK_SECONDS, not at
        each progress: their answers are progress themselves."""
        pause, ask_at = FIRST_PAUSE, 0.0
        while (now := time.monotonic()) < limit:
            if now >= ask_at:
                self._catch_up.request()
                ask_at = now + RECHECK_SECONDS
            self._progress.wait(min(limit - now, RECHECK_SECONDS))
            sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            if condition():
                return True
        return False

    def _positions_to_reach(self, after: str) -> dict[Place, int]:
        """The highest position per partition of a source; sources that this service does not subscribe to are
        ignored."""
        texts = after.split(",")
        if len(texts) > MAX_POSITIONS:
            raise Problem(400, "bad_position", f"{len(texts)} positions; at most {MAX_POSITIONS} at once")
        wanted: dict[Place, int] = {}
        for text in texts:
            source, partition, position = _position(text)
            if source != self._service and source not in self._inbox.sources:
                continue
            if partition >= self._store.partitions:
                raise Problem(400, "bad_position", f"{text[:100]!r}: partitions go up to {self._store.partitions - 1}")
            wanted[source, partition] = max(position, wanted.get((source, partition), 0))
        return wanted

    def _is_written(self, wanted: dict[Place, int]) -> bool:
        if not wanted:
            return True
        with self._store.reading() as connection:
            heads = {(self._service, head.partition): head.position for head in event_log.read_heads(connection)}
        return _all_reached(wanted, heads)

    def _is_applied(self, wanted: dict[Place, int]) -> bool:
        if not wanted:
            return True
        query = sa.select(cursors.c.source, cursors.c.partition, cursors.c.position)
        with self._store.reading() as connection:
            positions = {(row.source, row.partition): row.position for row in connection.execute(query)}
        return _all_reached(wanted, positions)


def _all_reached(wanted: dict[Place, int], positions: dict[Place, int]) -> bool:
    return all(positions.get(place, 0) >= position for place, position in wanted.items())


def _position(text: str) -> tuple[str, int, int]:
    match = _POSITION.fullmatch(text.strip())
    if match is None:
        raise Problem(400, "bad_position", f"{text[:100]!r} is not source/partition/position")
    return match[1], int(match[2]), int(match[3])
