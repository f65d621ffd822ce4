"""Thousands of bad reports: memory stays flat, the consumer goes on, and a publisher may do nothing but publish."""

from __future__ import annotations

import json
import time

import amqp
import pytest

from chassis.events.canonical_json import canonical
from tests.intake.entrances import Participation, Publisher
from tests.intake.kinds import BATCH, SINGLE, UNIT, body, event
from tests.support.processes import wait_until

pytestmark = pytest.mark.endurance

MIB = 1024 * 1024
GROWTH = 48 * MIB
CEILING = 300 * MIB


def flood(publisher: Publisher, wave: str, number: int) -> None:
    """Bad messages of every size without a pause, each of them new, confirmed together at the end."""
    given = {"user_id": publisher.name, "delivery_mode": 2}
    channel = publisher.connection.channel()
    for at in range(number):
        mark = f"{wave}-{at}"
        item, kind = [
            (b"{" + mark.encode(), SINGLE),
            (b"[" * 2000 + mark.encode(), SINGLE),
            (canonical(event(mark, type="qihang.never.v1")).encode(), SINGLE),
            (canonical([event(f"{mark}-{n}", {"unit_id": ""}) for n in range(10)]).encode(), BATCH),
            (b"\xff" + mark.encode(), "application/octet-stream"),
            (b'{"x":"' + mark.encode() + b"y" * 60_000, SINGLE),
        ][at % 6]
        channel.basic_publish(
            amqp.Message(item, content_type=kind, **given), exchange="qihang.intake", routing_key=UNIT
        )
    for at in range(12):
        large = amqp.Message(f"{wave}-{at}".encode() * (MIB // 2), content_type=SINGLE, **given)
        channel.basic_publish(large, exchange="qihang.intake", routing_key=UNIT)
    channel.close()


def test_memory_stays_flat_and_good_reports_go_through(participation: Participation) -> None:
    publisher = Publisher(participation.system, participation.hostile)
    flood(publisher, "warm", 300)
    participation.settled(120)
    before = participation.resident()
    most = before
    for wave in ("one", "two"):
        flood(publisher, wave, 900)
        assert publisher.publish(body(event(f"flood-{wave}")), UNIT, content_type=SINGLE, user_id=publisher.name) == 0
        asked = time.monotonic()
        assert participation.request("GET", "/livez")[0] == 200
        assert time.monotonic() - asked < 5
        while not participation.status()["settled"]:
            most = max(most, participation.resident())
        publisher.receipts(lambda _: None)
    assert {"U-flood-one", "U-flood-two"} <= participation.units()
    assert most < CEILING, f"{most / MIB:.0f} MiB"
    assert most - before < GROWTH, f"{before / MIB:.0f} MiB, then {most / MIB:.0f} MiB"
    participation.alive()
    publisher.close()


def test_what_stands_in_quarantine_is_shown_in_pieces(participation: Participation) -> None:
    publisher = Publisher(participation.system, participation.hostile)
    for number in range(30):
        content = f"large-{number}".encode() * (4 * MIB // 8)
        assert publisher.publish(content, UNIT, content_type=SINGLE, user_id=publisher.name) == 0
    participation.settled(120)
    before = participation.resident()
    listed = participation.call("GET", "/api/quarantine?state=open")["entries"]
    assert len(listed) >= 30 and all(len(item["body"]) <= 200 for item in listed)
    assert participation.resident() - before < GROWTH
    publisher.close()


def test_a_message_that_the_broker_gave_up_stands_in_quarantine(participation: Participation) -> None:
    publisher = Publisher(participation.system, participation.hostile)
    participation.process.pause()  # nobody takes it in time
    content = body(event("late"))
    given = {"content_type": SINGLE, "user_id": publisher.name, "expiration": "1"}
    assert publisher.publish(body(event("hold")), UNIT, **given) == 0
    assert publisher.publish(content, UNIT, **given) == 0
    participation.process.resume()
    receipts: list[str] = []
    wait_until(lambda: _answered(participation, publisher, content, receipts), 60, "a receipt, or quarantine")
    publisher.close()


def _answered(participation: Participation, publisher: Publisher, content: bytes, receipts: list[str]) -> bool:
    publisher.receipts(lambda item: receipts.append(item["id"]))
    return "late" in receipts or any(item[0] == content for item in participation.quarantined())


@pytest.mark.parametrize("exchange", ["qihang.events", "qihang.receipts", "qihang.dead", "", "amq.topic"])
def test_a_publisher_may_write_nowhere_else(participation: Participation, exchange: str) -> None:
    publisher = Publisher(participation.system, participation.hostile)
    key = "qihang.participation.intake" if exchange == "" else "participation"
    assert publisher.publish(body(event("elsewhere")), key, exchange, user_id=publisher.name) == 403
    publisher.close()


@pytest.mark.parametrize(
    "queue", ["qihang.participation.intake", "qihang.dead.participation", "qihang.receipts.neighbour"]
)
def test_a_publisher_may_read_nothing_but_its_own_receipts(participation: Participation, queue: str) -> None:
    publisher = Publisher(participation.system, participation.hostile)
    with pytest.raises(amqp.AccessRefused):
        publisher.channel.basic_get(queue)
    channel = publisher.connection.channel()
    with pytest.raises(amqp.AccessRefused):
        channel.queue_delete("qihang.participation.intake")
    publisher.close()


def test_nothing_but_json_was_ever_answered(participation: Participation) -> None:
    assert json.loads(participation.request("GET", "/nowhere")[2])["code"] == "http_error"
    participation.alive()
