"""After a backup: a producer begins an epoch, who heard more stops until it is told to hear again."""

from __future__ import annotations

from chassis.recovery import epochs
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import event_log
from chassis.store.schema import inbox
from tests.chassis import worlds
from tests.chassis.conftest import Pair
from tests.chassis.worlds import cursor, events_of, message, rows, tell, things


def diverged(pair: Pair, notes: bool = False) -> tuple[ServiceRuntime, ServiceRuntime]:
    """(source, hearer): the source lost its last two events, began an epoch and told others."""
    lost, hearer = pair(notes=notes)
    tell(lost, *things("a:1", "b:2", "c:lost", "d:lost"))
    hearer.inbox.receive([message(lost)])
    source, _ = pair()
    source.store.epoch = lost.store.epoch
    keep(lost, source, 2)
    hearer.peers.source = source  # type: ignore[attr-defined]
    epochs.begin_epoch(source)
    tell(source, *things("c:3", "e:5", "f:6"))
    return source, hearer


def keep(lost: ServiceRuntime, source: ServiceRuntime, upto: int) -> None:
    """What the backup held: the very same events."""
    kept = worlds.recorded(lost)[:upto]
    with source.store.writing() as connection:
        head = event_log.Head(0, kept[-1].position, kept[-1].hash, kept[-1].recorded_at)
        event_log.append(connection, source.store, kept, [head])


def test_a_new_epoch_is_in_every_id_from_then_on(pair: Pair) -> None:
    source, hearer = pair()
    tell(source, *things("a:1"))
    before = source.store.epoch
    fresh = epochs.begin_epoch(source)
    tell(source, *things("b:2"))
    assert fresh != before
    assert [item.id for item in worlds.recorded(source)] == [f"{before}-0-1", f"{fresh}-0-2", f"{fresh}-0-3"]
    source.store.install(source.service, "district")  # as the next start reads it
    assert source.store.epoch == fresh
    hearer.inbox.receive([message(source)])
    assert (rows(hearer), cursor(hearer).epoch, cursor(hearer).stopped) == ({"a": "1", "b": "2"}, fresh, "")


def test_who_heard_more_stops_even_when_the_source_is_further_again(pair: Pair) -> None:
    source, hearer = diverged(pair)
    hearer.inbox.receive([message(source)])
    hearer.catch_up.check_source("participation", at_once=True)
    assert cursor(hearer).stopped
    assert rows(hearer) == {"a": "1", "b": "2", "c": "lost", "d": "lost"}


def test_told_to_replay_from_it_forgets_what_was_lost_and_no_more(pair: Pair) -> None:
    _, hearer = diverged(pair, notes=True)
    hearer.catch_up.check_source("participation", at_once=True)
    assert epochs.replay_from_source(hearer, "participation") == [(2, 2, 0)]
    assert (rows(hearer), cursor(hearer).stopped) == ({"a": "1", "b": "2"}, "")
    hearer.catch_up.check_source("participation", at_once=True)
    assert rows(hearer) == {"a": "1", "b": "2", "c": "3", "e": "5", "f": "6"}
    assert cursor(hearer).position == 6
    assert len(events_of(hearer, "operations.replayed_from_source")) == 1


def test_told_without_need_it_forgets_nothing(pair: Pair) -> None:
    source, hearer = pair()
    tell(source, *things("a:1", "b:2"))
    hearer.inbox.receive([message(source)])
    assert epochs.replay_from_source(hearer, "participation") == [(2, 0, 0)]
    assert (rows(hearer), worlds.kept(hearer, inbox)) == ({"a": "1", "b": "2"}, 2)


def test_nothing_in_common_is_heard_from_the_beginning(pair: Pair) -> None:
    source, hearer = pair()
    other, _ = pair()
    tell(source, *things("a:1"))
    hearer.inbox.receive([message(source)])
    tell(other, *things("b:2"))
    hearer.peers.source = other  # type: ignore[attr-defined]
    assert epochs.replay_from_source(hearer, "participation") == [(0, 1, 0)]
    hearer.catch_up.check_source("participation", at_once=True)
    assert rows(hearer) == {"b": "2"}
