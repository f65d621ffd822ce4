"""A fake of participation for a publisher on the broker: consumes the intake queue in order, sends a receipt for every
event."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import amqp
import kombu

RECEIPT_TYPE = "qihang.receipt.v1"
Decide = Callable[[dict[str, Any]], str | None]


def receipt(event: dict[str, Any], outcome: str) -> dict[str, Any]:
    """The receipt of one event, as interfaces.md gives it."""
    data = {"source": event["source"], "id": event["id"], "outcome": outcome}
    return {"specversion": "1.0", "type": RECEIPT_TYPE, "source": "qihang", "id": f"r-{event['id']}", "data": data}


class FakeIntake:
    """Declares what the installation declares, then answers in a thread of its own; `decide` may withhold a receipt."""

    def __init__(self, url: str, publisher: str, decide: Decide) -> None:
        self.messages: list[Any] = []
        self.events: list[dict[str, Any]] = []
        self.failed: Exception | None = None
        self._decide = decide
        self._publisher = publisher
        self._stop = threading.Event()
        self._connection = kombu.Connection(url)
        channel = self._connection.channel()
        channel.exchange_declare("qihang.intake", "topic", durable=True, auto_delete=False)
        channel.exchange_declare("qihang.receipts", "direct", durable=True, auto_delete=False)
        channel.queue_declare("intake", durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        channel.queue_bind("intake", "qihang.intake", routing_key="#")
        channel.basic_consume("intake", callback=self._take)
        # py-amqp drains events while it publishes: on one connection the next message would be taken inside this one.
        self._answers = kombu.Connection(url)
        self._out = self._answers.channel()
        self._channel = channel
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)
        self._connection.release()
        self._answers.release()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._connection.drain_events(timeout=0.1)
            except TimeoutError:
                continue
            except (OSError, amqp.AMQPError, ValueError, LookupError) as error:  # shown by the fixture
                self.failed = error
                return

    def _take(self, message: Any) -> None:
        self.messages.append(message)
        body = message.body.encode() if isinstance(message.body, str) else message.body
        value = json.loads(body)
        for event in value if isinstance(value, list) else [value]:
            self.events.append(event)
            if outcome := self._decide(event):
                answer = amqp.Message(json.dumps(receipt(event, outcome)), content_type="application/cloudevents+json")
                self._out.basic_publish(answer, "qihang.receipts", self._publisher)
        self._channel.basic_ack(message.delivery_tag)
