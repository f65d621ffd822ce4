"""Catch-up: compares the log heads of the source services with our cursors and fetches from their feeds what the broker
did not deliver."""

from dataclasses import dataclass
from typing import Any

import structlog
from eventlet.event import Event
from eventlet.timeout import Timeout

from chassis.events import envelope
from chassis.messaging.inbox import Inbox
from chassis.process.greenlets import ProgressSignal
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.peers import Peers, PeerUnavailable
from chassis.process.quiet_log import QuietLog
from chassis.store.database import Store, is_transient

_log = structlog.get_logger(__name__)
LOOP = "catch_up"
IDLE_SECONDS = 5


@dataclass(frozen=True)
class SourceHead:
    """The head of one partition of a source's log by its last answer; `now` is the source's clock before it read the
    head."""

    epoch: str
    position: int
    now: str
    behind_at: int = -1
    """The position of our cursor if it was behind that head; -1 if it was not."""


class CatchUp:
    """One loop per service: runs at start, when a gap or a reconnect is reported, and every IDLE_SECONDS.  `seen`: the
    last head by (source, partition); `unavailable`: the last error by source."""

    def __init__(
        self, store: Store, inbox: Inbox, peers: Peers, monitor: LoopMonitor, progress: ProgressSignal
    ) -> None:
        self._store, self._inbox, self._peers = store, inbox, peers
        self._monitor, self._progress = monitor, progress
        self.seen: dict[tuple[str, int], SourceHead] = {}
        self.unavailable: dict[str, str] = {}
        self._requested = Event()
        self._at_once = True
        self._warnings = QuietLog(_log)

    def request(self) -> None:
        """Run now: events are or may be missing."""
        self._at_once = True
        if not self._requested.ready():
            self._requested.send()

    def run(self) -> None:
        """Loop until the service stops; any failure is retried in the next round."""
        while not self._monitor.stopping:
            at_once, self._at_once = self._at_once, False
            self._requested = Event()
            for source in self._inbox.sources:
                self.try_source(source, at_once)
            self._pulse()
            with Timeout(IDLE_SECONDS, False):
                self._requested.wait()

    def try_source(self, source: str, at_once: bool) -> None:
        """`check_source`, with a failure recorded in `unavailable` instead of raised."""
        try:
            self.check_source(source, at_once)
            self.unavailable.pop(source, None)
        except PeerUnavailable as error:
            self.unavailable[source] = str(error)
        except Exception as error:
            if not is_transient(error):
                self._warnings.exception("catch-up failed", f"{source}: {type(error).__name__}", source=source)
            self.unavailable[source] = repr(error)

    def check_source(self, source: str, at_once: bool) -> None:
        """Compare the source's heads with our cursors; fetch what is missing: at once, or if the cursor has not moved
        since the last check.  A source whose log contradicts our cursor stops the partition.  Raises
        PeerUnavailable."""
        # cursors are read first: events that arrive while the source answers would look like a truncated log
        with self._store.reading() as connection:
            places = [self._inbox.cursor(connection, source, p) for p in range(self._store.partitions)]
        answer = self._peers.heads(source)
        for head in answer["partitions"][: len(places)]:
            partition, position = int(head["partition"]), int(head["position"])
            cursor = places[partition]
            key = (source, partition)
            before = self.seen.get(key)
            behind = cursor.position if cursor.position < position else -1
            self.seen[key] = SourceHead(str(answer["epoch"]), position, str(answer["now"]), behind)
            if cursor.stopped:
                continue
            if position < cursor.position or (position == cursor.position and head["hash"] != cursor.hash):
                self._inbox.stop(source, partition, f"its log ends at {position} with another past than ours")
            elif behind >= 0 and (at_once or (before is not None and before.behind_at == behind)):
                self.pull(source, partition)

    def pull(self, source: str, partition: int) -> None:
        """Fetch and apply page by page up to the source's head.  Raises PeerUnavailable."""
        while not self._monitor.stopping:
            with self._store.reading() as connection:
                cursor = self._inbox.cursor(connection, source, partition)
            envelopes = _envelopes(self._peers.feed(source, partition, cursor.position))
            if cursor.stopped or not envelopes:
                return
            self._inbox.advance(source, partition, envelopes, from_feed=True)
            self._pulse()

    def _pulse(self) -> None:
        self._monitor.pulse(LOOP)
        self._progress.advance()

    def watermark(self, source: str) -> str:
        """The instant (by the source's clock) up to which all events that the source recorded are applied here; '' if
        unknown."""
        marks = [s.now for (name, _), s in self.seen.items() if name == source and s.behind_at < 0]
        complete = len(marks) == sum(1 for name, _ in self.seen if name == source)
        return min(marks) if marks and complete else ""


def _envelopes(page: dict[str, Any]) -> list[envelope.Envelope]:
    try:
        return envelope.decode_all(page["events"])
    except (KeyError, envelope.BadEnvelope) as error:
        raise PeerUnavailable(f"a feed page that cannot be read: {error}") from error
