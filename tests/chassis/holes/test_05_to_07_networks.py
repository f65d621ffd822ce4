"""Holes 5 to 7: a network that swallows, a confirm that never comes, a broker that is not there yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chassis.children import Plain, Toy
from tests.chassis.holes.conftest import Stranger
from tests.support.processes import wait_until
from tests.support.proxy import Proxy
from tests.support.rabbitmq import RabbitMQ

HURRIED = {"TOY_HEARTBEAT": "2", "TOY_CONFIRM": "2"}


@pytest.fixture
def proxy(rabbitmq: RabbitMQ) -> Iterator[Proxy]:
    with Proxy(rabbitmq.port) as result:
        yield result


def through(amqp_url: str, rabbitmq: RabbitMQ, proxy: Proxy) -> str:
    return amqp_url.replace(f":{rabbitmq.port}/", f":{proxy.port}/")


@pytest.mark.plain_library
def test_5_plain_hangs_for_good_behind_a_silent_network(
    plain: Callable[..., Plain], stranger: Stranger, proxy: Proxy, amqp_url: str, rabbitmq: RabbitMQ
) -> None:
    """Its HTTP route stays green: nobody would know."""
    service = plain(url=through(amqp_url, rabbitmq, proxy), HEARTBEAT="2").ready()
    stranger.send(b'{"n": 1}')
    wait_until(lambda: service.lines_with("handled"), 20, "it consumes")
    proxy.silence(up=False)
    wait_until(lambda: not rabbitmq_connections(rabbitmq, stranger, "plain.in"), 30, "the broker gave the consumer up")
    proxy.mend()
    stranger.send(b'{"n": 2}')
    assert Standstill(seconds=8, moved=lambda: len(service.lines_with("handled")) > 1).whole()
    assert service.process.running
    assert service.answers()


def test_5_ours_comes_back(toy: Callable[..., Toy], proxy: Proxy, amqp_url: str, rabbitmq: RabbitMQ) -> None:
    source = toy("participation").start()
    subscriber = toy("assessment", through(amqp_url, rabbitmq, proxy), **HURRIED).subscribes_to(source).start()
    for number, (up, down) in enumerate([(False, True), (True, False), (True, True)]):
        source.append(f"before{number}:1")
        before = proxy.seen
        proxy.silence(up=up, down=down)
        source.append(f"behind{number}:1")
        wait_until(lambda: subscriber.get("/readyz")[0] == 503, 40, "readyz tells of the broker")
        assert subscriber.get("/livez")[0] == 200  # an outage that it knows of
        proxy.heal()
        subscriber.wait_for("/readyz", 40)
        assert proxy.seen > before
    source.append("last:1")
    expected = {f"{when}{number}": "1" for number in range(3) for when in ("before", "behind")} | {"last": "1"}
    subscriber.has(expected, 40)
    assert subscriber.get("/toy/state")[1]["kept"] == 7


@pytest.mark.plain_library
def test_6_plain_waits_for_a_confirm_for_ever(
    plain: Callable[..., Plain], proxy: Proxy, amqp_url: str, rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    service = plain("publish", through(amqp_url, rabbitmq, proxy), GO=str(go)).ready()
    proxy.silence(up=False)
    go.touch()
    service.process.wait_for_output("publishing")
    assert Standstill(
        seconds=5, moved=lambda: bool(service.lines_with("published")) or not service.process.running
    ).whole()


def test_6_ours_sends_again(toy: Callable[..., Toy], proxy: Proxy, amqp_url: str, rabbitmq: RabbitMQ) -> None:
    source = toy("participation", through(amqp_url, rabbitmq, proxy), **HURRIED).start()
    subscriber = toy("assessment").subscribes_to(source).start()
    proxy.silence(up=False)
    source.append("a:1")
    wait_until(lambda: source.get("/readyz")[0] == 503, 30, "the relay gave up")
    proxy.heal()
    source.wait_for("/readyz", 40)
    subscriber.has({"a": "1"})


@pytest.mark.plain_library
def test_7_plain_does_not_get_through_its_start_without_its_broker(
    plain: Callable[..., Plain], rabbitmq: RabbitMQ, amqp_url: str
) -> None:
    with Proxy(rabbitmq.port, opened=False) as absent:
        service = plain("publisher", url=through(amqp_url, rabbitmq, absent))
        assert Standstill(
            seconds=5, moved=lambda: bool(service.lines_with("ready")) or not service.process.running
        ).whole()


def test_7_ours_serves_first_and_connects_when_it_is_there(
    toy: Callable[..., Toy], rabbitmq: RabbitMQ, amqp_url: str
) -> None:
    with Proxy(rabbitmq.port, opened=False) as late:
        url = through(amqp_url, rabbitmq, late)
        source = toy("participation", url).start(ready=False)
        subscriber = toy("assessment", url).subscribes_to(source).start(ready=False)
        for service in (source, subscriber):
            service.wait_for("/livez", 60)
            assert service.get("/readyz")[0] == 503
        source.append("a:1")
        subscriber.has({"a": "1"})  # the feed needs no broker
        late.open()
        for service in (source, subscriber):
            service.wait_for("/readyz", 60)
        source.append("b:2")
        subscriber.has({"a": "1", "b": "2"})


def rabbitmq_connections(rabbitmq: RabbitMQ, stranger: Stranger, queue: str) -> list[object]:
    """Consumers of a queue as the broker sees them."""
    result = rabbitmq.api("GET", f"/api/queues/{stranger.vhost}/{queue}")
    return list(result.get("consumer_details", [1]))


class Standstill:
    """That nothing happens can only be seen by looking for a while."""

    def __init__(self, seconds: float, moved: Callable[[], bool]) -> None:
        self.seconds, self.moved = seconds, moved

    def whole(self) -> bool:
        try:
            wait_until(self.moved, self.seconds, "it moves")
        except AssertionError:
            return True
        return False
