"""The inbox: exactly once and in order, whatever the broker does; only the source's own feed is believed against it."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from chassis.store import event_log
from tests.chassis import toys, worlds
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, cursor, kept, message, rows, things


def test_ten_times_each_in_any_order_is_once_each(pair: Pair) -> None:
    source, subscriber = pair(notes=True)
    append(source, *things(*[f"t{n}:{n}" for n in range(60)]))
    random_order = random.Random(7)
    bodies = [message(source, n) for n in range(1, 61)] * 10
    random_order.shuffle(bodies)
    for at in range(0, len(bodies), 20):
        subscriber.inbox.receive(bodies[at : at + 20])
    subscriber.catch_up.check_source("participation", at_once=True)
    assert rows(subscriber) == {f"t{n}": str(n) for n in range(60)}
    assert (kept(subscriber), cursor(subscriber).position, len(worlds.recorded(subscriber))) == (60, 60, 60)


def test_a_gap_is_pulled_from_the_source(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1", "b:2", "c:3", "d:4"))
    assert subscriber.inbox.receive([message(source, 1)])
    assert not subscriber.inbox.receive([message(source, 3, 4)])
    assert rows(subscriber) == {"a": "1"}
    subscriber.catch_up.check_source("participation", at_once=True)
    assert (rows(subscriber), cursor(subscriber).position) == ({"a": "1", "b": "2", "c": "3", "d": "4"}, 4)


def test_a_lost_tail_makes_no_gap_and_is_found_by_the_head(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1", "b:2", "c:3"))
    assert subscriber.inbox.receive([message(source, 1)])
    subscriber.catch_up.check_source("participation", at_once=False)  # it may still be on its way
    assert rows(subscriber) == {"a": "1"}
    subscriber.catch_up.check_source("participation", at_once=False)  # it stood still for one look
    assert rows(subscriber) == {"a": "1", "b": "2", "c": "3"}


def test_a_source_that_is_away_is_asked_again(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1"))
    subscriber.peers.cut = True  # type: ignore[attr-defined]
    subscriber.catch_up.try_source("participation", True)
    assert "participation" in subscriber.catch_up.unavailable
    subscriber.peers.cut = False  # type: ignore[attr-defined]
    subscriber.catch_up.try_source("participation", True)
    assert (rows(subscriber), subscriber.catch_up.unavailable) == ({"a": "1"}, {})


def forged(source: Any, **changes: Any) -> bytes:
    """The source's next event as somebody else would write it, well chained."""
    append(source, *things("honest:1"))
    (true,) = [json.loads(text) for text in worlds.texts(source)[-1:]]
    return json.dumps([true | {"data": {"thing_id": "forged", "text": "x"}} | changes]).encode()


def test_a_forged_message_is_not_believed_and_stops_nothing(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1"))
    subscriber.inbox.receive([message(source, 1)])
    assert not subscriber.inbox.receive([forged(source)])
    assert not subscriber.inbox.receive([forged(source, previoushash="0" * 64)])
    subscriber.catch_up.check_source("participation", at_once=True)
    assert rows(subscriber) == {"a": "1", "honest": "1"}
    assert cursor(subscriber).stopped == ""


def test_a_partition_that_does_not_exist_is_nobody_s(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1"))
    (true,) = worlds.recorded(source)
    item = json.loads(worlds.texts(source)[0]) | {"data": {"thing_id": "forged", "text": "x"}, "partition": 7}
    fake = event_log.RecordedEvent(
        7,
        1,
        true.id,
        true.type,
        true.stream,
        1,
        true.occurred_at,
        true.recorded_at,
        true.actor,
        "",
        "",
        '{"text":"x","thing_id":"forged"}',
        "",
    )
    subscriber.inbox.receive([json.dumps([item | {"hash": fake.chained_to("")}]).encode()])
    subscriber.inbox.receive([json.dumps([item | {"partition": 10**30}]).encode()])
    assert (rows(subscriber), cursor(subscriber, 7).position) == ({}, 0)


def test_well_chained_forgery_is_found_when_the_source_is_asked(pair: Pair) -> None:
    """Who can read the events could chain on; the source's own head tells."""
    source, subscriber = pair()
    append(source, *things("a:1"))
    subscriber.inbox.receive([message(source, 1)])
    (first,) = worlds.recorded(source)
    fake = event_log.RecordedEvent(
        0,
        2,
        "x-0-2",
        first.type,
        "thing-f",
        1,
        first.occurred_at,
        first.recorded_at,
        "",
        "",
        "",
        '{"text":"x","thing_id":"f"}',
        "",
    )
    item = json.loads(worlds.texts(source)[0]) | {
        "position": "2", "id": fake.id, "subject": "thing-f", "actor": "", "data": {"text": "x", "thing_id": "f"},
        "previoushash": first.hash, "hash": fake.chained_to(first.hash)}  # fmt: skip
    assert subscriber.inbox.receive([json.dumps([item]).encode()])
    subscriber.catch_up.check_source("participation", at_once=True)
    assert "another past" in cursor(subscriber).stopped


def test_a_source_with_another_memory_stops_the_partition(pair: Pair) -> None:
    source, subscriber = pair()
    other, _ = pair()
    append(source, *things("a:1", "b:2"))
    append(other, *things("a:1", "b:other"))
    subscriber.inbox.receive([message(source)])
    subscriber.peers.source = other  # type: ignore[attr-defined]
    subscriber.catch_up.check_source("participation", at_once=True)
    assert "another past" in cursor(subscriber).stopped
    append(source, *things("c:3"))
    subscriber.inbox.receive([message(source)])
    assert "c" not in rows(subscriber)


def test_a_shorter_source_stops_the_partition(pair: Pair) -> None:
    """A restore that lost what others have received."""
    source, subscriber = pair()
    other, _ = pair()
    append(source, *things("a:1", "b:2"))
    subscriber.inbox.receive([message(source)])
    subscriber.peers.source = other  # type: ignore[attr-defined]
    subscriber.catch_up.check_source("participation", at_once=True)
    assert "ends at 0" in cursor(subscriber).stopped


def test_an_epoch_that_continues_the_chain_is_accepted(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1"))
    subscriber.inbox.receive([message(source)])
    source.store.epoch = "fedcba98"  # as after a restore of everything that was told
    append(source, *things("b:2"))
    subscriber.inbox.receive([message(source, 2)])
    assert (rows(subscriber), cursor(subscriber).epoch) == ({"a": "1", "b": "2"}, "fedcba98")


def test_what_arrives_while_the_source_is_asked_is_no_other_memory(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    source, subscriber = pair()
    append(source, *things("a:1"))
    read_heads = subscriber.peers.heads

    def heads(name: str) -> Any:
        answer = read_heads(name)
        append(source, *things("b:2"))
        subscriber.inbox.receive([message(source)])  # the broker was faster than the answer
        return answer

    monkeypatch.setattr(subscriber.peers, "heads", heads)
    subscriber.catch_up.check_source("participation", at_once=True)
    assert (cursor(subscriber).stopped, rows(subscriber)) == ("", {"a": "1", "b": "2"})


def test_an_event_of_the_first_version_is_read_as_the_second(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1"), toys.ThingWeighedInPounds("a", 2), toys.ThingWeighed("a", 5, "scales"))
    assert [item.type.rsplit(".", 1)[1] for item in worlds.recorded(source)] == ["v1", "v1", "v2"]
    with source.store.reading() as connection:
        (_, old, new) = [stream.event() for stream in event_log.streams(connection, ["thing-a"])]
    assert (old, new) == (toys.ThingWeighed("a", 908, "unknown"), toys.ThingWeighed("a", 5, "scales"))
    subscriber.inbox.receive([message(source, 1, 2)])
    assert rows(subscriber, "grams") == {"a": "908 by unknown"}
    subscriber.inbox.receive([message(source, 3)])
    assert rows(subscriber, "grams") == {"a": "5 by scales"}
