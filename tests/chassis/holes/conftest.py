"""A virtual host with plain nameko and ours in it, and a publisher that writes what it likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import amqp
import pytest

from tests.chassis.children import Plain, Toy
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from tests.support.rabbitmq import RabbitMQ


class Stranger:
    """Whoever may write to an exchange."""

    def __init__(self, rabbitmq: RabbitMQ, vhost: str) -> None:
        self.rabbitmq, self.vhost = rabbitmq, vhost
        self.connection = amqp.Connection(f"127.0.0.1:{rabbitmq.port}", rabbitmq.user, rabbitmq.password,
                                          virtual_host=vhost, login_method="PLAIN")  # fmt: skip
        self.connection.connect()
        self.channel = self.connection.channel()

    def send(self, body: bytes, exchange: str = "plain", key: str = "x", **properties: Any) -> None:
        properties = {"content_type": "application/json", "content_encoding": "utf-8", "delivery_mode": 2} | properties
        self.channel.basic_publish_confirm(amqp.Message(body, **properties), exchange=exchange, routing_key=key)

    def left(self, queue: str = "plain.in") -> int:
        """Messages of a queue that nobody has acknowledged, handed out or not; -1 when the broker does not say."""
        result = self.rabbitmq.api("GET", f"/api/queues/{self.vhost}/{queue}")
        return int(result.get("messages", -1))

    def gone(self, queue: str = "plain.in") -> None:
        wait_until(lambda: self.left(queue) == 0, 20, lambda: f"{self.left(queue)} messages left in {queue}")


@pytest.fixture
def stranger(rabbitmq: RabbitMQ, vhost: str) -> Iterator[Stranger]:
    result = Stranger(rabbitmq, vhost)
    yield result
    result.connection.close()


@pytest.fixture
def amqp_url(rabbitmq: RabbitMQ, vhost: str) -> str:
    return rabbitmq.url(vhost)


@pytest.fixture
def plain(tmp_path: Path, amqp_url: str) -> Iterator[Callable[..., Plain]]:
    """Starts plain nameko in a scenario."""
    result: list[Plain] = []

    def start(scenario: str = "", url: str = amqp_url, **environment: str) -> Plain:
        result.append(Plain(scenario or "none", tmp_path, url, **environment))
        return result[-1]

    yield start
    for item in result:
        item.process.kill()


@pytest.fixture
def toy(tmp_path: Path, amqp_url: str) -> Iterator[Callable[..., Toy]]:
    """Makes a toy service, not started yet."""
    result: list[Toy] = []

    def make(name: str, url: str = amqp_url, **environment: str) -> Toy:
        result.append(Toy(name, tmp_path, url, **environment))
        return result[-1]

    yield make
    for item in result:
        if item.starts:
            item.process.kill()


@pytest.fixture
def both(toy: Callable[..., Toy]) -> tuple[Toy, Toy]:
    """(participation, assessment) running, the second hearing the first."""
    source = toy("participation").start(ready=False)
    subscriber = toy("assessment").subscribes_to(source).start(ready=False)
    for item in (source, subscriber):
        item.wait_for("/readyz", 60)
    return source, subscriber
