"""RabbitMQ: names of exchanges and queues, their arguments, and a sender with publisher confirms and timeouts."""

import contextlib
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import amqp
import amqp.exceptions
import kombu
import kombu.exceptions
from amqp.basic_message import Message as AmqpMessage
from eventlet.timeout import Timeout

from chassis.messaging.broker_alarms import transport_for

EVENTS, INTAKE, RECEIPTS, DEAD = "qihang.events", "qihang.intake", "qihang.receipts", "qihang.dead"
SUBSCRIPTION = "qihang.subscription"
DELIVERY_LIMIT = 100  # a lost connection counts as a failed delivery of every prefetched message (hole 12)
RECEIPTS_KEPT = 100_000
REPORTS_KEPT, REPORT_BYTES_KEPT = 100_000, 256 * 1024 * 1024  # per publisher: reports that are not consumed yet
UNREAD_KEPT, UNREAD_BYTES_KEPT = 200_000, 512 * 1024 * 1024  # a last limit: publishing stops well before
REDELIVERIES = 1_000_000  # RabbitMQ 4 drops a message after 20 deliveries unless a limit is given
HEARTBEAT, CONNECT_TIMEOUT, CONFIRM_TIMEOUT = 30, 5, 15

# Everything that a lost, slow or refusing broker raises.
BROKER_ERRORS: tuple[type[BaseException], ...] = (
    OSError, socket.timeout, amqp.exceptions.AMQPError, kombu.exceptions.OperationalError, kombu.exceptions.KombuError,
)  # fmt: skip


class NotConfirmed(ConnectionError):
    """The broker rejected a message (nack or return) or did not confirm it within CONFIRM_TIMEOUT."""


def connect(url: str) -> Any:
    """Open a connection.  Raises one of BROKER_ERRORS."""
    options: dict[str, Any] = {} if url.startswith("memory") else {
        "read_timeout": 60, "write_timeout": 20, "client_properties": {"connection_name": "qihang"},
    }  # fmt: skip
    heartbeat = 0 if url.startswith("memory") else HEARTBEAT
    connection = kombu.Connection(
        url, connect_timeout=CONNECT_TIMEOUT, heartbeat=heartbeat, transport_options=options, login_method="PLAIN",
        transport=transport_for(url),
    )  # fmt: skip
    connection._ensure_connection(max_retries=1, reraise_as_library_errors=False, timeout=CONNECT_TIMEOUT)
    return connection


def reply_timeout(seconds: float = CONFIRM_TIMEOUT) -> Timeout:
    """`with reply_timeout():` limits the wait for a reply of a broker that no longer answers (raises TimeoutError):
    sockets of green threads have no read timeout."""
    return Timeout(seconds, TimeoutError("the broker does not answer"))


def in_memory(connection: Any) -> bool:
    return bool(connection.transport.driver_type == "memory")


@dataclass(frozen=True)
class QueueSpec:
    """A durable queue that is consumed: name, exchange (with its type in `kind`), routing keys bound to it,
    arguments."""

    name: str
    exchange: str
    kind: str
    keys: tuple[str, ...]
    arguments: dict[str, Any] = field(default_factory=dict)

    def declare(self, connection: Any, channel: Any) -> None:
        """Create the queue with its exchange and bindings, if missing, on the given channel of the connection."""
        ensure_exchange(connection, self.exchange, self.kind)
        channel.queue_declare(queue=self.name, durable=True, auto_delete=False, exclusive=False,
                              arguments=self.arguments)  # fmt: skip
        for key in self.keys:
            channel.queue_bind(queue=self.name, exchange=self.exchange, routing_key=key)


def events_queue(service: str, source: str, partition: int) -> QueueSpec:
    """The queue through which `service` receives one partition of the events of `source`."""
    return QueueSpec(f"qihang.{service}.{source}.{partition}", EVENTS, "topic", (f"{source}.{partition}",),
                 _work_queue(service))  # fmt: skip


def intake_queue(service: str) -> QueueSpec:
    """The common queue for the reports of outside systems."""
    return QueueSpec(f"qihang.{service}.intake", INTAKE, "topic", ("#",), _work_queue(service))


def own_intake_queue(service: str, publisher: str) -> QueueSpec:
    """The queue for the reports of one outside system, with an exchange of its own.  When it is full the broker rejects
    what is published (nack for publishers with confirms)."""
    arguments = {**_work_queue(service), "x-max-length": REPORTS_KEPT, "x-max-length-bytes": REPORT_BYTES_KEPT}
    return QueueSpec(f"qihang.{service}.intake.{publisher}", f"{INTAKE}.{publisher}", "fanout", ("",), arguments)


def dead_letter_queue(service: str) -> QueueSpec:
    """The queue for messages that the broker gave up delivering to a service."""
    return QueueSpec(f"{DEAD}.{service}", DEAD, "direct", (service,), {"x-queue-type": "quorum"})


def receipts_queue(publisher: str) -> QueueSpec:
    """The bounded queue of receipts for one publisher; when it is full the oldest are dropped."""
    arguments = {"x-queue-type": "quorum", "x-max-length": RECEIPTS_KEPT, "x-overflow": "drop-head"}
    return QueueSpec(f"{RECEIPTS}.{publisher}", RECEIPTS, "direct", (publisher,), arguments)


def subscription_queue(name: str) -> QueueSpec:
    """The queue of public events for one outside system, the only one that may read it."""
    arguments = {
        "x-queue-type": "quorum", "x-single-active-consumer": True, "x-delivery-limit": REDELIVERIES,
        "x-max-length": UNREAD_KEPT, "x-max-length-bytes": UNREAD_BYTES_KEPT, "x-overflow": "reject-publish",
    }  # fmt: skip
    return QueueSpec(f"{SUBSCRIPTION}.{name}", SUBSCRIPTION, "direct", (name,), arguments)


def _work_queue(service: str) -> dict[str, Any]:
    return {
        "x-queue-type": "quorum", "x-single-active-consumer": True, "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD, "x-dead-letter-routing-key": service,
        "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish",
    }  # fmt: skip


@dataclass(frozen=True)
class OutgoingMessage:
    """One message to publish."""

    exchange: str
    key: str
    body: bytes
    content_type: str
    must_arrive: bool = False
    """Nothing else makes up for a lost message: being routed to no queue counts as a rejection (`mandatory`)."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    """Further AMQP properties, such as `headers`."""


class Sender:
    """Publishes on a channel of its own with publisher confirms; `send` returns after the broker has confirmed all."""

    def __init__(self, connection: Any) -> None:
        self._connection, self._memory = connection, in_memory(connection)
        self.channel = connection.channel()
        self._unconfirmed: set[int] = set()
        self._next, self._refused = 1, 0
        if not self._memory:
            self.channel.confirm_select()
            self.channel.events["basic_ack"].add(self._on_confirm)
            self.channel.events["basic_nack"].add(self._on_nack)
            self.channel.events["basic_return"].add(self._on_return)

    def send(self, messages: Iterable[OutgoingMessage]) -> None:
        """Publish the messages and wait for the confirms.  Raises NotConfirmed or one of BROKER_ERRORS: it is then
        unknown which ones arrived, and all must be sent again."""
        for message in messages:
            self._publish(message)
        self._await()

    def idle(self) -> None:
        """Exchange heartbeats with the broker while there is nothing to send.  Raises one of BROKER_ERRORS if it is
        gone."""
        if not self._memory:
            with contextlib.suppress(TimeoutError):
                self._connection.drain_events(timeout=0.01)
            self._connection.heartbeat_check()

    def _publish(self, message: OutgoingMessage) -> None:
        if self._memory:
            prepared = self.channel.prepare_message(message.body, content_type=message.content_type,
                                                    content_encoding="binary")  # fmt: skip
            self.channel.basic_publish(prepared, exchange=message.exchange, routing_key=message.key)
            return
        amqp_message = AmqpMessage(message.body, content_type=message.content_type, delivery_mode=2,
                                   **message.properties)  # fmt: skip
        self._unconfirmed.add(self._next)
        self._next += 1
        self.channel.basic_publish(amqp_message, exchange=message.exchange, routing_key=message.key,
                                   mandatory=message.must_arrive)  # fmt: skip

    def _await(self) -> None:
        limit = time.monotonic() + CONFIRM_TIMEOUT
        while self._unconfirmed:
            left = limit - time.monotonic()
            if left <= 0:
                raise NotConfirmed(f"{len(self._unconfirmed)} messages were not confirmed in {CONFIRM_TIMEOUT} s")
            self._connection.drain_events(timeout=left)
        if self._refused:
            refused, self._refused = self._refused, 0
            raise NotConfirmed(f"the broker refused {refused} messages")

    def _on_confirm(self, tag: int, multiple: bool) -> None:
        self._unconfirmed -= {t for t in self._unconfirmed if t <= tag} if multiple else {tag}

    def _on_nack(self, tag: int, multiple: bool) -> None:
        before = len(self._unconfirmed)
        self._on_confirm(tag, multiple)
        self._refused += before - len(self._unconfirmed)

    def _on_return(self, *_: Any) -> None:
        """basic.return: no queue took the message.  Its confirm follows."""
        self._refused += 1


def queue_depth(connection: Any, queue: str) -> int | None:
    """The number of ready messages in a queue; None if it does not exist.  Raises one of BROKER_ERRORS."""
    channel = connection.channel()
    try:
        depth = int(channel.queue_declare(queue=queue, passive=True).message_count)
    except amqp.exceptions.NotFound:  # it closes the channel as well
        return None
    channel.close()
    return depth


def close(connection: Any) -> None:
    """Drop a connection without waiting for a broker that may never answer (hole 5).  Never raises."""
    if connection is None:
        return
    try:
        inner = getattr(connection, "_connection", None)
        transport = getattr(inner, "transport", None)
        if transport is not None and not in_memory(connection):
            transport.close()
        else:
            connection.release()
    except Exception:  # noqa: S110 - nothing is left to save on a connection that is given up
        pass


def declare(connection: Any, queues: Sequence[QueueSpec]) -> None:
    """Create the queues that are missing, with their exchanges and bindings."""
    channel = connection.channel()
    for queue in queues:
        queue.declare(connection, channel)
    channel.close()


def ensure_exchange(connection: Any, name: str, kind: str) -> None:
    """Create an exchange only if it is missing: under the broker definitions that we deploy, services lack the
    permission to create one (docs/decisions/0079).  Raises one of BROKER_ERRORS."""
    channel = connection.channel()
    if not in_memory(connection):
        try:
            channel.exchange_declare(exchange=name, type=kind, passive=True)
        except amqp.exceptions.NotFound:  # it closes the channel as well
            channel = connection.channel()
        else:
            channel.close()
            return
    channel.exchange_declare(exchange=name, type=kind, durable=True, auto_delete=False)
    channel.close()
