"""The consumer: raw bodies in batches, handled in one transaction, acknowledged after its commit.

Nothing that a publisher writes is decoded by nameko, kombu or amqp here (holes 1 to 3)."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import amqp.serialization
import eventlet
import structlog

from chassis.messaging import broker, quarantine
from chassis.messaging.broker import QueueSpec
from chassis.messaging.quarantine import Entry
from chassis.store.database import is_transient
from chassis.store.unit_of_work import HANDLER_ERRORS

if TYPE_CHECKING:
    from chassis.runtime.service_runtime import ServiceRuntime

_log = structlog.get_logger(__name__)
QUIET_SECONDS = 0.005
GATHER_SECONDS = 0.05  # a steady trickle would otherwise keep the first message waiting until a batch is full
MOST_BYTES = 8 * 1024 * 1024
BATCH_BYTES = 2 * 1024 * 1024
LOOK_SECONDS = 1.0


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
    """A queue and what handles its batches; `origin` names it in quarantine, `largest` bounds a batch (messages)."""

    inlet: QueueSpec
    origin: str
    handle: Callable[[Sequence[Delivery]], None]
    largest: int = 20


class Consumer:
    """One loop, one connection and one channel a service, for all its queues."""

    def __init__(self, runtime: "ServiceRuntime", subscriptions: Sequence[Subscription]) -> None:
        self.runtime, self.subscriptions = runtime, subscriptions
        self.state = "away"
        self._held: dict[str, list[Delivery]] = {}
        self._depths: dict[str, int] = {}
        self._connection: Any = None
        self._channel: Any = None
        self._measured = 0.0
        self._size = 0  # bytes in hand

    @property
    def in_hand(self) -> int:
        return sum(len(held) for held in self._held.values())

    def depth(self, queue: str) -> int:
        """Messages of a queue that were not handled yet, in our hands or, as last told, at the broker."""
        return len(self._held.get(queue, ())) + self._depths.get(queue, 0)

    def run(self) -> None:
        """Loop until the service stops; a lost broker is connected to again with backoff."""
        pause = 0.5
        while not self.runtime.stopping:
            try:
                self._connect()
                pause = 0.5
                while not self.runtime.stopping:
                    self._once()
            except Exception as error:
                self._lost(error)
                eventlet.sleep(pause)
                pause = min(pause * 2, 15.0)
        self._close()

    def _lost(self, error: Exception) -> None:
        self.state = "away"
        self.runtime.outage("listening")
        if isinstance(error, broker.BROKER_ERRORS):
            _log.warning("broker away", error=repr(error))
        else:
            _log.exception("listening failed")
        self._close()

    def _close(self) -> None:
        self._held.clear()
        self._size = 0
        broker.close(self._connection)
        self._connection = self._channel = None

    def _connect(self) -> None:
        self._connection = broker.connect(self.runtime.settings.amqp_url)
        self._channel = self._connection.channel()
        self._channel.auto_decode = False  # a publisher's content encoding may name a codec of quadratic cost
        for tap in self.subscriptions:
            tap.inlet.declare(self._channel)
            self._held[tap.inlet.queue] = []
        self._consume()
        self.state = "up"
        self.runtime.catch_up.tell()

    def _consume(self) -> None:
        # at most two batches wait unacknowledged, for each queue
        self._channel.basic_qos(0, 2 * max(tap.largest for tap in self.subscriptions), False)
        for tap in self.subscriptions:
            queue = tap.inlet.queue
            self._channel.basic_consume(
                queue, no_ack=False, consumer_tag=queue, callback=lambda m, q=queue: self._arrived(q, m)
            )

    def _arrived(self, queue: str, message: Any) -> None:
        body = message.body
        info = message.delivery_info
        tag = info.get("delivery_tag") or message.delivery_tag
        self._size += len(body)
        self._held[queue].append(
            Delivery(
                body.encode("utf-8", "surrogateescape") if isinstance(body, str) else bytes(body),
                dict(message.properties or {}),
                str(info.get("routing_key", "")),
                bool(info.get("redelivered", False)),
                lambda: self._channel.basic_ack(tag),
            )
        )

    def _once(self) -> None:
        self._drain(LOOK_SECONDS if not self.in_hand else QUIET_SECONDS)
        limit = time.monotonic() + GATHER_SECONDS
        while self.in_hand and not self._full() and time.monotonic() < limit and self._drain(QUIET_SECONDS):
            pass
        for tap in self.subscriptions:
            while held := _batch(self._held[tap.inlet.queue], tap.largest):
                self._handle(tap, held)
                for delivery in held:
                    delivery.acknowledge()
                del self._held[tap.inlet.queue][: len(held)]
                self._size -= sum(len(delivery.body) for delivery in held)
        if self._quiet():
            self._measure()
        self.runtime.pulse("listening")

    def _quiet(self) -> bool:
        return time.monotonic() - self._measured > LOOK_SECONDS

    def _measure(self) -> None:
        """How much stands at the broker: only asked of queues that outsiders fill."""
        for tap in self.subscriptions:
            if tap.origin == "intake":
                with broker.reply_timeout():
                    result = self._channel.queue_declare(queue=tap.inlet.queue, passive=True)
                self._depths[tap.inlet.queue] = int(result.message_count)
        self._measured = time.monotonic()

    def _full(self) -> bool:
        """Enough for a batch, or for our memory: what is not read yet waits in the broker's and kernel's buffers."""
        return self._size >= MOST_BYTES or any(len(self._held[t.inlet.queue]) >= t.largest for t in self.subscriptions)

    def _drain(self, seconds: float) -> bool:
        try:
            self._connection.drain_events(timeout=seconds)
        except TimeoutError:
            self._beat()
            return False
        return True

    def _beat(self, reading: bool = True) -> None:
        if broker.in_memory(self._connection):
            return
        if reading:
            self._connection.heartbeat_check()
        else:  # the broker's own beats lie unread behind a full hand: only ours can be told
            self._connection._connection.send_heartbeat()

    def _handle(self, tap: Subscription, batch: Sequence[Delivery]) -> None:
        """Handle the batch, for as long as the store is away; what fails by itself goes to quarantine."""
        while True:
            try:
                tap.handle(batch)
                return
            except HANDLER_ERRORS as error:
                if not is_transient(error):
                    break
                self.runtime.outage("listening")
                _log.warning("store away, the batch waits", error=repr(error))
                self._wait_for_the_store()
        for delivery in batch:
            self._one(tap, delivery)

    def _one(self, tap: Subscription, delivery: Delivery) -> None:
        while True:
            try:
                tap.handle([delivery])
                return
            except HANDLER_ERRORS as error:
                if is_transient(error):
                    self._wait_for_the_store()
                    continue
                _log.exception("message quarantined", origin=tap.origin)
                entry = Entry(tap.origin, "handler_failed", delivery.body, detail=repr(error)[:500],
                              trace=quarantine.trace_of(error),
                              publisher=str(delivery.properties.get("user_id", "")))  # fmt: skip
            try:
                with self.runtime.store.writing() as connection:
                    quarantine.add(connection, self.runtime.now(), [entry])
                return
            except Exception as error:
                if not is_transient(error):
                    raise

    def _wait_for_the_store(self) -> None:
        """No more deliveries meanwhile: the prefetch is full or soon will be; the heartbeat goes on."""
        pause, until = 0.2, 0.0
        while not self.runtime.stopping:
            if time.monotonic() >= until:
                if self.runtime.store.answers():
                    return
                until, pause = time.monotonic() + pause, min(pause * 2, 10.0)
                self.runtime.outage("listening")
            if self._size < MOST_BYTES:
                self._drain(0.2)
            else:
                eventlet.sleep(0.2)
                self._beat(reading=False)


def _batch(held: Sequence[Delivery], largest: int) -> list[Delivery]:
    """The next messages that are handled in one transaction: a bounded number, and one or a bounded size."""
    taken: list[Delivery] = []
    size = 0
    for delivery in held[:largest]:
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
