"""`qihang publish --amqp` on a real RabbitMQ: order kept, receipts read, and events without a receipt sent again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kombu
import pytest

from cli.publishing.amqp_sender import Sender
from cli.publishing.event_file import Batch, read_events
from tests.cli.conftest import Qihang
from tests.cli.fake_intake import Decide, FakeIntake
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from tests.support.rabbitmq import RabbitMQ

Start = Callable[[Decide], FakeIntake]


def event(number: int, kind: str = "record", **data: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": "hr",
        "id": f"e{number}",
        "type": f"qihang.{kind}.reported.v1",
        "data": {"record_id": f"R{number}", **data},
    }


def written(path: Path, events: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in events), encoding="utf-8")
    return path


@pytest.fixture
def intake(rabbitmq: RabbitMQ, vhost: str) -> Iterator[Start]:
    started: list[FakeIntake] = []

    def start(decide: Decide) -> FakeIntake:
        started.append(FakeIntake(rabbitmq.url(vhost), rabbitmq.user, decide))
        return started[-1]

    yield start
    for item in started:
        item.stop()
        assert item.failed is None


def test_every_line_arrives_once_in_the_order_of_the_file(
    qihang: Qihang, intake: Start, rabbitmq: RabbitMQ, vhost: str, tmp_path: Path
) -> None:
    stand_in = intake(lambda item: "accepted")
    kinds = ["unit"] * 3 + ["record"] * 1200 + ["unit", "record"] * 20
    events = [event(number, kind, title="标题") for number, kind in enumerate(kinds)]
    result = qihang("publish", written(tmp_path / "all.jsonl", events), "--amqp", rabbitmq.url(vhost))
    assert (result.code, result.err) == (0, "")
    assert stand_in.events == events
    assert f"已接收 accepted {len(events)}，无变化 unchanged 0，未接收 refused 0，待关联 waiting 0" in result.out


def test_messages_bear_what_the_broker_and_the_intake_check(
    qihang: Qihang, intake: Start, rabbitmq: RabbitMQ, vhost: str, tmp_path: Path
) -> None:
    stand_in = intake(lambda item: "accepted")
    for name, kinds in (("one", ["unit"]), ("same", ["record", "record"]), ("mixed", ["unit", "record"])):
        events = [event(number, kind, name=name) for number, kind in enumerate(kinds)]
        assert qihang("publish", written(tmp_path / name, events), "--amqp", rabbitmq.url(vhost)).code == 0
    assert [message.delivery_info["routing_key"] for message in stand_in.messages] == [
        "qihang.unit.reported.v1",
        "qihang.record.reported.v1",
        "qihang.batch",
    ]
    assert [message.properties["content_type"] for message in stand_in.messages] == [
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "application/cloudevents-batch+json",
    ]
    assert {(m.properties["user_id"], m.properties["delivery_mode"]) for m in stand_in.messages} == {("tests", 2)}


def test_what_got_no_receipt_is_sent_again_and_nothing_else(
    qihang: Qihang, intake: Start, rabbitmq: RabbitMQ, vhost: str, tmp_path: Path
) -> None:
    withheld = {"e2", "e5"}

    def forgetful(item: dict[str, Any]) -> str | None:
        if item["id"] in withheld:
            withheld.discard(item["id"])
            return None
        return "accepted"

    stand_in = intake(forgetful)
    file = written(tmp_path / "f.jsonl", [event(number) for number in range(8)])
    result = qihang("publish", file, "--amqp", rabbitmq.url(vhost), "--quiet", "0.5")
    assert result.code == 0 and "accepted 8" in result.out
    assert [item["id"] for item in stand_in.events] == [f"e{n}" for n in range(8)] + ["e2", "e5"]


def test_a_later_decision_wins_over_waiting_and_waiting_is_a_receipt(
    qihang: Qihang, intake: Start, rabbitmq: RabbitMQ, vhost: str, tmp_path: Path
) -> None:
    outcomes = {"e0": ["waiting", "accepted"], "e1": ["waiting"], "e2": ["refused"], "e3": ["accepted", "unchanged"]}
    intake(lambda item: outcomes[item["id"]].pop(0))
    lines = [event(0), event(1), event(2), event(3), event(3), event(0)]
    result = qihang("publish", written(tmp_path / "f.jsonl", lines), "--amqp", rabbitmq.url(vhost))
    assert result.code == 0
    assert "已接收 accepted 2，无变化 unchanged 0，未接收 refused 1，待关联 waiting 1" in result.out
    assert "6 行，4 件（2 行是重复的）" in result.out


def test_without_receipts_it_fails_and_says_how_many(
    qihang: Qihang, intake: Start, rabbitmq: RabbitMQ, vhost: str, tmp_path: Path
) -> None:
    intake(lambda item: None if item["id"] == "e1" else "accepted")
    file = written(tmp_path / "f.jsonl", [event(0), event(1)])
    result = qihang("publish", file, "--amqp", rabbitmq.url(vhost), "--timeout", "1")
    assert result.code == 1 and "1 件没有得到回执" in result.err


def test_an_installation_that_never_started_is_named(
    qihang: Qihang, rabbitmq: RabbitMQ, vhost: str, tmp_path: Path
) -> None:
    result = qihang("publish", written(tmp_path / "f.jsonl", [event(0)]), "--amqp", rabbitmq.url(vhost))
    assert result.code == 1 and "没有交换机" in result.err and result.err.count("\n") == 1


def test_a_publisher_s_own_exchange_is_used_where_there_is_one(
    qihang: Qihang, intake: Start, rabbitmq: RabbitMQ, vhost: str, tmp_path: Path
) -> None:
    stand_in = intake(lambda item: "accepted")
    own = f"qihang.intake.{rabbitmq.user}"
    with kombu.Connection(rabbitmq.url(vhost)) as connection:
        channel = connection.channel()
        channel.exchange_declare(own, "fanout", durable=True, auto_delete=False)
        channel.queue_bind("intake", own)
    result = qihang("publish", written(tmp_path / "f.jsonl", [event(0)]), "--amqp", rabbitmq.url(vhost))
    assert result.code == 0, result.err
    assert {message.delivery_info["exchange"] for message in stand_in.messages} == {own}


def test_a_wrong_password_is_reported_at_once(qihang: Qihang, rabbitmq: RabbitMQ, vhost: str, tmp_path: Path) -> None:
    url = rabbitmq.url_for(rabbitmq.user, "wrong", vhost)
    result = qihang("publish", written(tmp_path / "f.jsonl", [event(0)]), "--amqp", url)
    assert result.code == 1 and "拒绝" in result.err and "wrong" not in result.err


def test_an_intake_without_a_queue_does_not_swallow_events(
    qihang: Qihang, rabbitmq: RabbitMQ, vhost: str, tmp_path: Path
) -> None:
    with kombu.Connection(rabbitmq.url(vhost)) as connection:
        channel = connection.channel()
        channel.exchange_declare("qihang.intake", "topic", durable=True, auto_delete=False)
        channel.exchange_declare("qihang.receipts", "direct", durable=True, auto_delete=False)
    file = written(tmp_path / "f.jsonl", [event(0)])
    result = qihang("publish", file, "--amqp", rabbitmq.url(vhost), "--timeout", "1")
    assert result.code == 1 and "没有收件队列" in result.err


def test_a_user_without_permissions_is_reported_at_once(
    qihang: Qihang, rabbitmq: RabbitMQ, vhost: str, tmp_path: Path
) -> None:
    url = rabbitmq.create_user(f"nobody-{vhost}", vhost)
    rabbitmq.api("DELETE", f"/api/permissions/{vhost}/nobody-{vhost}")
    result = qihang("publish", written(tmp_path / "f.jsonl", [event(0)]), "--amqp", url, "--timeout", "20", limit=15)
    assert result.code == 1 and f"user 'nobody-{vhost}'" in result.err and "拒绝" in result.err


def test_permissions_that_are_restored_after_the_user_are_waited_for(
    intake: Start, rabbitmq: RabbitMQ, vhost: str, tmp_path: Path
) -> None:
    stand_in = intake(lambda item: "accepted")
    user = f"office-{vhost}"
    url = rabbitmq.create_user(user, vhost, configure=".*", write=".*", read=".*")
    first, second = (Batch([item]) for item in read_events(written(tmp_path / "f.jsonl", [event(0), event(1)])))
    restored = threading.Timer(1.0, rabbitmq.create_user_permissions, (user, vhost))

    def one_then_the_other() -> Iterator[Batch]:
        yield first
        rabbitmq.api("DELETE", f"/api/permissions/{vhost}/{user}")
        rabbitmq.api("DELETE", f"/api/connections/username/{user}")
        restored.start()
        yield second

    with Sender(url, patience=30) as sender:
        sender.send_all(one_then_the_other(), lambda _: None, lambda: None)
    restored.join()
    wait_until(lambda: len(stand_in.events) == 2, 10, "both events arrived")
