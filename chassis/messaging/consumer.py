"""The consumer: takes messages as raw bodies in batches, handles each batch in one transaction and acknowledges it
after the commit.

nameko, kombu and amqp decode nothing that a publisher writes (docs/architecture.md, holes 1 to 3)."""

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import eventlet
import structlog

from chassis.messaging import broker, quarantine
from chassis.messaging.broker import QueueSpec
from chassis.messaging.own_queue import OwnQueue, SenderTurns
from chassis.messaging.quarantine import Entry
from chassis.messaging.turns import Turns
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.quiet_log import QuietLog
from chassis.store.database import Store, is_transient
from chassis.store.unit_of_work import HANDLER_ERRORS
from chassis.store.write_health import write_fault

_log = structlog.get_logger(__name__)
LOOP = "consumer"
QUIET_SECONDS = 0.005
GATHER_SECONDS = 0.05  # under a steady trickle the first message would otherwise wait until a batch is full
MOST_BYTES = 8 * 1024 * 1024
BATCH_BYTES = 2 * 1024 * 1024
TURN_BYTES = 256 * 1024  # for a batch of several senders: some 600 rows, half a second
READ_AHEAD = 10_000  # prefetch of a queue that many senders share, to see the messages of those that sent few
FLOOD_SECONDS, LIMITED_SECONDS = 0.25, 0.2
IDLE_SECONDS = 1.0
MOST_PAUSE = 10.0


@dataclass(frozen=True)
class Delivery:
    """One message from the broker: the body's bytes, and those headers and properties that could be decoded."""

    body: bytes
    properties: dict[str, Any]
    routing_key: str
    redelivered: bool
    acknowledge: Callable[[], None]


@dataclass(frozen=True)
class Subscription:
    """A queue and the handler of its batches (at most `batch_size` messages); `origin`: its name in quarantine."""

    queue: QueueSpec
    origin: str
    handle: Callable[[Sequence[Delivery]], None]
    batch_size: int = 20
    measured: bool = False
    """Whether the queue's depth at the broker is monitored; set for queues that outside systems fill."""
    turns: SenderTurns | None = None
    """For a queue that many senders share: takes their messages in turns."""


class Consumer:
    """One loop, one connection and one channel per service, for all its queues.  `state`: "up" or "away"."""

    def __init__(
        self, store: Store, amqp_url: str, now: Callable[[], str], monitor: LoopMonitor,
        subscriptions: Sequence[Subscription], on_connect: Callable[[], None],
    ) -> None:  # fmt: skip
        self._store, self._amqp_url, self._now, self._monitor = store, amqp_url, now, monitor
        self.subscriptions, self._on_connect = subscriptions, on_connect
        self.state = "away"
        self._held: dict[str, Turns[Delivery]] = {}
        self._own_queues: dict[str, OwnQueue] = {}
        self._handling = 0
        self._depths: dict[str, int] = {}
        self._connection: Any = None
        self._channel: Any = None
        self._measured_at = 0.0
        self._warnings = QuietLog(_log)

    @property
    def in_hand(self) -> int:
        return self._handling + sum(len(held) for held in self._held.values())

    @property
    def measured_depth(self) -> int:
        """Unhandled messages of the measured queues: those prefetched, and those at the broker when last asked."""
        queues = [item.queue.name for item in self.subscriptions if item.measured]
        in_hand = sum(len(self._held.get(name, ())) for name in queues) + (self._handling if queues else 0)
        return in_hand + sum(self._depths.values())

    def run(self) -> None:
        """Loop until the service stops; reconnects with back-off when the broker is lost."""
        pause = 0.5
        while not self._monitor.stopping:
            try:
                self._connect()
                while not self._monitor.stopping:
                    self._round()
                    pause = 0.5
            except Exception as error:
                self._handle_failure(error)
                eventlet.sleep(pause)
                pause = min(pause * 2, MOST_PAUSE)
        self._close()

    def _handle_failure(self, error: Exception) -> None:
        self.state = "away"
        self._monitor.outage(LOOP)
        if isinstance(error, broker.BROKER_ERRORS) or is_transient(error):
            self._warnings.warning("broker away", type(error).__name__, error=repr(error)[:300])
        else:
            self._warnings.exception("consumer failed", type(error).__name__)
        self._close()

    def _close(self) -> None:
        self._held.clear()
        self._handling = 0
        self._own_queues.clear()
        broker.close(self._connection)
        self._connection = self._channel = None

    def _connect(self) -> None:
        self._connection = broker.connect(self._amqp_url)
        self._channel = self._connection.channel()
        self._channel.auto_decode = False  # a publisher's content encoding may name a codec of quadratic cost
        for subscription in self.subscriptions:
            subscription.queue.declare(self._connection, self._channel)
            self._held[subscription.queue.name] = self._new_turns(subscription.turns)
        self._consume()
        self.state = "up"
        self._on_connect()

    def _new_turns(self, turns: SenderTurns | None) -> Turns[Delivery]:
        """By sender.  Messages of an own queue may be taken only while its sender is within its rate limit."""
        if turns is None:
            return Turns()
        return Turns(lambda name: turns.may_send(own.sender) if (own := self._own_queues.get(name)) else True)

    def _consume(self) -> None:
        # prefetch: two batches per queue; of a shared queue more, to see whose messages they are
        for subscription in self.subscriptions:
            ahead = READ_AHEAD if subscription.turns else 2 * subscription.batch_size
            queue = subscription.queue.name
            self._channel.basic_qos(0, ahead, False)
            self._channel.basic_consume(
                queue, no_ack=False, consumer_tag=queue,
                callback=functools.partial(self._receive, subscription, None),
            )  # fmt: skip

    def _consume_own_queues(self) -> None:
        """Consume the queues of single senders that were created since the last call."""
        for subscription in self.subscriptions:
            if not (subscription.turns and not broker.in_memory(self._connection)):
                continue
            for sender in subscription.turns.senders_now():
                own = OwnQueue(sender, self._connection)
                if own.name not in self._own_queues:
                    self._own_queues[own.name] = own
                    ended = functools.partial(self._forget, subscription, own)
                    if not own.consume(functools.partial(self._received_own, subscription, own), ended):
                        self._forget(subscription, own)

    def _forget(self, subscription: Subscription, own: OwnQueue) -> None:
        """The sender's queue was deleted: drop the messages prefetched from it."""
        self._own_queues.pop(own.name, None)
        self._held[subscription.queue.name].drop(own.name)

    def _received_own(self, subscription: Subscription, own: OwnQueue, message: Any, channel: Any) -> None:
        self._receive(subscription, own, message, channel)

    def _receive(self, subscription: Subscription, own: OwnQueue | None, message: Any, channel: Any = None) -> None:
        """`own`: the queue of a single sender.  The broker lets nobody else publish there, so a message without user_id
        is that sender's."""
        body, info = message.body, message.delivery_info
        properties = ({"user_id": own.sender} if own else {}) | dict(message.properties or {})
        tag, channel = info.get("delivery_tag") or message.delivery_tag, channel or self._channel
        delivery = Delivery(
            body.encode("utf-8", "surrogateescape") if isinstance(body, str) else bytes(body),
            properties,
            str(info.get("routing_key", "")),
            bool(info.get("redelivered", False)),
            lambda: channel.basic_ack(tag),
        )
        common = subscription.turns.sender_of(properties) if subscription.turns else ""
        self._held[subscription.queue.name].append(delivery, own.name if own else common)

    @property
    def _ready(self) -> int:
        return sum(held.ready for held in self._held.values())

    @property
    def _bytes(self) -> int:
        """The size of the messages that may be handled now."""
        return sum(held.ready_bytes for held in self._held.values())

    def _round(self) -> None:
        self._drain(IDLE_SECONDS if not self.in_hand else QUIET_SECONDS if self._ready else LIMITED_SECONDS)
        limit = time.monotonic() + (FLOOD_SECONDS if self._is_flooded() else GATHER_SECONDS)
        while self._ready and not self._full() and time.monotonic() < limit and self._drain(QUIET_SECONDS):
            pass
        for subscription in self.subscriptions:
            while held := self._next_batch(subscription):
                self._handling = len(held)
                self._handle(subscription, held)
                for delivery in held:
                    delivery.acknowledge()
                self._handling = 0
                if subscription.turns:
                    break  # messages that arrived meanwhile take part in the next batch
        if self._may_measure():
            self._measure()
        self._monitor.pulse(LOOP)

    def _next_batch(self, subscription: Subscription) -> list[Delivery]:
        most_bytes = TURN_BYTES if subscription.turns else BATCH_BYTES
        return self._held[subscription.queue.name].take(subscription.batch_size, most_bytes)

    def _is_flooded(self) -> bool:
        return any(item.turns and len(self._held[item.queue.name]) > item.batch_size for item in self.subscriptions)

    def _may_measure(self) -> bool:
        return time.monotonic() - self._measured_at > IDLE_SECONDS

    def _measure(self) -> None:
        """Read the depths of the measured queues, and consume queues that are new."""
        self._depths = {}
        for subscription in self.subscriptions:
            if subscription.measured:
                with broker.reply_timeout():
                    result = self._channel.queue_declare(queue=subscription.queue.name, passive=True)
                self._depths[subscription.queue.name] = int(result.message_count)
        self._depths |= {own.name: own.depth() or 0 for own in list(self._own_queues.values())}
        self._consume_own_queues()
        self._measured_at = time.monotonic()

    def _full(self) -> bool:
        """Whether there is enough for a batch, or as much as memory allows: the rest stays in the broker's and the
        kernel's buffers."""
        return self._bytes >= MOST_BYTES or any(
            len(self._held[item.queue.name]) >= (READ_AHEAD if item.turns else item.batch_size)
            for item in self.subscriptions
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
        else:  # the broker's heartbeats stay unread while the buffer is full: only ours are sent
            self._connection._connection.send_heartbeat()

    def _handle(self, subscription: Subscription, batch: Sequence[Delivery]) -> None:
        """Handle the batch; if it fails for a reason of its own, handle each message alone and quarantine those that
        fail."""
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
        """Run `action`; while the store is unavailable or cannot be written (disk full), retry with back-off.

        Returns the error if the action failed for a reason of its own; raises only a transient one, when the service
        stops."""
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
        """Wait for `seconds`, then until the store answers, keeping the heartbeat.  No more messages are delivered
        meanwhile than the prefetch allows."""
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
