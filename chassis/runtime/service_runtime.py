"""The frame of one service: its store, log, inbox, relay and loops, held together; knows nothing of its trade."""

import contextlib
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import eventlet
import structlog
from eventlet.event import Event as Signal
from eventlet.timeout import Timeout
from sqlalchemy import Connection, MetaData

from chassis.events import operator_events
from chassis.events.canonical_json import instant
from chassis.events.definition import REGISTRY
from chassis.messaging import broker, dead_letters, quarantine_operations
from chassis.messaging.catch_up import CatchUp
from chassis.messaging.consumer import Consumer, Subscription
from chassis.messaging.inbox import Inbox
from chassis.messaging.reactions import Reactions
from chassis.messaging.relay import Relay
from chassis.process.clock import rehearsal, utcnow
from chassis.process.peers import Peers
from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.process.tokens import Signer, Verifier, make_keys, private_key
from chassis.store import event_log
from chassis.store.database import Store, is_transient
from chassis.store.prepared_query import BoundQuery
from chassis.store.projections import Projections, Rows
from chassis.store.rebuild import Rebuild
from chassis.store.unit_of_work import HANDLER_ERRORS, UnitOfWork, UnitsOfWork

_log = structlog.get_logger(__name__)
WAIT_SECONDS = 10.0
WARN_SECONDS = 60.0
_PLACE = re.compile(r"([a-z]{1,40})/([0-9]{1,9})/([0-9]{1,18})", re.ASCII)

assert operator_events  # its events belong to every service's registry


class ServiceRuntime:
    """Everything that a service is bolted to.  `start` is given what spawns a loop."""

    def __init__(
        self,
        service: str,
        settings: Settings,
        rows: MetaData,
        projections: Projections,
        reactions: Reactions,
    ) -> None:
        self.service, self.settings = service, settings
        self.clock = rehearsal(Path(settings.rehearsal_clock)) if settings.rehearsal_clock else utcnow
        self.data = Path(settings.data)
        url = settings.database_url or f"sqlite:///{self.data / service / 'store.db'}"
        self.store = Store(url, rows, settings.partitions)
        self.projections, self.reactions = projections, reactions
        self.known = REGISTRY.classes
        self.signer = self._signer()
        self.verifier = Verifier(settings.district, Path(settings.trusted_keys or self.data / "keys"))
        self.peers = Peers(settings, self.signer)
        self.units_of_work = UnitsOfWork(self.store, projections, service, self.clock, self.appended)
        self.inbox = Inbox(self)
        self.rebuild = Rebuild(self.store, projections, service, self.inbox.sources)
        self.catch_up = CatchUp(self)
        self.relay = Relay(self)
        self.subscriptions: list[Subscription] = []
        self.retry_intake: Callable[[Any, bytes, object, str], bool] = lambda *_: False
        self.consumer = Consumer(self, [])
        self.channels: dict[str, str] = {}  # ways out of the system: where each leads; empty: it is not set
        self.counters: dict[str, Callable[[Connection], int]] = {}
        self.loops: list[tuple[str, Callable[[], None]]] = []
        self.reconnect_hooks: list[Callable[[], None]] = []
        self.stop_signals: list[Callable[[], None]] = [self.relay.wake, self.catch_up.tell]
        self.installed = self.stopping = False
        self.pulses, self._told_away = dict[str, float](), dict[str, float]()  # by loop: moments of monotonic time
        self._progress = Signal()
        self._running = 0

    def _signer(self) -> Signer:
        path = Path(self.settings.signing_key_file or self.data / "keys" / f"{self.service}.key")
        if not path.exists() and not self.settings.signing_key_file:
            make_keys(path, path.with_suffix(".pem"))
        return Signer(self.service, self.settings.district, private_key(path))

    def now(self) -> str:
        """The clock, as canonical text."""
        return instant(self.clock())

    def rows(self, connection: Connection) -> Rows:
        return Rows(self.store, connection)

    def unit_of_work(
        self, actor: object, correlation: str = "", prefetch: Sequence[BoundQuery] = ()
    ) -> contextlib.AbstractContextManager[UnitOfWork]:
        """A transaction on behalf of an actor: `with runtime.unit_of_work(call.actor, call.correlation) as work`."""
        return self.units_of_work.begin(actor, correlation, prefetch)

    def broker_connected(self) -> None:
        """The relay has a connection again: what the broker may have lost is made anew, outside the relay's loop."""
        for restore in self.reconnect_hooks:
            eventlet.spawn_n(self._restore, restore)

    def _restore(self, restore: Callable[[], None]) -> None:
        try:
            restore()
        except Exception:  # the hub would take the descriptor it was waiting for from everybody
            _log.exception("not restored; again when the broker is found again")

    def appended(self) -> None:
        """The log grew: the relay has something to do."""
        self.relay.wake()

    def start(self, spawn: Callable[[Callable[[], None], str], Any]) -> None:
        """Install the store as soon as it answers, then run every loop."""
        spawn(lambda: self._boot(spawn), "boot")

    def _boot(self, spawn: Callable[[Callable[[], None], str], Any]) -> None:
        pause = 0.2
        while not self.stopping and not self.installed:
            try:
                self.store.install(self.service, self.settings.district)
                self.installed = True
            except Exception as error:
                self.outage("store")
                _log.warning("store not ready", error=str(error)[:300])
                self._nap(pause)
                pause = min(pause * 2, 5.0)
        self.pulses.pop("store", None)  # no loop renews it: an outage that is over would look like a loop that hangs
        if self.stopping:
            return
        self._guarded_once(lambda: quarantine_operations.after_an_upgrade(self))
        self.consumer = Consumer(self, self._all_taps())
        for name, loop in [("healing", self.catch_up.run), ("relay", self.relay.run),
                           ("listening", self.consumer.run), *self.loops]:  # fmt: skip
            self.pulse(name)
            spawn(self._guarded(name, loop), name)

    def _all_taps(self) -> list[Subscription]:
        hearing = [
            Subscription(broker.events_queue(self.service, source, p), "inbox", self._hear)
            for source in self.inbox.sources
            for p in range(self.settings.partitions)
        ]
        return [*hearing, *self.subscriptions, dead_letters.subscription(self)]

    def _hear(self, batch: Sequence[Any]) -> None:
        whole = self.inbox.receive([delivery.body for delivery in batch])
        self._progress_made()
        if not whole:
            self.catch_up.tell()

    def _guarded(self, name: str, loop: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            self._running += 1
            try:
                while not self.stopping:
                    try:
                        loop()
                    except (
                        HANDLER_ERRORS
                    ) as error:  # a loop that ends would be silence: nameko would kill the container
                        if is_transient(error):
                            self._store_away(name, error)
                        else:
                            _log.exception("loop failed, again", loop=name)
                        self._nap(1.0)
            finally:
                self._running -= 1

        return run

    def _store_away(self, loop: str, error: BaseException) -> None:
        """Every loop finds out each second: the log bears it once a minute."""
        self.outage(loop)
        if time.monotonic() - self._told_away.get(loop, -WARN_SECONDS) >= WARN_SECONDS:
            self._told_away[loop] = time.monotonic()
            _log.warning("store away, the loop waits", loop=loop, error=repr(error)[:500])

    def _guarded_once(self, what: Callable[[], None]) -> None:
        try:
            what()
        except HANDLER_ERRORS:
            _log.exception("at start")

    def _nap(self, seconds: float) -> None:
        with Timeout(seconds, False):
            Signal().wait()

    def stop(self, seconds: float = 15.0) -> None:
        """End every loop after the batch that it holds."""
        self.stopping = True
        for wake in self.stop_signals:
            wake()
        limit = time.monotonic() + seconds
        while self._running and time.monotonic() < limit:
            self._nap(0.05)
        self.store.close()

    def pulse(self, loop: str) -> None:
        """That loop went round."""
        self.pulses[loop] = time.monotonic()
        if loop == "healing":
            self._progress_made()

    def outage(self, loop: str) -> None:
        """That loop waits for something known to be away: no reason to end the process."""
        self.pulses[loop] = time.monotonic()

    def _progress_made(self) -> None:
        done, self._progress = self._progress, Signal()
        done.send()

    def wait_until_applied(self, after: str | None) -> None:
        """Read your writes: wait (bounded) until the inbox has passed `source/partition/position`, comma separated."""
        if not after:
            return
        wanted = [_place(item) for item in after.split(",")]
        limit = time.monotonic() + WAIT_SECONDS
        while not all(self._heard(*place) for place in wanted):
            left = limit - time.monotonic()
            if left <= 0:
                raise Problem(503, "not_caught_up", f"{self.service} has not heard {after} yet; try again")
            self.catch_up.tell()
            with Timeout(min(left, 0.5), False):
                self._progress.wait()

    def _heard(self, source: str, partition: int, position: int) -> bool:
        with self.store.reading() as connection:
            if source == self.service:
                heads = {head.partition: head.position for head in event_log.read_heads(connection)}
                return heads.get(partition, 0) >= position
            if source not in self.inbox.sources:
                return True
            return self.inbox.cursor(connection, source, partition).position >= position

    def wait_until_known(self, known_at: str) -> None:
        """Wait until everything that the sources recorded up to that instant is here.  Problem 409 when it is not."""
        limit = time.monotonic() + WAIT_SECONDS
        while not all(self.catch_up.watermark(source) > known_at for source in self.inbox.sources):
            left = limit - time.monotonic()
            if left <= 0:
                raise Problem(409, "not_known_yet", f"the sources have not passed {known_at}")
            self.catch_up.tell()
            with Timeout(min(left, 0.5), False):
                self._progress.wait()


def _place(text: str) -> tuple[str, int, int]:
    match = _PLACE.fullmatch(text.strip())
    if match is None:
        raise Problem(400, "bad_position", f"{text[:100]!r} is not source/partition/position")
    return match[1], int(match[2]), int(match[3])
