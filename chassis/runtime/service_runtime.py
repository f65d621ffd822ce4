"""The runtime of one service: assembles store, log, inbox, relay, consumer and loops.  Knows nothing of the domain."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import eventlet
import structlog
from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import SQLAlchemyError

from chassis.events import operator_events
from chassis.events.canonical_json import instant
from chassis.messaging import dead_letters
from chassis.messaging.catch_up import LOOP as CATCH_UP
from chassis.messaging.catch_up import CatchUp
from chassis.messaging.consumer import LOOP as CONSUMER
from chassis.messaging.consumer import Consumer, Subscription
from chassis.messaging.event_subscriptions import event_subscriptions
from chassis.messaging.inbox import Inbox
from chassis.messaging.inbox_verification import InboxVerification
from chassis.messaging.quarantine_operations import QuarantineOperations, RetryIntake
from chassis.messaging.reactions import Reactions
from chassis.messaging.relay import LOOP as RELAY
from chassis.messaging.relay import Relay
from chassis.process import greenlets
from chassis.process.clock import clock_from_file, utcnow
from chassis.process.greenlets import ProgressSignal
from chassis.process.latest_requests import LatestRequests
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.peers import Peers
from chassis.process.problems import Problem
from chassis.process.quiet_log import QuietLog
from chassis.process.settings import Settings
from chassis.process.tokens import Actor, Signer, Verifier, make_keys, private_key
from chassis.runtime.caught_up import CaughtUp
from chassis.runtime.health import ChannelStates, Counter, Health, Metrics
from chassis.runtime.loops import Loop, Loops, Spawn
from chassis.runtime.write_probe import LOOP as WRITE_PROBE
from chassis.runtime.write_probe import WriteProbe
from chassis.store.database import Store, is_transient, reason
from chassis.store.kept_outcome import KeptOutcome
from chassis.store.log_verification import LogVerification
from chassis.store.prepared_query import BoundQuery
from chassis.store.projections import Projections
from chassis.store.rebuild import SHADOW, Rebuild
from chassis.store.replay import Replay
from chassis.store.row_verification import COMPARISON, RowVerification
from chassis.store.shadow_rows import drop_leftovers
from chassis.store.signed_heads import SignedHeads
from chassis.store.store_checks import StoreMismatch
from chassis.store.unit_of_work import HANDLER_ERRORS, UnitOfWork, UnitsOfWork

_log = structlog.get_logger(__name__)
STOP_SECONDS = 15.0

assert operator_events  # imported to register its events


Identify = Callable[[Connection, Actor, datetime], Actor]


@dataclass(frozen=True)
class RuntimeOptions:
    """What a service adds to the runtime besides projections and reactions.

    `subscriptions`: further queues; `loops`: further loops; `on_reconnect`: called after every connection to the
    broker, to create anew what it may have lost; `retry_intake`: handles a quarantined report; `counters`: further
    figures of its status; `channels`: outgoing channels and where each leads (empty: not configured); `channel_states`:
    those that take no messages now; `identify`: adds what the service knows of a calling person, such as their posts;
    `metrics`: figures with labels."""

    subscriptions: Sequence[Subscription] = ()
    loops: Sequence[Loop] = ()
    on_reconnect: Sequence[Callable[[], None]] = ()
    retry_intake: RetryIntake | None = None
    counters: Mapping[str, Counter] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    channel_states: ChannelStates = lambda *_: {}
    identify: Identify | None = None
    metrics: Metrics = lambda *_: ()


class ServiceRuntime:
    """The parts of a service and how they are connected.  `start` runs the loops, `stop` ends them."""

    def __init__(
        self, service: str, settings: Settings, tables: MetaData, projections: Projections, reactions: Reactions,
        options: RuntimeOptions = RuntimeOptions(), peers: Peers | None = None,
    ) -> None:  # fmt: skip
        self.service, self.settings, self.data = service, settings, Path(settings.data)
        self.clock = clock_from_file(Path(settings.rehearsal_clock)) if settings.rehearsal_clock else utcnow
        self.signer = _signer(service, settings)
        self.verifier = Verifier(settings.district, Path(settings.trusted_keys or self.data / "keys"))
        self.peers = peers or Peers(settings, self.signer)
        self.monitor, self._progress = LoopMonitor(), ProgressSignal()
        # receives the reason, one sentence, if the service can never start on its store
        self.failed = eventlet.event.Event()
        self.latest_requests = LatestRequests()
        self._on_reconnect, self._identify = options.on_reconnect, options.identify

        url = settings.store_url(service)
        self.store = Store(url, tables, settings.partitions)
        self.projections, self.reactions = projections, reactions
        self.relay = Relay(
            self.store, service, settings.district, settings.amqp_url, self.monitor, self._on_reconnected
        )
        self.units_of_work = UnitsOfWork(self.store, projections, service, self.clock, self.relay.wake)
        self.inbox = Inbox(self.store, service, settings.district, projections, reactions, self.units_of_work, self.now)
        self.rebuild = Rebuild(self.store, self._replay(), self.kept_outcome("rebuild"))
        self.signed_heads = SignedHeads(
            self.store, service, self.signer, self.verifier, Path(settings.heads or self.data / "heads"), self.clock
        )
        self.row_verification = RowVerification(self.store, self._replay(), self.rebuild, self.kept_outcome("rows"))
        self.inbox_verification = InboxVerification(self.store, self.inbox, self.peers)
        self.log_verification = LogVerification(
            self.store, service, self.inbox_verification, self.now, self.kept_outcome("log")
        )
        self.catch_up = CatchUp(self.store, self.inbox, self.peers, self.monitor, self._progress)
        self.caught_up = CaughtUp(
            service, self.store, self.inbox, self.catch_up, self._progress, bool(settings.rehearsal_clock)
        )
        self.quarantine = QuarantineOperations(
            self.store, service, self.inbox, self.units_of_work, options.retry_intake
        )
        self.consumer = Consumer(self.store, settings.amqp_url, self.now, self.monitor,
                                 self._subscriptions(options.subscriptions), self.catch_up.request)  # fmt: skip
        self.write_probe = WriteProbe(self.store, self.data, self.monitor)
        self.health = Health(service, self.store, self.clock, self.monitor, self.relay, self.consumer, self.inbox,
                             self.catch_up, self.write_probe, options.counters, options.channels,
                             options.channel_states, options.metrics)  # fmt: skip
        self._loops = Loops([Loop(CATCH_UP, self.catch_up.run, self.catch_up.request),
                             Loop(RELAY, self.relay.run, self.relay.wake),
                             Loop(CONSUMER, self.consumer.run), Loop(WRITE_PROBE, self.write_probe.run),
                             *options.loops], self.monitor)  # fmt: skip

    def _subscriptions(self, further: Sequence[Subscription]) -> list[Subscription]:
        events = event_subscriptions(self.service, self.store.partitions, self.inbox, self.catch_up, self._progress)
        return [*events, *further, dead_letters.subscription(self.service, self.store, self.now)]

    def _replay(self) -> Replay:
        return Replay(self.store, self.projections, self.service, self.inbox.sources)

    def kept_outcome(self, job: str) -> KeptOutcome:
        """The store for the last outcome of an operator's job."""
        return KeptOutcome(self.data / self.service / "outcomes" / f"{job}.json", self.now)

    def now(self) -> str:
        """The current instant as text of `canonical_json.instant`."""
        return instant(self.clock())

    def identify(self, actor: Actor) -> Actor:
        """The caller with what this service knows of them; unchanged if it is not a person.  Raises Problem 503."""
        if self._identify is None or actor.issuer != "console":
            return actor
        if not self.store.installed:
            raise Problem(503, "starting", "the store has not answered yet; try again")
        with self.store.reading() as connection:
            return self._identify(connection, actor, self.clock())

    def unit_of_work(
        self, actor: object, correlation: str = "", prefetch: Sequence[BoundQuery] = ()
    ) -> AbstractContextManager[UnitOfWork]:
        """A transaction on behalf of an actor: `with runtime.unit_of_work(call.actor, call.correlation) as ...`."""
        return self.units_of_work.begin(actor, correlation, prefetch)

    def _on_reconnected(self) -> None:
        """Called when the relay has connected again: create anew what the broker may have lost, outside the relay's
        loop."""
        for restore in self._on_reconnect:
            eventlet.spawn_n(run_logging_errors, restore, "not restored; again at the next connection to the broker")

    def start(self, spawn: Spawn) -> None:
        """Install the store as soon as it answers, then run every loop; `failed` reports that it never can."""
        spawn(lambda: self.boot(spawn), "boot")

    def boot(self, spawn: Spawn) -> None:
        pause, warnings = 0.2, QuietLog(_log)
        while not self.monitor.stopping and not self.store.installed:
            try:
                self.store.install(self.service, self.settings.district)
            except StoreMismatch as error:
                self.failed.send(str(error))
                return
            except SQLAlchemyError as error:
                if not is_transient(error):
                    self.failed.send(f"the store cannot be used: {reason(error)}")
                    return
                self.monitor.outage("store")
                warnings.warning("store not ready, waiting for it", type(error).__name__, error=reason(error))
                greenlets.sleep(pause)
                pause = min(pause * 2, 5.0)
        self.monitor.forget("store")  # no loop reports it any more: an outage that ended would look like a stuck loop
        if not self.monitor.stopping:
            run_logging_errors(
                lambda: drop_leftovers(self.store, SHADOW, COMPARISON), "shadow rows not dropped at start"
            )
            run_logging_errors(self.quarantine.retry_after_upgrade, "quarantine not retried at start")
            self._loops.start(spawn)

    def stop(self) -> None:
        """End every loop after the batch in hand."""
        self._loops.stop(STOP_SECONDS)
        self.store.close()


def run_logging_errors(action: Callable[[], Any], failure: str) -> None:
    """Run the action and log its error; raised in the hub, it would remove another green thread's listener."""
    try:
        action()
    except HANDLER_ERRORS:
        _log.exception(failure)


def _signer(service: str, settings: Settings) -> Signer:
    path = Path(settings.signing_key_file or Path(settings.data) / "keys" / f"{service}.key")
    if not path.exists() and not settings.signing_key_file:
        make_keys(path, path.with_suffix(".pem"))
    return Signer(service, settings.district, private_key(path))
