"""Events are sent to outside systems whatever happens: a receiver that is slow or dead holds up nobody else, a service
that is killed in the middle loses nothing, a queue that is full or lost is filled in the end."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import amqp
import pytest

from tests.journeys.conftest import SMALL_CAMPAIGN, AnySystem, BuildSystem
from tests.journeys.small_district import report_events, teacher, unit
from tests.support.processes import wait_until
from tests.support.system import DistrictSystem, EmbeddedSystem
from tests.support.webhook_receiver import TAKEN, Answer, Event, WebhookReceiver, receiving

LOOPBACK = ("--allow-http", "--allow-local", "--from", "end")


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with receiving() as receiver:
        yield receiver


def hook(system: AnySystem, name: str, url: str, *options: str) -> None:
    system.qihang("subscription", "add", name, "--types", "membership", "--personal", "--webhook", url, *LOOPBACK,
                  *options)  # fmt: skip


def delivery(system: AnySystem, name: str) -> dict[str, Any]:
    listed = system.get("participation", "/api/subscriptions")["subscriptions"]
    result: dict[str, Any] = next(each["delivery"] for each in listed if each["name"] == name)
    return result


def people(prefix: str, unit_id: str, count: int) -> list[dict[str, Any]]:
    return [teacher(f"{prefix}{number:03}", unit_id) for number in range(count)]


def persons(events: list[Event]) -> list[str]:
    return [str(event["data"]["person_id"]) for event in events]


@pytest.mark.parametrize("way", ["embedded"], indirect=True)
def test_a_slow_and_a_dead_receiver_hold_up_neither_the_others_nor_the_service(
    small_system: AnySystem, receiver: WebhookReceiver
) -> None:
    waiting = threading.Event()

    def answer(_: list[Event]) -> Answer:
        waiting.wait(60)
        return TAKEN

    assert report_events(small_system, unit("X061")) == ["accepted"]
    with receiving() as slow:
        slow.answer = answer
        for number in range(3):
            hook(small_system, f"slow{number}", slow.url)
        hook(small_system, "dead", "http://127.0.0.1:9/")
        hook(small_system, "quick", receiver.url)
        wanted = people("PA", "X061", 20)
        assert set(report_events(small_system, *wanted)) == {"accepted"}
        wait_until(lambda: len(receiver.received) == 20, 8, lambda: f"{len(receiver.received)} of 20")
        # each has asked, and waits for its first answer
        wait_until(lambda: len(slow.requests) >= 6, 20, lambda: f"{len(slow.requests)} of 6")
        wait_until(
            lambda: delivery(small_system, "dead")["code"] == "no_connection",
            20,
            lambda: str(delivery(small_system, "dead")),
        )
        waiting.set()
        wait_until(lambda: len(slow.received) == 60, 30, lambda: f"{len(slow.received)} of 60")
    assert persons(receiver.received) == [f"PA{number:03}" for number in range(20)]
    for name in ("slow0", "slow1", "slow2", "dead", "quick"):
        small_system.qihang("subscription", "revoke", name)


@pytest.mark.parametrize("way", ["embedded"], indirect=True)
def test_a_service_that_is_killed_in_the_middle_repeats_a_little_and_loses_nothing(
    build: BuildSystem, receiver: WebhookReceiver
) -> None:
    system = build()
    assert isinstance(system, EmbeddedSystem)
    system.start()
    system.qihang("campaign", "launch", SMALL_CAMPAIGN)
    assert report_events(system, unit("X062")) == ["accepted"]
    hook(system, "copy", receiver.url)
    killed = threading.Event()

    def answer(events: list[Event]) -> Answer:
        if len(receiver.received) >= 150 and not killed.is_set():
            killed.set()
            system.kill()
        return TAKEN

    receiver.answer = answer
    wanted = people("PB", "X062", 300)
    assert set(report_events(system, *wanted)) == {"accepted"}
    wait_until(killed.is_set, 60)
    system.start()
    wait_until(lambda: len(set(receiver.ids)) == 300, 60, lambda: f"{len(set(receiver.ids))} of 300")
    first = list(dict.fromkeys(receiver.ids))
    assert persons([next(e for e in receiver.received if e["id"] == each) for each in first]) == [
        f"PB{number:03}" for number in range(300)
    ]
    begun_again = next((at for at, each in enumerate(receiver.ids) if each in receiver.ids[:at]), None)
    if begun_again is not None:  # from where it was, in order: nothing is passed over
        assert receiver.ids[begun_again:] == first[first.index(receiver.ids[begun_again]) :]
        assert receiver.ids[:begun_again] == first[:begun_again]


@pytest.mark.parametrize("way", ["embedded"], indirect=True)
def test_without_a_broker_a_queue_is_refused(small_system: AnySystem) -> None:
    refused = small_system.qihang("subscription", "add", "office", "--types", "unit", "--amqp", fails=True)
    assert "没有使用消息服务" in refused
    assert "office" not in small_system.qihang("subscription", "list")


class Office:
    """An outside system that reads its queue."""

    def __init__(self, system: DistrictSystem, name: str, *options: str) -> None:
        self.system, self.name, self.queue = system, name, f"qihang.subscription.{name}"
        text = system.qihang("subscription", "add", name, "--types", "membership", "--personal", "--from", "end",
                             "--amqp", *options)  # fmt: skip
        self.printed = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)

    def connect(self, password: str = "") -> amqp.Connection:
        connection = amqp.Connection(
            f"127.0.0.1:{self.system.rabbitmq.port}", userid=self.printed["user"],
            password=password or self.printed["password"], virtual_host=self.printed["vhost"], connect_timeout=5,
        )  # fmt: skip
        connection.connect()
        return connection

    def read(self, count: int) -> list[dict[str, Any]]:
        """So many, acknowledged."""
        connection, read = self.connect(), list[dict[str, Any]]()
        channel = connection.channel()
        channel.basic_qos(0, count, False)

        def take(message: amqp.Message) -> None:
            if len(read) < count:
                read.append(message.properties["application_headers"] | {"data": json.loads(message.body)})
                channel.basic_ack(message.delivery_tag)

        def enough() -> bool:
            with contextlib.suppress(TimeoutError):
                connection.drain_events(timeout=0.2)
            return len(read) >= count

        channel.basic_consume(self.queue, callback=take)
        wait_until(enough, 40, lambda: f"{len(read)} of {count} in {self.queue}")
        connection.close()
        return read


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_a_queue_waits_when_it_is_full_and_goes_on_when_it_is_read(small_system: AnySystem) -> None:
    assert isinstance(small_system, DistrictSystem)
    office = Office(small_system, "full", "--length", "5")
    assert report_events(small_system, unit("X063")) == ["accepted"]
    assert set(report_events(small_system, *people("PC", "X063", 12))) == {"accepted"}
    wait_until(lambda: delivery(small_system, "full")["code"] == "queue_full", 30)
    assert delivery(small_system, "full")["delivered"] == 5
    assert "队列已满" in small_system.qihang("subscription", "list")
    read = office.read(12)
    assert [each["data"]["person_id"] for each in read] == [f"PC{number:03}" for number in range(12)]
    assert all(each["cloudEvents:type"] == "qihang.public.membership.started.v1" for each in read)
    wait_until(lambda: delivery(small_system, "full")["code"] == "", 30)
    small_system.qihang("subscription", "replay", "full", "--from", read[9]["cloudEvents:cursor"])
    assert [each["cloudEvents:id"] for each in office.read(2)] == [each["cloudEvents:id"] for each in read[10:]]
    small_system.qihang("subscription", "revoke", "full")


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_its_user_reads_that_queue_and_does_nothing_else(small_system: AnySystem) -> None:
    assert isinstance(small_system, DistrictSystem)
    office, other = Office(small_system, "mine"), Office(small_system, "theirs")
    calls = {
        "another queue": lambda channel: channel.basic_get(other.queue),
        "the intake": lambda channel: channel.basic_publish_confirm(amqp.Message("{}"), "qihang.intake", "x"),
        "a queue of its own": lambda channel: channel.queue_declare("mine"),
        "the events": lambda channel: channel.queue_bind(office.queue, "qihang.events", "#"),
    }
    for call in calls.values():
        connection = office.connect()
        with pytest.raises(amqp.AccessRefused):
            call(connection.channel())
        connection.collect()
    text = small_system.qihang("subscription", "rotate", "mine")
    with pytest.raises((amqp.AccessRefused, OSError)):
        office.connect()
    office.connect(dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)["password"]).close()
    small_system.qihang("subscription", "revoke", "mine")
    small_system.qihang("subscription", "revoke", "theirs")
    vhost = quote(small_system.vhost, safe="")
    names = [each["name"] for each in small_system.rabbitmq.api("GET", f"/api/queues/{vhost}")]
    assert not {office.queue, other.queue} & set(names)


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_a_queue_that_the_broker_lost_is_filled_with_what_was_not_read(small_system: AnySystem) -> None:
    assert isinstance(small_system, DistrictSystem)
    office = Office(small_system, "lost")
    assert report_events(small_system, unit("X064")) == ["accepted"]
    assert set(report_events(small_system, *people("PD", "X064", 4))) == {"accepted"}
    wait_until(lambda: delivery(small_system, "lost")["delivered"] == 4, 30)
    vhost = quote(small_system.vhost, safe="")
    small_system.rabbitmq.api("DELETE", f"/api/queues/{vhost}/{office.queue}")
    assert set(report_events(small_system, teacher("PD004", "X064"))) == {"accepted"}
    wait_until(lambda: delivery(small_system, "lost")["delivered"] == 9, 30)
    read = office.read(5)
    assert [each["data"]["person_id"] for each in read] == [f"PD{number:03}" for number in range(5)]
    small_system.qihang("subscription", "revoke", "lost")


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_what_may_be_read_no_more_is_gone_from_its_queue(small_system: AnySystem) -> None:
    """What was read stays read; what was not comes by the rights of now, also to one that was paused."""
    assert isinstance(small_system, DistrictSystem)
    office = Office(small_system, "less")
    assert report_events(small_system, unit("X065")) == ["accepted"]
    assert set(report_events(small_system, *people("PE", "X065", 4))) == {"accepted"}
    wait_until(lambda: delivery(small_system, "less")["delivered"] == 4, 30)
    small_system.qihang("subscription", "pause", "less")
    narrowed = small_system.qihang("subscription", "change", "less", "--no-personal")
    assert "不含个人信息" in narrowed
    vhost = quote(small_system.vhost, safe="")
    wait_until(lambda: _messages(small_system, vhost, office.queue) == 0, 30)
    small_system.qihang("subscription", "resume", "less")
    read = wait_until(lambda: _read(office, 4), 60, "its consumer connects again")
    assert all(each["data"]["person_id"].startswith("~") and "name" not in each["data"] for each in read)
    small_system.qihang("subscription", "change", "less", "--types", "unit", "--units", "all")
    assert report_events(small_system, unit("X066"), teacher("PE009", "X066")) == ["accepted"] * 2
    (fresh,) = wait_until(lambda: _read(office, 1), 60, "its consumer connects again")
    assert fresh["cloudEvents:type"] == "qihang.public.unit.registered.v1"
    small_system.qihang("subscription", "revoke", "less")


def _read(office: Office, count: int) -> list[dict[str, Any]]:
    """Nothing where its connection or its queue ended meanwhile: a queue is made anew twice where the subscription is
    changed again in that moment."""
    with contextlib.suppress(amqp.AMQPError, OSError):
        return office.read(count)
    return []


def _messages(system: DistrictSystem, vhost: str, queue: str) -> int:
    connection = amqp.Connection(
        f"127.0.0.1:{system.rabbitmq.port}", userid=system.rabbitmq.user, password=system.rabbitmq.password,
        virtual_host=system.vhost, connect_timeout=5,
    )  # fmt: skip
    connection.connect()
    try:
        return int(connection.channel().queue_declare(queue, passive=True).message_count)
    except amqp.NotFound:
        return -1
    finally:
        connection.collect()
