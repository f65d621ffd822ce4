"""Pull for truth: asks every source's head, and fetches from its feed what the broker did not bring."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from eventlet.event import Event
from eventlet.timeout import Timeout

from chassis.events import envelope
from chassis.process.peers import PeerUnavailable
from chassis.store.database import is_transient

if TYPE_CHECKING:
    from chassis.runtime.service_runtime import ServiceRuntime

_log = structlog.get_logger(__name__)
IDLE_SECONDS = 5


@dataclass(frozen=True)
class SourceHead:
    """A source's partition as it answered last: its head, and its own clock before it looked."""

    epoch: str
    position: int
    now: str
    behind_at: int = -1


class CatchUp:
    """One loop a service: at start, when a gap or a reconnect is told, and every few seconds."""

    def __init__(self, runtime: "ServiceRuntime") -> None:
        self.runtime = runtime
        self.seen: dict[tuple[str, int], SourceHead] = {}
        self.away: dict[str, str] = {}
        self._told = Event()
        self._hurry = True

    def tell(self) -> None:
        """Something is missing, or may be: look now."""
        self._hurry = True
        if not self._told.ready():
            self._told.send()

    def run(self) -> None:
        """Loop until the service stops; whatever fails is tried again."""
        while not self.runtime.stopping:
            hurry, self._hurry = self._hurry, False
            self._told = Event()
            for source in self.runtime.inbox.sources:
                self._look(source, hurry)
            self.runtime.pulse("healing")
            with Timeout(IDLE_SECONDS, False):
                self._told.wait()

    def _look(self, source: str, hurry: bool) -> None:
        try:
            self.look(source, hurry)
            self.away.pop(source, None)
        except PeerUnavailable as error:
            self.away[source] = str(error)
        except Exception as error:
            if not is_transient(error):
                _log.exception("healing failed", source=source)
            self.away[source] = repr(error)

    def look(self, source: str, hurry: bool) -> None:
        """Compare the source's heads with our cursors; pull what is behind (at once, or when it stands still)."""
        # our place first: what the broker brings while the source is asked would look like a memory that it lacks
        with self.runtime.store.reading() as connection:
            places = [self.runtime.inbox.cursor(connection, source, p) for p in range(self.runtime.settings.partitions)]
        answer = self.runtime.peers.heads(source)
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
                self.runtime.inbox.stop(source, partition, f"its log ends at {position} with another past than ours")
            elif behind >= 0 and (hurry or (before is not None and before.behind_at == behind)):
                self.pull(source, partition)

    def pull(self, source: str, partition: int) -> None:
        """Fetch and apply page by page until the source's head."""
        while not self.runtime.stopping:
            with self.runtime.store.reading() as connection:
                cursor = self.runtime.inbox.cursor(connection, source, partition)
            page = self.runtime.peers.feed(source, partition, cursor.position)
            arrivals = _page(page)
            if cursor.stopped or not arrivals:
                return
            self.runtime.inbox.advance(source, partition, arrivals, from_feed=True)
            self.runtime.pulse("healing")

    def watermark(self, source: str) -> str:
        """Every event that the source recorded before this instant (by its clock) has been applied here."""
        marks = [s.now for (name, _), s in self.seen.items() if name == source and s.behind_at < 0]
        whole = len(marks) == sum(1 for name, _ in self.seen if name == source)
        return min(marks) if marks and whole else ""


def _page(page: dict[str, Any]) -> list[envelope.Envelope]:
    try:
        return envelope.decode_all(page["events"])
    except (KeyError, envelope.BadEnvelope) as error:
        raise PeerUnavailable(f"a feed page that cannot be read: {error}") from error
