"""One outside system's thousands of messages do not hold another's single one, and what is too much is told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import amqp
import pytest

from chassis.messaging import broker
from chassis.messaging.broker import Sender
from tests.intake.entrances import Participation, Publisher
from tests.intake.kinds import SINGLE, UNIT
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitMQ

MANY = 2_500
BATCH = 500


@pytest.fixture(scope="module")
def both(participation: Participation) -> Iterator[tuple[Publisher, Publisher]]:
    """One that will send many, and one that sends a few."""
    given = [participation.json("POST", "/api/publishers", {"name": name, "types": ["qihang.unit.*"]})
             for name in ("payroll", "office-system")]  # fmt: skip
    assert [item["exchange"] for item in given] == ["qihang.intake.payroll", "qihang.intake.office-system"]
    publishers = [Publisher(participation.system, item) for item in given]
    yield publishers[0], publishers[1]
    for publisher in publishers:
        publisher.close()


def unit(source: str, number: str) -> bytes:
    cells = {"unit_id": f"{source}-{number}", "name": "学校", "kind": "school", "opened_on": "2010-09-01"}
    return json.dumps({"specversion": "1.0", "id": number, "source": source, "type": UNIT, "data": cells}).encode()


def flood(publisher: Publisher, exchange: str, wave: str) -> None:
    """All at once, confirmed together."""
    connection = publisher.connection
    channel = connection.channel()
    channel.confirm_select()
    left = set(range(1, MANY + 1))

    def confirmed(tag: int, multiple: bool) -> None:
        left.difference_update({item for item in left if item <= tag} if multiple else {tag})

    channel.events["basic_ack"].add(confirmed)
    for at in range(MANY):
        message = amqp.Message(unit("payroll", f"{wave}-{at}"), content_type=SINGLE, user_id="payroll", delivery_mode=2)
        channel.basic_publish(message, exchange=exchange, routing_key=UNIT)
    while left:
        connection.drain_events(timeout=30)
    channel.close()


def head(participation: Participation) -> int:
    return int(participation.status()["heads"][0]["position"])


@pytest.mark.parametrize("exchange", ["own", "common"])
def test_a_single_message_waits_for_at_most_a_few_batches_of_another_s(
    participation: Participation, both: tuple[Publisher, Publisher], exchange: str
) -> None:
    payroll, office = both
    flood(payroll, "qihang.intake.payroll" if exchange == "own" else "qihang.intake", exchange)
    before, sent_at = head(participation), time.monotonic()
    to = "qihang.intake.office-system" if exchange == "own" else "qihang.intake"
    assert office.publish(unit("office-system", exchange), UNIT, to, content_type=SINGLE, user_id=office.name) == 0
    receipts: list[dict[str, Any]] = []
    wait_until(lambda: office.receipts(receipts.append) or receipts, 60, "a receipt", interval=0.02)
    seconds = time.monotonic() - sent_at
    assert receipts[0]["outcome"] == "accepted"
    accepted = own_position(participation, f"office-system-{exchange}")
    assert accepted - before <= 3 * BATCH, f"{accepted - before} events lay between, {seconds:.2f} s"
    participation.settled(120)
    assert {f"payroll-{exchange}-{at}" for at in range(MANY)} <= participation.units()
    payroll.receipts(lambda _: None)


def own_position(participation: Participation, unit_id: str) -> int:
    (entry,) = participation.call("GET", f"/api/history/units/{unit_id}")["entries"]
    return int(entry["position"].rpartition("/")[2]) if isinstance(entry["position"], str) else int(entry["position"])


def test_who_has_spent_the_quota_waits_and_is_answered_429(participation: Participation) -> None:
    given = participation.json(
        "POST", "/api/publishers", {"name": "limited", "types": ["qihang.unit.*"], "rows_a_minute": 60}
    )
    headers = {"Authorization": f"Bearer {given['token']}", "Content-Type": SINGLE.replace("+", "-batch+")}
    many = b"[" + b",".join(unit("limited", f"web-{at}") for at in range(70)) + b"]"
    assert participation.request("POST", "/api/intake", many, headers)[0] == 200
    status, answered, body = participation.request("POST", "/api/intake", many, headers)
    assert (status, json.loads(body)["code"]) == (429, "too_fast")
    assert 1 <= int(answered["retry-after"]) <= 12
    publisher = Publisher(participation.system, given)
    publisher.publish(unit("limited", "queued"), UNIT, given["exchange"], content_type=SINGLE, user_id="limited")
    waited = time.monotonic()
    receipts: list[dict[str, Any]] = []
    wait_until(lambda: publisher.receipts(receipts.append) or receipts, 30, "a receipt", interval=0.1)
    assert receipts[0]["outcome"] == "accepted" and time.monotonic() - waited > 3
    publisher.close()
    participation.call("DELETE", "/api/publishers/limited")


def send_often(sender: Sender, messages: list[broker.OutgoingMessage]) -> None:
    """A quorum queue says that it is full a moment after it is."""
    for _ in range(100):
        sender.send(messages)


def test_what_a_full_queue_refuses_is_not_confirmed(
    rabbitmq: RabbitMQ, vhost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "REPORTS_KEPT", 5)
    connection = broker.connect(rabbitmq.url(vhost))
    spec = broker.own_intake_queue("participation", "hr")
    broker.declare(connection, [spec])
    sender = Sender(connection)
    message = broker.OutgoingMessage(spec.exchange, UNIT, b"{}", SINGLE)
    sender.send([message] * 5)
    with pytest.raises(broker.NotConfirmed, match="refused"):
        send_often(sender, [message] * 60)
    broker.close(connection)
