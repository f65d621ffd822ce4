"""The consumer: messages as raw bodies in batches, handled in one transaction, acknowledged after its commit.

Nothing that a publisher writes is decoded by nameko, kombu or amqp here (holes 1 to 3)."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import amqp.serialization
import eventlet
import structlog

from chassis.messaging import broker, quarantine
from chassis.messaging.broker import QueueSpec
from chassis.messaging.quarantine import Entry
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.quiet_log import QuietLog
from chassis.store.database import Store, is_transient
from chassis.store.unit_of_work import HANDLER_ERRORS
from chassis.store.write_health import write_fault

_log = structlog.get_logger(__name__)
LOOP = "consumer"
QUIET_SECONDS = 0.005
GATHER_SECONDS = 0.05  # a steady trickle would otherwise keep the first message waiting until a batch is full
MOST_BYTES = 8 * 1024 * 1024
BATCH_BYTES = 2 * 1024 * 1024
IDLE_SECONDS = 1.0
MOST_PAUSE = 10.0


@dataclass(frozen=True)
class Delivery:
    """One message as the broker gave it: the body's bytes, and what headers and properties could be read."""

    body: bytes
    properties: dict[str, Any]
    routing_key: str
    redelivered: bool
    acknowledge: Callable[[], None]


@dataclass(frozen=True)
class Subscription:
    """A queue and what handles its batches; `origin` names it in quarantine, `batch_size` bounds a batch (messages)."""

    queue: QueueSpec
    origin: str
    handle: Callable[[Sequence[Delivery]], None]
    batch_size: int = 20
    measured: bool = False
    """Whether its depth at the broker is asked for: of queues that outside systems fill."""


class Consumer:
    """One loop, one connection and one channel a service, for all its queues."""

    def __init__(
        self, store: Store, amqp_url: str, now: Callable[[], str], monitor: LoopMonitor,
        subscriptions: Sequence[Subscription], on_connect: Callable[[], None],
    ) -> None:  # fmt: skip
        self._store, self._amqp_url, self._now, self._monitor = store, amqp_url, now, monitor
        self.subscriptions, self._on_connect = subscriptions, on_connect
        self.state = "away"
        self._held: dict[str, list[Delivery]] = {}
        self._depths: dict[str, int] = {}
        self._connection: Any = None
        self._channel: Any = None
        self._measured_at = 0.0
        self._bytes = 0  # in hand
        self._warnings = QuietLog(_log)

    @property
    def in_hand(self) -> int:
        return sum(len(held) for held in self._held.values())

    @property
    def measured_depth(self) -> int:
        """Messages of the measured queues that were not handled yet, in hand or, when last asked, at the broker."""
        queues = [item.queue.name for item in self.subscriptions if item.measured]
        return sum(len(self._held.get(name, ())) + self._depths.get(name, 0) for name in queues)

    def run(self) -> None:
        """Loop until the service stops; a lost broker is connected to again with backoff."""
        pause = 0.5
        while not self._monitor.stopping:
            try:
                self._connect()
                while not self._monitor.stopping:
                    self._round()
                    pause = 0.5
            except Exception as error:
                self._lost(error)
                eventlet.sleep(pause)
                pause = min(pause * 2, MOST_PAUSE)
        self._close()

    def _lost(self, error: Exception) -> None:
        self.state = "away"
        self._monitor.outage(LOOP)
        if isinstance(error, broker.BROKER_ERRORS) or is_transient(error):
            self._warnings.warning("broker away", type(error).__name__, error=repr(error)[:300])
        else:
            self._warnings.exception("consumer failed", type(error).__name__)
        self._close()

    def _close(self) -> None:
        self._held.clear()
        self._bytes = 0
        broker.close(self._connection)
        self._connection = self._channel = None

    def _connect(self) -> None:
        self._connection = broker.connect(self._amqp_url)
        self._channel = self._connection.channel()
        self._channel.auto_decode = False  # a publisher's content encoding may name a codec of quadratic cost
        for subscription in self.subscriptions:
            subscription.queue.declare(self._connection, self._channel)
            self._held[subscription.queue.name] = []
        self._consume()
        self.state = "up"
        self._on_connect()

    def _consume(self) -> None:
        # at most two batches wait unacknowledged, for each queue
        self._channel.basic_qos(0, 2 * max(item.batch_size for item in self.subscriptions), False)
        for subscription in self.subscriptions:
            queue = subscription.queue.name
            self._channel.basic_consume(
                queue, no_ack=False, consumer_tag=queue, callback=lambda m, q=queue: self._received(q, m)
            )

    def _received(self, queue: str, message: Any) -> None:
        body = message.body
        info = message.delivery_info
        tag = info.get("delivery_tag") or message.delivery_tag
        self._bytes += len(body)
        self._held[queue].append(
            Delivery(
                body.encode("utf-8", "surrogateescape") if isinstance(body, str) else bytes(body),
                dict(message.properties or {}),
                str(info.get("routing_key", "")),
                bool(info.get("redelivered", False)),
                lambda: self._channel.basic_ack(tag),
            )
        )

    def _round(self) -> None:
        self._drain(IDLE_SECONDS if not self.in_hand else QUIET_SECONDS)
        limit = time.monotonic() + GATHER_SECONDS
        while self.in_hand and not self._full() and time.monotonic() < limit and self._drain(QUIET_SECONDS):
            pass
        for subscription in self.subscriptions:
            while held := _batch(self._held[subscription.queue.name], subscription.batch_size):
                self._handle(subscription, held)
                for delivery in held:
                    delivery.acknowledge()
                del self._held[subscription.queue.name][: len(held)]
                self._bytes -= sum(len(delivery.body) for delivery in held)
        if self._may_measure():
            self._measure()
        self._monitor.pulse(LOOP)

    def _may_measure(self) -> bool:
        return time.monotonic() - self._measured_at > IDLE_SECONDS

    def _measure(self) -> None:
        """Ask how many messages of the measured queues wait at the broker."""
        for subscription in self.subscriptions:
            if subscription.measured:
                with broker.reply_timeout():
                    result = self._channel.queue_declare(queue=subscription.queue.name, passive=True)
                self._depths[subscription.queue.name] = int(result.message_count)
        self._measured_at = time.monotonic()

    def _full(self) -> bool:
        """Enough for a batch, or for our memory: the rest stays in the broker's and the kernel's buffers."""
        return self._bytes >= MOST_BYTES or any(
            len(self._held[item.queue.name]) >= item.batch_size for item in self.subscriptions
        )

    def _drain(self, seconds: float) -> bool:
        try:
            self._connection.drain_events(timeout=seconds)
        except TimeoutError:
            self._heartbeat()
            return False
        return True

    def _heartbeat(self, reading: bool = True) -> None:
        if broker.in_memory(self._connection):
            return
        if reading:
            self._connection.heartbeat_check()
        else:  # the broker's heartbeats stay unread while we are full: only ours can be sent
            self._connection._connection.send_heartbeat()

    def _handle(self, subscription: Subscription, batch: Sequence[Delivery]) -> None:
        """Handle the batch; where it fails by itself, each message alone: what fails then is quarantined."""
        if self._persist(lambda: subscription.handle(batch)):
            for delivery in batch:
                self._handle_single(subscription, delivery)

    def _handle_single(self, subscription: Subscription, delivery: Delivery) -> None:
        error = self._persist(lambda: subscription.handle([delivery]))
        if error is None:
            return
        _log.error("message quarantined", origin=subscription.origin, exc_info=error)
        entry = Entry(subscription.origin, "handler_failed", delivery.body, detail=repr(error)[:500],
                      trace=quarantine.trace_of(error),
                      publisher=str(delivery.properties.get("user_id", "")))  # fmt: skip
        if failure := self._persist(lambda: self._quarantine(entry)):
            raise failure

    def _quarantine(self, entry: Entry) -> None:
        with self._store.writing() as connection:
            quarantine.add(connection, self._now(), [entry])

    def _persist(self, action: Callable[[], None]) -> BaseException | None:
        """Run it, for as long as the store is away or cannot be written again and again, with back-off: a disk that is
        full answers at once.  The error when it failed by itself; it raises only when the service stops."""
        pause = 0.05
        while True:
            try:
                action()
                return None
            except HANDLER_ERRORS as error:
                if not is_transient(error):
                    return error
                if self._monitor.stopping:
                    raise
                reason = write_fault(error) or type(error).__name__
                self._warnings.warning("store away, the batch waits", reason, error=repr(error)[:300])
            self._wait_for_store(pause)
            pause = min(pause * 2, MOST_PAUSE)

    def _wait_for_store(self, seconds: float) -> None:
        """So long, and until it answers.  No more deliveries meanwhile: the prefetch is full or soon will be; the
        heartbeat goes on."""
        until = time.monotonic() + seconds
        while not self._monitor.stopping:
            self._monitor.outage(LOOP)
            if time.monotonic() >= until:
                if self._store.is_reachable():
                    return
                until = time.monotonic() + max(seconds, 1.0)
            step = min(0.2, max(until - time.monotonic(), 0.01))
            if self._bytes < MOST_BYTES:
                self._drain(step)
            else:
                eventlet.sleep(step)
                self._heartbeat(reading=False)


def _batch(held: Sequence[Delivery], most: int) -> list[Delivery]:
    """The next messages that are handled in one transaction: a bounded number, and one or a bounded size."""
    taken: list[Delivery] = []
    size = 0
    for delivery in held[:most]:
        size += len(delivery.body)
        if taken and size > BATCH_BYTES:
            break
        taken.append(delivery)
    return taken


def tolerate_any_header() -> None:
    """Hole 3, deeper: a header table nested past the recursion limit would raise while the frame is read, for every
    consumer that ever gets the message.  Headers that cannot be read are none."""
    original = amqp.serialization.GenericContent.inbound_header

    def inbound_header(self: Any, buffer: bytes, offset: int = 0) -> Any:
        try:
            return original(self, buffer, offset)
        except Exception as error:  # no I/O here, so also OSError is the message's: a date past the end of time
            self.properties = {"unreadable": repr(error)[:200]}
            if not self.body_size:
                self.ready = True
            return offset + 12

    amqp.serialization.GenericContent.inbound_header = inbound_header
