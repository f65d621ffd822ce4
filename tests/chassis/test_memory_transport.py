"""The embedded broker wakes its readers, and does not look for them to see."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.messaging import broker


@pytest.fixture
def reading() -> Iterator[tuple[Any, list[bytes]]]:
    """A connection that consumes a queue, and what came."""
    connection = broker.connect("memory://")
    came: list[bytes] = []
    channel = connection.channel()
    channel.exchange_declare("waking", "direct")
    channel.queue_declare("waking")
    channel.queue_bind("waking", "waking", routing_key="waking")
    channel.basic_consume("waking", no_ack=True, callback=lambda message: came.append(message.body), consumer_tag="w")
    yield connection, came
    broker.close(connection)


def publish() -> None:
    broker.Sender(broker.connect("memory://")).send([broker.OutgoingMessage("waking", "waking", b"{}", "text/plain")])


def test_who_waits_is_woken_by_a_message_of_another_thread(reading: tuple[Any, list[bytes]]) -> None:
    connection, came = reading
    later = threading.Timer(0.1, publish)
    later.start()
    began = time.monotonic()
    connection.drain_events(timeout=20)
    later.join()
    assert len(came) == 1
    assert time.monotonic() - began < 10


def test_a_message_that_is_there_is_taken_at_once(reading: tuple[Any, list[bytes]]) -> None:
    connection, came = reading
    publish()
    connection.drain_events(timeout=0)
    assert len(came) == 1


def test_nobody_looks_while_nothing_comes(reading: tuple[Any, list[bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    connection, _ = reading
    looks: list[float] = []
    cycle = connection.transport.cycle
    look = cycle.get
    monkeypatch.setattr(cycle, "get", lambda *arguments, **more: (looks.append(0), look(*arguments, **more))[1])
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=0.5)
    assert len(looks) <= 2
