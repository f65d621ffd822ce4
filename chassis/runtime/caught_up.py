"""Read your writes: waits, for a bounded time, until this service has applied what a caller has already seen."""

import re
import time
from collections.abc import Callable

from chassis.messaging.catch_up import CatchUp
from chassis.messaging.inbox import Inbox
from chassis.process.greenlets import Progress
from chassis.process.problems import Problem
from chassis.store import event_log
from chassis.store.database import Store

WAIT_SECONDS = 10.0
RECHECK_SECONDS = 0.5
_POSITION = re.compile(r"([a-z]{1,40})/([0-9]{1,9})/([0-9]{1,18})", re.ASCII)


class CaughtUp:
    """`progress` is made whenever a cursor may have moved."""

    def __init__(self, service: str, store: Store, inbox: Inbox, catch_up: CatchUp, progress: Progress) -> None:
        self._service, self._store, self._inbox = service, store, inbox
        self._catch_up, self._progress = catch_up, progress

    def wait_until_applied(self, after: str | None) -> None:
        """Wait for positions, `source/partition/position` separated by commas.  Problem 503 when they do not come."""
        if not after:
            return
        wanted = [_position(item) for item in after.split(",")]
        if not self._wait_for(lambda: all(self._applied(*position) for position in wanted)):
            raise Problem(503, "not_caught_up", f"{self._service} has not received {after} yet; try again")

    def wait_until_known(self, known_at: str) -> None:
        """Wait until everything that the sources recorded up to that instant is here.  Problem 409 when it is not."""
        sources = self._inbox.sources
        if not self._wait_for(lambda: all(self._catch_up.watermark(source) > known_at for source in sources)):
            raise Problem(409, "not_known_yet", f"the sources have not passed {known_at}")

    def _wait_for(self, condition: Callable[[], bool]) -> bool:
        limit = time.monotonic() + WAIT_SECONDS
        while not condition():
            left = limit - time.monotonic()
            if left <= 0:
                return False
            self._catch_up.request()
            self._progress.wait(min(left, RECHECK_SECONDS))
        return True

    def _applied(self, source: str, partition: int, position: int) -> bool:
        with self._store.reading() as connection:
            if source == self._service:
                heads = {head.partition: head.position for head in event_log.read_heads(connection)}
                return heads.get(partition, 0) >= position
            if source not in self._inbox.sources:
                return True
            return self._inbox.cursor(connection, source, partition).position >= position


def _position(text: str) -> tuple[str, int, int]:
    match = _POSITION.fullmatch(text.strip())
    if match is None:
        raise Problem(400, "bad_position", f"{text[:100]!r} is not source/partition/position")
    return match[1], int(match[2]), int(match[3])
