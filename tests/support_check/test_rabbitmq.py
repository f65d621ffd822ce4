"""The private broker does what the tests that use it take for granted."""

from __future__ import annotations

import urllib.error

import pytest
from amqp.exceptions import AccessRefused, NotAllowed, NotFound
from kombu import Connection, Exchange, Queue

from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitMQ

QUORUM = Queue("kept", Exchange("facts", "topic"), routing_key="#", queue_arguments={"x-queue-type": "quorum"})


def send(url: str, body: str) -> None:
    with Connection(url) as connection:
        producer = connection.Producer(exchange=Exchange("facts", "topic"))
        producer.publish(body, routing_key="a", declare=[QUORUM], delivery_mode=2)


def take(url: str) -> str | None:
    with Connection(url) as connection:
        message = wait_until(lambda: QUORUM(connection.default_channel).get(), 20, "a message")
        message.ack()
        return message.payload


@pytest.fixture(autouse=True)
def nothing_left(own_rabbitmq: RabbitMQ) -> None:
    """The tests of this file share one node of their own: each begins without the others' queue."""
    with Connection(own_rabbitmq.url()) as connection:
        connection.default_channel.queue_delete("kept")


def test_a_message_survives_an_orderly_restart(own_rabbitmq: RabbitMQ) -> None:
    send(own_rabbitmq.url(), "before")
    own_rabbitmq.restart()
    assert take(own_rabbitmq.url()) == "before"


def test_a_message_survives_kill_9(own_rabbitmq: RabbitMQ) -> None:
    with Connection(own_rabbitmq.url(), transport_options={"confirm_publish": True}) as connection:
        producer = connection.Producer(exchange=Exchange("facts", "topic"))
        producer.publish("confirmed", routing_key="a", declare=[QUORUM], delivery_mode=2)
    own_rabbitmq.kill()
    assert not own_rabbitmq.running
    own_rabbitmq.resume_after_stop()
    assert take(own_rabbitmq.url()) == "confirmed"


def test_a_wiped_broker_has_forgotten_everything_but_its_address(own_rabbitmq: RabbitMQ) -> None:
    address = own_rabbitmq.url()
    send(address, "lost")
    own_rabbitmq.wipe()
    assert own_rabbitmq.url() == address
    with Connection(address) as connection, pytest.raises(NotFound):
        connection.default_channel.queue_declare("kept", passive=True)


def test_an_emptied_broker_has_forgotten_as_much(own_rabbitmq: RabbitMQ) -> None:
    send(own_rabbitmq.url(), "lost")
    elsewhere, user = own_rabbitmq.create_vhost(), own_rabbitmq.create_user("gone", read=".*")
    own_rabbitmq.empty()
    with Connection(own_rabbitmq.url()) as connection, pytest.raises(NotFound):
        connection.default_channel.queue_declare("kept", passive=True)
    for address in (own_rabbitmq.url(elsewhere), user):
        with pytest.raises((AccessRefused, NotAllowed)), Connection(address) as connection:
            connection.connect()


def test_two_nodes_run_beside_each_other(rabbitmq: RabbitMQ, own_rabbitmq: RabbitMQ) -> None:
    assert rabbitmq.port != own_rabbitmq.port
    for node in (rabbitmq, own_rabbitmq):
        with Connection(node.url()) as connection:
            connection.ensure_connection(max_retries=1)


def test_virtual_hosts_do_not_see_each_other(rabbitmq: RabbitMQ, vhost: str) -> None:
    other = rabbitmq.create_vhost()
    send(rabbitmq.url(vhost), "mine")
    with Connection(rabbitmq.url(other)) as connection, pytest.raises(NotFound):
        connection.default_channel.queue_declare("kept", passive=True)
    rabbitmq.delete_vhost(other)


def test_a_user_may_do_what_it_was_given_and_no_more(rabbitmq: RabbitMQ, vhost: str) -> None:
    send(rabbitmq.url(vhost), "first")
    school = rabbitmq.create_user("school", vhost, write="^facts$")
    with Connection(school) as connection:
        connection.Producer(exchange=Exchange("facts", "topic", no_declare=True)).publish("second", routing_key="a")
    with Connection(school) as connection, pytest.raises(AccessRefused):
        connection.default_channel.basic_get("kept")


def test_the_management_api_wants_the_password(rabbitmq: RabbitMQ) -> None:
    password, rabbitmq.password = rabbitmq.password, "wrong"
    try:
        with pytest.raises(urllib.error.HTTPError, match="401"):
            rabbitmq.api("GET", "/api/overview")
    finally:
        rabbitmq.password = password


def test_rabbitmqctl_reaches_this_node(own_rabbitmq: RabbitMQ) -> None:
    send(own_rabbitmq.url(), "one")
    assert "kept" in own_rabbitmq.ctl("list_queues", "name")
