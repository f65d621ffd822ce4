"""Publishers' users at a real broker, as participation makes them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from urllib.parse import urlsplit

import amqp
import kombu

from chassis.messaging import broker
from services.participation.publishers.broker_users import BrokerUsers
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitMQ


def signed_in(url: str) -> str:
    """What the broker says to who signs in: "welcome" or the error's name."""
    parts = urlsplit(url)
    connection = amqp.Connection(
        f"{parts.hostname}:{parts.port}", parts.username, parts.password or "", virtual_host=parts.path[1:]
    )
    try:
        connection.connect()
        connection.close()
    except (amqp.AMQPError, OSError) as error:
        return type(error).__name__
    return "welcome"


def test_who_can_sign_in_may_publish(rabbitmq: RabbitMQ, vhost: str) -> None:
    """A client takes "access to the vhost refused" for a fault of its settings and gives up."""
    with kombu.Connection(rabbitmq.url(vhost)) as connection:
        connection.channel().exchange_declare(broker.RECEIPTS, "direct", durable=True, auto_delete=False)
    users = BrokerUsers(rabbitmq.api_url, rabbitmq.url(vhost))
    user = f"office-{vhost}"
    password, password_hash = users.make_password()
    assert password
    outcomes: Counter[str] = Counter()

    def sign_in_until_it_works() -> None:
        deadline = time.monotonic() + 30
        while not outcomes["welcome"] and time.monotonic() < deadline:
            outcomes[signed_in(rabbitmq.url_for(user, password, vhost))] += 1

    client = threading.Thread(target=sign_in_until_it_works)
    client.start()
    wait_until(lambda: outcomes["AccessRefused"], 30, "the client was refused, for its user is unknown")
    users.put(user, password_hash)
    client.join(40)
    assert outcomes["welcome"] and set(outcomes) <= {"AccessRefused", "welcome"}, outcomes
