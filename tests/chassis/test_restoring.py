"""After a backup: a producer begins an epoch, who received more stops until an operator replays it."""

from __future__ import annotations

from chassis.messaging import deliveries
from chassis.recovery import epochs
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import event_log
from chassis.store.schema import inbox
from tests.chassis import worlds
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, cursor, events_of, message, rows, things


def diverged(pair: Pair, notes: bool = False) -> tuple[ServiceRuntime, ServiceRuntime]:
    """(source, subscriber): the source lost its last two events, began an epoch and told others."""
    lost, subscriber = pair(notes=notes)
    append(lost, *things("a:1", "b:2", "c:lost", "d:lost"))
    subscriber.inbox.receive([message(lost)])
    source, _ = pair()
    source.store.epoch = lost.store.epoch
    keep(lost, source, 2)
    subscriber.peers.source = source  # type: ignore[attr-defined]
    epochs.begin_epoch(source)
    append(source, *things("c:3", "e:5", "f:6"))
    return source, subscriber


def keep(lost: ServiceRuntime, source: ServiceRuntime, upto: int) -> None:
    """What the backup held: the very same events."""
    kept = worlds.recorded(lost)[:upto]
    with source.store.writing() as connection:
        head = event_log.Head(0, kept[-1].position, kept[-1].hash, kept[-1].recorded_at)
        event_log.append(connection, source.store, kept, [head])


def test_a_new_epoch_is_in_every_id_from_then_on(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1"))
    before = source.store.epoch
    fresh = epochs.begin_epoch(source)
    append(source, *things("b:2"))
    assert fresh != before
    assert [item.id for item in worlds.recorded(source)] == [f"{before}-0-1", f"{fresh}-0-2", f"{fresh}-0-3"]
    source.store.install(source.service, "district")  # as the next start reads it
    assert source.store.epoch == fresh
    subscriber.inbox.receive([message(source)])
    assert (rows(subscriber), cursor(subscriber).epoch, cursor(subscriber).stopped) == ({"a": "1", "b": "2"}, fresh, "")


def test_what_is_sent_to_outside_systems_waits_for_an_operator(pair: Pair) -> None:
    source, _ = pair()
    with source.store.writing() as connection:
        deliveries.add_delivery(connection, "copy", deliveries.WEBHOOK, "https://a.example/", {})
        deliveries.add_delivery(connection, "gone", deliveries.WEBHOOK, "https://b.example/", {}, state="ended")
    epochs.begin_epoch(source)
    with source.store.reading() as connection:
        states = {each.name: (each.state, each.code) for each in deliveries.all_deliveries(connection)}
    assert states == {"copy": ("paused", "restored"), "gone": ("ended", "")}


def test_a_subscriber_that_received_more_stops_even_when_the_source_is_further_again(pair: Pair) -> None:
    source, subscriber = diverged(pair)
    subscriber.inbox.receive([message(source)])
    subscriber.catch_up.check_source("participation", at_once=True)
    assert cursor(subscriber).stopped
    assert rows(subscriber) == {"a": "1", "b": "2", "c": "lost", "d": "lost"}


def test_a_replay_from_the_source_forgets_what_was_lost_and_no_more(pair: Pair) -> None:
    _, subscriber = diverged(pair, notes=True)
    subscriber.catch_up.check_source("participation", at_once=True)
    assert epochs.replay_from_source(subscriber, "participation") == [(2, 2, 0)]
    assert (rows(subscriber), cursor(subscriber).stopped) == ({"a": "1", "b": "2"}, "")
    subscriber.catch_up.check_source("participation", at_once=True)
    assert rows(subscriber) == {"a": "1", "b": "2", "c": "3", "e": "5", "f": "6"}
    assert cursor(subscriber).position == 6
    assert len(events_of(subscriber, "operations.replayed_from_source")) == 1


def test_a_replay_without_need_forgets_nothing(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1", "b:2"))
    subscriber.inbox.receive([message(source)])
    assert epochs.replay_from_source(subscriber, "participation") == [(2, 0, 0)]
    assert (rows(subscriber), worlds.kept(subscriber, inbox)) == ({"a": "1", "b": "2"}, 2)


def test_with_nothing_in_common_it_is_replayed_from_the_beginning(pair: Pair) -> None:
    source, subscriber = pair()
    other, _ = pair()
    append(source, *things("a:1"))
    subscriber.inbox.receive([message(source)])
    append(other, *things("b:2"))
    subscriber.peers.source = other  # type: ignore[attr-defined]
    assert epochs.replay_from_source(subscriber, "participation") == [(0, 1, 0)]
    subscriber.catch_up.check_source("participation", at_once=True)
    assert rows(subscriber) == {"b": "2"}
