"""Publishers' users at a real broker, as participation makes them."""

from __future__ import annotations

import threading
from collections import Counter
from urllib.parse import urlsplit

import amqp
import kombu

from chassis.messaging import broker
from services.participation.publishers.broker_users import BrokerUsers
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
    stopped = threading.Event()

    def sign_in_all_the_time() -> None:
        while not stopped.is_set():
            outcomes[signed_in(rabbitmq.url_for(user, password, vhost))] += 1

    client = threading.Thread(target=sign_in_all_the_time)
    client.start()
    try:
        for _ in range(5):
            users.put(user, password_hash)
            rabbitmq.api("DELETE", f"/api/users/{user}")
    finally:
        stopped.set()
        client.join(30)
    assert outcomes["AccessRefused"] and set(outcomes) <= {"AccessRefused", "welcome"}, outcomes
    users.put(user, password_hash)
    assert signed_in(rabbitmq.url_for(user, password, vhost)) == "welcome"
