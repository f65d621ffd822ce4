"""Delivery by queues: publishes the public events after a subscription's position to its queue, confirmed and in order,
while the queue has room; a lost queue is refilled from the last position known to be read."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog

from chassis.events.canonical_json import instant
from chassis.messaging import broker
from chassis.messaging.broker import OutgoingMessage
from chassis.messaging.deliveries import ANEW, FRESH, RUNNING, Delivery, delivery_named
from chassis.process.problems import Problem
from chassis.process.quiet_log import QuietLog
from chassis.store.database import Store
from services.participation.deliveries.attempts import Attempts
from services.participation.deliveries.broker_queues import BrokerQueues
from services.participation.deliveries.domain.answers import ClassifiedAnswer, Verdict
from services.participation.subscribers.cloud_event import JSON, attributes_of, text_of
from services.participation.subscribers.queries import (
    LostCursor,
    PublicEvent,
    PublicPage,
    public_page,
    subscription_named,
)

PAGE, TURN_SECONDS, FULL_SECONDS, COUNTED_SECONDS = 500, 10.0, 5.0, 20.0
FULL, AWAY = "queue_full", "broker_away"
PREFIX = "cloudEvents:"
_FAULTS: tuple[type[BaseException], ...] = (*broker.BROKER_ERRORS, Problem)
_warnings = QuietLog(structlog.get_logger(__name__))


class QueueTurn:
    """All queues share one connection to the broker, so they are served one after another."""

    def __init__(
        self, store: Store, attempts: Attempts, queues: BrokerQueues, amqp_url: str, district: str,
        stopping: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._store, self._attempts, self._queues, self._stopping = store, attempts, queues, stopping
        self._amqp_url, self._district = amqp_url, district
        self._connection: Any = None
        self._sender: Any = None

    def run(self, name: str) -> None:
        """Publish what is due to the subscription's queue.  Raises DeliveryChanged if it was set anew meanwhile."""
        with self._store.reading() as connection:
            delivery = delivery_named(connection, name)
        if delivery is None:
            return
        try:
            if delivery.options.get(ANEW):
                delivery = self._make_anew(delivery)
            if delivery.state == RUNNING:
                self._run(delivery, time.monotonic() + TURN_SECONDS)
        except _FAULTS as error:
            self.close()
            code = error.code if isinstance(error, Problem) else AWAY
            _warnings.warning("queue of a subscription not filled", code, error=repr(error)[:300])
            self._attempts.note_fault(name, type(error).__name__, code)

    def _run(self, delivery: Delivery, until: float) -> None:
        more = True
        while more and time.monotonic() < until and not self._stopping():
            depth = self._depth(delivery)
            if depth is None:
                delivery = self._restore(delivery)
                continue
            if depth == 0:
                delivery = self._look_whether_read(delivery)
            room = int(delivery.options["length"]) - depth
            if room <= 0:
                self._wait_for_room(delivery)
                return
            delivery, more = self._publish(delivery, min(room, PAGE))

    def _wait_for_room(self, delivery: Delivery) -> None:
        since = delivery.failing_since or self._instant_after(0)
        self._attempts.write(
            delivery, code=FULL, detail="", failing_since=since, next_at=self._instant_after(FULL_SECONDS)
        )

    def _publish(self, delivery: Delivery, most: int) -> tuple[Delivery, bool]:
        page = self._page(delivery, most)
        if page is None:
            return self._attempts.fail(delivery, ClassifiedAnswer(Verdict.GONE, "lost_cursor")), False
        with broker.reply_timeout():
            self._connected_sender().send([self._message(delivery.name, event) for event in page.events])
        return self._attempts.advance(delivery, page.cursor, len(page.events)), page.more

    def _page(self, delivery: Delivery, limit: int) -> PublicPage | None:
        """None if the cursor is of a log that was lost."""
        with self._store.reading() as connection:
            subscription = subscription_named(connection, delivery.name)
            if subscription is None:
                return PublicPage([], delivery.position, more=False)
            try:
                return public_page(connection, subscription, delivery.position, limit)
            except LostCursor:
                return None

    def _message(self, name: str, event: PublicEvent) -> OutgoingMessage:
        """A CloudEvent in binary mode: attributes as application properties (headers in AMQP 0-9-1)."""
        attributes = attributes_of(event, self._district)
        headers = {f"{PREFIX}{key}": value for key, value in attributes.items() if key != "datacontenttype"}
        properties = {"message_id": event.recorded.id, "type": event.fact.type.wire, "application_headers": headers}
        return OutgoingMessage(broker.SUBSCRIPTION, name, text_of(event.data), JSON, must_arrive=True,
                               properties=properties)  # fmt: skip

    def _depth(self, delivery: Delivery) -> int | None:
        self._connected_sender()
        with broker.reply_timeout():
            return broker.queue_depth(self._connection, delivery.address)

    def _look_whether_read(self, delivery: Delivery) -> Delivery:
        """If no message is ready: are any unacknowledged?  The broker's statistics lag some seconds."""
        known = delivery.read_position == delivery.position
        if known or instant(self._attempts.now() - timedelta(seconds=COUNTED_SECONDS)) < delivery.last_at:
            return delivery
        if self._queues.unacknowledged(delivery.name):
            return delivery
        return self._attempts.write(delivery, read_position=delivery.position)

    def _restore(self, delivery: Delivery) -> Delivery:
        """The broker lost the queue with its unread messages: create it again.  Problem 502."""
        self._queues.put(delivery.name, delivery.hash)
        return self._attempts.write(delivery, position=delivery.read_position, code="", detail="")

    def _make_anew(self, delivery: Delivery) -> Delivery:
        """The messages in the queue may not be read any more: create it again; its consumer reconnects.  Problem
        502."""
        self._queues.delete_queue(delivery.name)
        self._queues.close_connections(delivery.name)
        self._queues.put(delivery.name, delivery.hash)
        options = {name: value for name, value in delivery.options.items() if name != ANEW}
        failures = {**FRESH, "state": delivery.state} if delivery.attempts else {}
        return self._attempts.write(delivery, options=options, position=delivery.read_position, **failures)

    def _connected_sender(self) -> Any:
        if self._connection is None:
            self._connection = broker.connect(self._amqp_url)
            self._sender = broker.Sender(self._connection)
        return self._sender

    def _instant_after(self, seconds: float) -> str:
        return instant(self._attempts.now() + timedelta(seconds=seconds))

    def idle(self) -> None:
        """Exchange heartbeats between turns."""
        if self._sender is not None:
            try:
                self._sender.idle()
            except broker.BROKER_ERRORS:
                self.close()

    def close(self) -> None:
        broker.close(self._connection)
        self._connection = self._sender = None
