"""Walks every hash chain of a log, and compares every inbox with its source's feed, in the background: whoever
began it may go away and look again."""

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
    """What was walked of a chain: up to `position` with its `hash`; `broken` is the first position that does not hold,
    None where all do."""

    checked: int
    position: int
    hash: str
    head: int
    broken: int | None
    detail: str


@dataclass
class VerifiedPlace:
    """A partition of the own log (CHAIN) or of a source's in the inbox, as far as it was verified.  `away`: its source
    does not answer, so that it could not be compared."""

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
    """How far it is; `seconds` from its start."""

    state: str = "idle"
    seconds: float = 0.0
    detail: str = ""
    ended_at: str = ""
    places: list[VerifiedPlace] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "seconds": f"{self.seconds:.3f}"}


def log_progress_of(outcome: Mapping[str, Any]) -> LogVerificationProgress:
    """As it was kept; of none: nothing was begun."""
    if not outcome:
        return LogVerificationProgress()
    places = [VerifiedPlace(**each) for each in outcome["places"]]
    return LogVerificationProgress(**{**outcome, "seconds": float(outcome["seconds"]), "places": places})


class InboxComparison(Protocol):
    """chassis/messaging/inbox_verification.py."""

    def compare(self, source: str, partition: int, after: int) -> Any: ...


class LogVerification:
    """One at a time, of one service.  `now`: the time as text."""

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
        """Every chain and every inbox; what does not hold is kept, and the others are gone through."""
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
    """A part of a chain past `after`, whose event bears the hash `digest`; at its end it is held against the head.
    None: there is no such partition."""
    head = {each.partition: each for each in event_log.read_heads(connection)}.get(partition)
    if head is None:
        return None
    walk = event_log.verify(connection, partition, after, digest, limit)
    broken, detail = walk.broken, walk.detail
    ended = walk.checked == 0 or walk.position == head.position
    if broken is None and ended and (walk.position, walk.hash) != (head.position, head.hash):
        broken, detail = walk.position + 1, f"the log ends at {walk.position}, its head says {head.position}"
    return ChainPart(walk.checked, walk.position, walk.hash, head.position, broken, detail)
