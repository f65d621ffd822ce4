"""Verifies every hash chain of a log and compares every inbox with its source's feed, in the background; progress can
be polled."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import eventlet
import structlog
from sqlalchemy import Connection

from chassis.process import greenlets
from chassis.process.peers import PeerUnavailable
from chassis.store import event_log
from chassis.store.database import Store
from chassis.store.kept_outcome import KeptOutcome
from chassis.store.schema import cursors

_log = structlog.get_logger(__name__)
PAGE = 2000
CHAIN, INBOX = "chain", "inbox"


@dataclass(frozen=True)
class ChainPart:
    """A verified part of a hash chain.

    `checked`: number of correct events; `position`, `hash`: of the last of them; `head`: the partition's last position;
    `broken`: the first incorrect position, None where all are correct."""

    checked: int
    position: int
    hash: str
    head: int
    broken: int | None
    detail: str


@dataclass
class VerifiedPlace:
    """Progress in one partition: of the service's own log (`kind` CHAIN), or of a source's log in the inbox (INBOX).
    `away`: the source does not answer, so the inbox could not be compared with it."""

    kind: str
    source: str
    partition: int
    checked: int = 0
    position: int = 0
    head: int = 0
    broken: int | None = None
    detail: str = ""
    away: bool = False


@dataclass
class LogVerificationProgress:
    """Progress; `state`: idle, running, done or failed; `seconds` since the start."""

    state: str = "idle"
    seconds: float = 0.0
    detail: str = ""
    ended_at: str = ""
    places: list[VerifiedPlace] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "seconds": f"{self.seconds:.3f}"}


def log_progress_of(outcome: Mapping[str, Any]) -> LogVerificationProgress:
    """The progress that was saved; idle where nothing was."""
    if not outcome:
        return LogVerificationProgress()
    places = [VerifiedPlace(**each) for each in outcome["places"]]
    return LogVerificationProgress(**{**outcome, "seconds": float(outcome["seconds"]), "places": places})


class InboxComparison(Protocol):
    """Compares an inbox with its source's feed: chassis/messaging/inbox_verification.py, which this package must not
    import."""

    def compare(self, source: str, partition: int, after: int) -> Any: ...


class LogVerification:
    """Verification of one service's log; one run at a time.  `now()`: the current time as text."""

    def __init__(
        self, store: Store, service: str, inboxes: InboxComparison, now: Callable[[], str],
        outcome: KeptOutcome | None = None,
    ) -> None:  # fmt: skip
        self._store, self._service, self._inboxes, self._now = store, service, inboxes, now
        self._outcome = outcome or KeptOutcome()
        self.progress = log_progress_of(self._outcome.read())

    def begin(self, spawn: Callable[..., Any] = eventlet.spawn_n) -> None:
        """Start in the background unless one runs."""
        if self.progress.state != "running":
            self.progress = LogVerificationProgress("running")
            spawn(self.run)

    def run(self) -> None:
        """Verify all chains and inboxes; an incorrect one is noted and the others are still verified."""
        progress, started = self.progress, time.monotonic()
        try:
            progress.places = self._places()
            for place in progress.places:
                for _ in self._walk(place) if place.kind == CHAIN else self._compare(place):
                    progress.seconds = time.monotonic() - started
                    greenlets.yield_control()
        except Exception as error:
            _log.exception("the log was not verified")
            progress.state, progress.detail = "failed", repr(error)[:500]
        else:
            progress.state = "done"
        progress.seconds, progress.ended_at = max(time.monotonic() - started, 1e-6), self._now()
        self._outcome.keep(progress.as_json())

    def _places(self) -> list[VerifiedPlace]:
        with self._store.reading() as connection:
            own = [VerifiedPlace(CHAIN, self._service, head.partition, head=head.position)
                   for head in event_log.read_heads(connection)]  # fmt: skip
            rows = connection.execute(cursors.select().order_by(cursors.c.source, cursors.c.partition)).all()
        return [*own, *(VerifiedPlace(INBOX, row.source, row.partition, head=row.position) for row in rows)]

    def _walk(self, place: VerifiedPlace) -> Iterator[None]:
        digest = ""
        while place.broken is None:
            with self._store.reading() as connection:
                part = walk_part(connection, place.partition, place.position, digest, PAGE)
            if part is None:
                return
            place.checked += part.checked
            place.broken, place.detail, place.head = part.broken, part.detail, part.head
            if not part.checked:
                return
            place.position, digest = part.position, part.hash
            yield

    def _compare(self, place: VerifiedPlace) -> Iterator[None]:
        while place.broken is None and place.position < place.head:
            try:
                part = self._inboxes.compare(place.source, place.partition, place.position)
            except PeerUnavailable as error:
                place.away, place.detail = True, str(error)[:200]
                return
            place.checked += part.checked
            place.broken, place.detail = part.broken, part.detail
            if part.position <= place.position:
                return
            place.position = part.position
            yield


def walk_part(connection: Connection, partition: int, after: int, digest: str, limit: int) -> ChainPart | None:
    """Verify at most `limit` events past position `after`, whose event has the hash `digest`; at the end of the log
    also compare with the head.  None: there is no such partition."""
    head = {each.partition: each for each in event_log.read_heads(connection)}.get(partition)
    if head is None:
        return None
    walk = event_log.verify(connection, partition, after, digest, limit)
    broken, detail = walk.broken, walk.detail
    ended = walk.checked == 0 or walk.position == head.position
    if broken is None and ended and (walk.position, walk.hash) != (head.position, head.hash):
        broken, detail = walk.position + 1, f"the log ends at {walk.position}, its head says {head.position}"
    return ChainPart(walk.checked, walk.position, walk.hash, head.position, broken, detail)
