"""The relay: its cursor moves after the broker's confirm and never before, so the worst is a repeat."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import kombu
import pytest
import sqlalchemy as sa

from chassis.messaging import broker
from chassis.messaging.broker import NotConfirmed, OutgoingMessage, QueueSpec, events_queue
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.schema import receipts, relays
from tests.chassis import worlds
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, rows, things
from tests.support.proxy import Proxy
from tests.support.rabbitmq import RabbitMQ


def relayed(runtime: ServiceRuntime) -> int:
    with runtime.store.reading() as connection:
        return int(connection.execute(sa.select(relays.c.position)).scalar_one())


def drain(rabbitmq: RabbitMQ, vhost: str) -> list[bytes]:
    """What came for the subscriber, from a queue of the test's own (one with a single consumer has no `get`)."""
    with kombu.Connection(rabbitmq.url(vhost)) as connection:
        channel = connection.channel()
        result = []
        while (message := channel.basic_get("seen", no_ack=True)) is not None:
            result.append(message.body)
        return result


@pytest.fixture
def proxy(rabbitmq: RabbitMQ) -> Iterator[Proxy]:
    with Proxy(rabbitmq.port) as result:
        yield result


@pytest.fixture
def through(rabbitmq: RabbitMQ, vhost: str, proxy: Proxy) -> str:
    """The broker's address through the proxy, its queue for the subscriber declared."""
    connection = broker.connect(rabbitmq.url(vhost))
    seen = QueueSpec("seen", broker.EVENTS, "topic", ("participation.0",))
    broker.declare(connection, [events_queue("assessment", "participation", 0), seen])
    broker.close(connection)
    return rabbitmq.url(vhost).replace(f":{rabbitmq.port}/", f":{proxy.port}/")


def test_what_is_relayed_is_received(pair: Pair, rabbitmq: RabbitMQ, vhost: str, through: str) -> None:
    source, subscriber = pair(amqp=through)
    append(source, *things(*[f"t{n}:{n}" for n in range(450)]))
    assert not source.relay.publish_batch()
    bodies = drain(rabbitmq, vhost)
    assert len(bodies) == 3  # many events a message
    assert subscriber.inbox.receive(bodies)
    assert (rows(subscriber), relayed(source)) == ({f"t{n}": str(n) for n in range(450)}, 450)


def test_killed_between_publish_and_cursor_it_repeats(
    pair: Pair, rabbitmq: RabbitMQ, vhost: str, through: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, subscriber = pair(amqp=through)
    append(source, *things("a:1", "b:2"))
    with monkeypatch.context() as power_cut:
        power_cut.setattr(source.store, "writing", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            source.relay.publish_batch()
    assert relayed(source) == 0
    source.relay.publish_batch()
    bodies = drain(rabbitmq, vhost)
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    subscriber.inbox.receive(bodies)
    assert (rows(subscriber), worlds.kept(subscriber), relayed(source)) == ({"a": "1", "b": "2"}, 2, 2)


def test_two_relays_are_no_harm(pair: Pair, rabbitmq: RabbitMQ, vhost: str, through: str) -> None:
    from chassis.messaging.relay import Relay

    source, subscriber = pair(amqp=through)
    other = Relay(source.store, "participation", "district", through, source.monitor, lambda: None)
    for number in range(10):
        append(source, *things(f"t{number}:{number}"))
        (source.relay if number % 2 else other).publish_batch()
        if number % 3 == 0:
            other.publish_batch()
    subscriber.inbox.receive(drain(rabbitmq, vhost))
    assert (rows(subscriber), relayed(source)) == ({f"t{n}": str(n) for n in range(10)}, 10)
    broker.close(other._connection)


@pytest.mark.parametrize("direction", ["up", "down"])
def test_hole_6_a_broker_that_never_confirms_moves_nothing(
    pair: Pair, through: str, proxy: Proxy, direction: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "CONFIRM_TIMEOUT", 1)
    source, _ = pair(amqp=through)
    append(source, *things("a:1"))
    source.relay.publish_batch()
    append(source, *things("b:2"))
    proxy.silence(up=direction == "up", down=direction == "down")
    asked = time.monotonic()
    with pytest.raises(broker.BROKER_ERRORS):
        source.relay.publish_batch()
    assert time.monotonic() - asked < 10
    assert relayed(source) == 1
    assert source.relay.connection_lost(NotConfirmed("x"), 0.0) > 0
    assert source.relay.state == "away"
    proxy.heal()
    source.relay.publish_batch()
    assert (relayed(source), source.relay.state) == (2, "up")


def test_a_cut_in_the_middle_moves_nothing_either(pair: Pair, through: str, proxy: Proxy) -> None:
    source, _ = pair(amqp=through)
    append(source, *things("a:1"))
    source.relay._connect()
    proxy.cut()
    with pytest.raises(broker.BROKER_ERRORS):
        source.relay.publish_batch()
    assert relayed(source) == 0
    source.relay.connection_lost(NotConfirmed("x"), 0.0)
    source.relay.publish_batch()
    assert relayed(source) == 1


def test_a_slow_broker_is_waited_for(pair: Pair, rabbitmq: RabbitMQ, vhost: str, through: str, proxy: Proxy) -> None:
    proxy.delay = 0.05
    source, subscriber = pair(amqp=through)
    append(source, *things("a:1"))
    source.relay.publish_batch()
    subscriber.inbox.receive(drain(rabbitmq, vhost))
    assert (relayed(source), rows(subscriber)) == (1, {"a": "1"})


def test_a_refused_message_is_not_confirmed(rabbitmq: RabbitMQ, vhost: str) -> None:
    connection = broker.connect(rabbitmq.url(vhost))
    channel = connection.channel()
    channel.exchange_declare("full", "fanout", durable=True, auto_delete=False)
    channel.queue_declare("full", durable=True, auto_delete=False,
                          arguments={"x-max-length": 1, "x-overflow": "reject-publish"})  # fmt: skip
    channel.queue_bind("full", "full")
    sender = broker.Sender(connection)
    with pytest.raises(NotConfirmed, match="refused"):
        sender.send([OutgoingMessage("full", "", b"x", "text/plain")] * 50)
    broker.close(connection)


def test_hole_5_closing_waits_for_nobody(through: str, proxy: Proxy) -> None:
    connection = broker.connect(through)
    proxy.silence()
    asked = time.monotonic()
    broker.close(connection)
    assert time.monotonic() - asked < 1


def test_the_password_is_in_no_error(through: str, proxy: Proxy) -> None:
    proxy.silence()
    with pytest.raises(broker.BROKER_ERRORS) as caught:
        broker.connect(through)
    assert str(urlsplit(through).password) not in repr(caught.value)


def test_where_receipts_and_events_go_is_durable_and_bounded(rabbitmq: RabbitMQ, vhost: str, through: str) -> None:
    connection = broker.connect(rabbitmq.url(vhost))
    broker.declare(connection, [broker.receipts_queue("hr"), broker.dead_letter_queue("assessment")])
    broker.close(connection)
    result: dict[str, Any] = {item["name"]: item for item in rabbitmq.api("GET", f"/api/queues/{vhost}")}
    del result["seen"]
    events = result["qihang.assessment.participation.0"]
    assert {item["type"] for item in result.values()} == {"quorum"}
    assert all(item["durable"] for item in result.values())
    assert events["arguments"]["x-delivery-limit"] == 100
    assert events["arguments"]["x-dead-letter-strategy"] == "at-least-once"
    assert result["qihang.receipts.hr"]["arguments"]["x-max-length"] > 0


def test_a_receipt_that_no_queue_takes_is_not_sent(pair: Pair, rabbitmq: RabbitMQ, vhost: str, through: str) -> None:
    """Somebody deleted the publisher's queue: no feed brings a receipt back, so the relay makes the queue anew."""
    source, _ = pair(amqp=through)
    for number in range(2):
        with source.store.writing() as connection:
            connection.execute(sa.insert(receipts).values(publisher="hr", body=f"{number}"))
        if number == 0:
            source.relay.publish_batch()
            rabbitmq.api("DELETE", f"/api/queues/{vhost}/qihang.receipts.hr")
    with pytest.raises(NotConfirmed, match="refused"):
        source.relay.publish_batch()
    assert worlds.kept(source, receipts) == 1
    source.relay.connection_lost(NotConfirmed("x"), 0.0)
    source.relay.publish_batch()
    assert worlds.kept(source, receipts) == 0
    with kombu.Connection(rabbitmq.url(vhost)) as connection:
        assert connection.channel().basic_get("qihang.receipts.hr", no_ack=True).body == b"1"
