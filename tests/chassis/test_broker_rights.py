"""What each user of the district's broker may do there, by the definitions that `deploy/make-secrets` writes."""

from __future__ import annotations

import json
import subprocess
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
import pytest

from chassis.messaging import broker
from chassis.messaging.broker import BROKER_ERRORS, QueueSpec
from chassis.process.settings import SERVICES
from services.participation.deliveries.broker_queues import BrokerQueues, user_of
from services.participation.publishers.broker_users import BrokerUsers
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitMQ
from tests.support.system import ROOT

EXCHANGES = {broker.EVENTS: "topic", broker.INTAKE: "topic", broker.RECEIPTS: "direct", broker.DEAD: "direct",
             broker.SUBSCRIPTION: "direct"}  # fmt: skip
REFUSED = (amqp.AccessRefused, amqp.NotAllowed)


@dataclass(frozen=True)
class DistrictBroker:
    """A virtual host with the definitions; its users bear its name too, since a broker's users are those of all."""

    rabbitmq: RabbitMQ
    vhost: str
    passwords: dict[str, str]

    def url(self, user: str) -> str:
        return self.rabbitmq.url_for(f"{user}-{self.vhost}", self.passwords[user], self.vhost)

    def channel(self, user: str) -> Any:
        parts = urlsplit(self.url(user))
        connection = amqp.Connection(
            f"{parts.hostname}:{parts.port}", parts.username, unquote(parts.password or ""), virtual_host=self.vhost,
            connect_timeout=10, read_timeout=30,
        )  # fmt: skip
        connection.connect()
        return connection.channel()


@pytest.fixture(scope="module")
def secrets_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "secrets"
    subprocess.run([ROOT / "deploy" / "make-secrets", folder], check=True, capture_output=True, timeout=60)
    return folder


@pytest.fixture
def district_broker(rabbitmq: RabbitMQ, vhost: str, secrets_folder: Path) -> Iterator[DistrictBroker]:
    definitions = json.loads((secrets_folder / "rabbitmq-definitions.json").read_text())
    for user in definitions["users"]:
        user["name"] += f"-{vhost}"
    for kind in ("permissions", "topic_permissions", "exchanges", "policies"):
        for item in definitions.get(kind, []):
            item["vhost"] = vhost
            if "user" in item:
                item["user"] += f"-{vhost}"
    rabbitmq.api("POST", "/api/definitions", {name: definitions[name] for name in definitions if name != "vhosts"})
    passwords = {service: unquote(urlsplit((secrets_folder / f"{service}.amqp").read_text().strip()).password or "")
                 for service in SERVICES}  # fmt: skip
    api = unquote(urlsplit((secrets_folder / "broker-api.url").read_text().strip()).password or "")
    passwords["publishers"] = api
    if (secrets_folder / "rabbitmq-monitoring.password").exists():
        passwords["monitoring"] = (secrets_folder / "rabbitmq-monitoring.password").read_text().strip()
    yield DistrictBroker(rabbitmq, vhost, passwords)
    for user in definitions["users"]:
        rabbitmq.api("DELETE", f"/api/users/{user['name']}")


def queues_of(service: str) -> list[QueueSpec]:
    own = [broker.dead_letter_queue(service)]
    if service == "participation":
        return [*own, broker.intake_queue(service), broker.receipts_queue("hr")]
    return [*own, broker.events_queue(service, "participation", 0)]


def declare_all(district_broker: DistrictBroker) -> None:
    for service in SERVICES:
        connection = broker.connect(district_broker.url(service))
        broker.declare(connection, queues_of(service))
        broker.close(connection)


def test_every_service_makes_its_queues_and_sends_its_events(district_broker: DistrictBroker) -> None:
    declare_all(district_broker)
    for service in SERVICES:
        connection = broker.connect(district_broker.url(service))
        for name, kind in EXCHANGES.items():
            broker.ensure_exchange(connection, name, kind)
        sender = broker.Sender(connection)
        sender.send([broker.OutgoingMessage(broker.EVENTS, f"{service}.0", b"{}", "application/json")])
        if service == "participation":
            sender.send([broker.OutgoingMessage(broker.RECEIPTS, "hr", b"{}", "application/json", must_arrive=True)])
        broker.close(connection)


def test_receipts_and_dead_letters_are_kept_however_often_they_come_back(district_broker: DistrictBroker) -> None:
    """RabbitMQ 4 throws away what came back 20 times, where nothing else is said."""
    declare_all(district_broker)

    def policies() -> dict[str, Any]:
        queues = district_broker.rabbitmq.api("GET", f"/api/queues/{district_broker.vhost}")
        return {queue["name"]: queue.get("effective_policy_definition") for queue in queues}

    waiting = {broker.receipts_queue("hr").name, *(broker.dead_letter_queue(service).name for service in SERVICES)}
    wait_until(lambda: all(policies().get(name) for name in waiting), 20, "policies are known")
    assert {name for name, policy in policies().items() if policy} == waiting
    assert all(policies()[name] == {"delivery-limit": 1_000_000} for name in waiting)


def test_who_makes_outside_systems_users_makes_their_exchange_and_queues(district_broker: DistrictBroker) -> None:
    """By its rights at the virtual host; participation reads the queue by its own."""
    declare_all(district_broker)
    name, vhost = f"hr-{district_broker.vhost}", district_broker.vhost
    port = urlsplit(district_broker.rabbitmq.api_url).port
    api = f"http://publishers-{vhost}:{district_broker.passwords['publishers']}@127.0.0.1:{port}"
    users = BrokerUsers(api, district_broker.url("participation"))
    password, password_hash = users.make_password()
    users.put(name, password_hash)
    assert users.vhost == vhost
    connection = broker.connect(district_broker.rabbitmq.url_for(name, str(password), vhost))
    for exchange in (broker.INTAKE, f"{broker.INTAKE}.{name}"):
        broker.Sender(connection).send([broker.OutgoingMessage(exchange, "any", b"{}", "application/json", True)])
    broker.close(connection)
    own = broker.own_intake_queue("participation", name)
    received: list[Any] = []
    channel = district_broker.channel("participation")
    channel.basic_consume(own.name, callback=received.append, on_cancel=received.append)
    channel.connection.drain_events(timeout=20)
    assert received[0].body
    with pytest.raises(REFUSED):
        district_broker.channel("publicity").basic_consume(own.name)
    users.delete(name)
    channel.connection.drain_events(timeout=20)
    assert len(received) == 2  # the consumer is told that its queue is gone, and the connection stays


def test_a_subscription_gets_a_queue_that_it_alone_reads_and_participation_alone_fills(
    district_broker: DistrictBroker,
) -> None:
    name, vhost = f"office-{district_broker.vhost}", district_broker.vhost
    port = urlsplit(district_broker.rabbitmq.api_url).port
    api = f"http://publishers-{vhost}:{district_broker.passwords['publishers']}@127.0.0.1:{port}"
    queues = BrokerQueues(api, district_broker.url("participation"))
    password, password_hash = queues.make_password()
    queues.put(name, password_hash)
    own = broker.subscription_queue(name).name
    message = broker.OutgoingMessage(broker.SUBSCRIPTION, name, b"{}", "application/json", must_arrive=True)
    connection = broker.connect(district_broker.url("participation"))
    broker.Sender(connection).send([message])
    assert broker.queue_depth(connection, own) == 1
    broker.close(connection)
    connection = broker.connect(district_broker.url("publicity"))
    with pytest.raises((*BROKER_ERRORS, broker.NotConfirmed)):
        broker.Sender(connection).send([message])
    broker.close(connection)
    for service in SERVICES:
        with pytest.raises(REFUSED):
            district_broker.channel(service).basic_consume(own)
    connection = broker.connect(district_broker.rabbitmq.url_for(user_of(name), password, vhost))
    received: list[Any] = []
    connection.channel().basic_consume(own, callback=received.append)
    connection.drain_events(timeout=20)
    assert received[0].body
    broker.close(connection)
    queues.delete(name)
    assert not queues.has_queue(name)


def tried(publish: Callable[[Any], None]) -> Callable[[Any], None]:
    """A publish that waits for the broker's answer."""

    def attempt(channel: Any) -> None:
        channel.confirm_select()
        publish(channel)
        channel.connection.drain_events(timeout=20)

    return attempt


def sent(exchange: str, key: str) -> Callable[[Any], None]:
    return tried(lambda channel: channel.basic_publish(amqp.Message(b"{}"), exchange=exchange, routing_key=key))


FORBIDDEN: dict[str, Callable[[Any], Any]] = {
    **{f"delete {name}": lambda channel, name=name: channel.exchange_delete(name) for name in EXCHANGES},
    **{
        f"declare {name}": lambda channel, name=name, kind=kind: channel.exchange_declare(
            name, kind, durable=True, auto_delete=False
        )
        for name, kind in EXCHANGES.items()
    },
    "declare an exchange": lambda channel: channel.exchange_declare("qihang.mine", "topic"),
    "delete another's queue": lambda channel: channel.queue_delete("qihang.dead.publicity"),
    "empty another's queue": lambda channel: channel.queue_purge("qihang.publicity.participation.0"),
    "read another's queue": lambda channel: channel.basic_get("qihang.dead.publicity"),
    "send events as another": sent(broker.EVENTS, "publicity.0"),
    "report as an outside system": sent(broker.INTAKE, "qihang.unit.reported.v1"),
    "publish straight into a queue": sent("", "qihang.dead.publicity"),
}
OF_OTHERS = {
    "read the intake": lambda channel: channel.basic_get("qihang.participation.intake"),
    "delete the intake's queue": lambda channel: channel.queue_delete("qihang.participation.intake"),
    "listen to the intake": lambda channel: channel.queue_bind("qihang.dead.assessment", broker.INTAKE, "#"),
    "read receipts": lambda channel: channel.basic_get("qihang.receipts.hr"),
    "send receipts": sent(broker.RECEIPTS, "hr"),
}


@pytest.mark.parametrize("deed", FORBIDDEN)
def test_no_service_touches_what_all_share_or_what_is_another_s(district_broker: DistrictBroker, deed: str) -> None:
    declare_all(district_broker)
    for service in ("participation", "assessment"):
        with pytest.raises(REFUSED):
            FORBIDDEN[deed](district_broker.channel(service))


@pytest.mark.parametrize("deed", OF_OTHERS)
def test_the_intake_and_the_receipts_are_participation_s(district_broker: DistrictBroker, deed: str) -> None:
    declare_all(district_broker)
    with pytest.raises(REFUSED):
        OF_OTHERS[deed](district_broker.channel("assessment"))


def test_whoever_monitors_looks_and_changes_nothing(
    district_broker: DistrictBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BROKER_ERRORS):
        district_broker.channel("monitoring")
    monkeypatch.setattr(district_broker.rabbitmq, "user", f"monitoring-{district_broker.vhost}")
    monkeypatch.setattr(district_broker.rabbitmq, "password", district_broker.passwords["monitoring"])
    assert "object_totals" in district_broker.rabbitmq.api("GET", "/api/overview")
    for path, body in (("/api/users/mine", {"password": "x", "tags": ""}), ("/api/vhosts/mine", {})):
        with pytest.raises(urllib.error.HTTPError):
            district_broker.rabbitmq.api("PUT", path, body)
    monkeypatch.undo()


def test_no_service_signs_in_as_an_administrator(secrets_folder: Path) -> None:
    definitions = json.loads((secrets_folder / "rabbitmq-definitions.json").read_text())
    tags = {user["name"]: user["tags"] for user in definitions["users"]}
    assert {name for name in tags if tags[name]} == {"publishers", "monitoring"}
    assert all(tags[service] == [] for service in SERVICES)
