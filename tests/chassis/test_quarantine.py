"""Quarantine: one bad event stands aside with its stream parked behind it; operators decide, by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chassis.events.operator_events import QuarantineDiscarded
from chassis.messaging import quarantine
from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from tests.chassis import toys, worlds
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, cursor, entries, events_of, message, rows, things

ACTOR = "operator:王"


@pytest.fixture
def poison(tmp_path: Path) -> toys.Poison:
    result = toys.Poison()
    result.cure = tmp_path / "cure"
    return result


@pytest.fixture
def poisoned(pair: Pair, poison: toys.Poison) -> ServiceRuntime:
    """A subscriber at whose second event the handler fails; two more of that stream come behind it."""
    source, subscriber = pair(poison=poison, notes=True)
    append(source, *things("a:1", "b:raise", "c:3", "b:4", "d:5", "b:6"))
    assert subscriber.inbox.receive([message(source)])
    return subscriber


def cure(poison: toys.Poison) -> None:
    assert poison.cure is not None
    poison.cure.touch()


def test_one_stream_parks_and_the_others_go_on(poisoned: ServiceRuntime) -> None:
    assert rows(poisoned) == {"a": "1", "c": "3", "d": "5"}
    assert entries(poisoned) == [("handler_failed", "open", "thing-b"), ("behind", "parked", "thing-b"),
                                  ("behind", "parked", "thing-b")]  # fmt: skip
    assert cursor(poisoned).position == 6


def test_an_event_that_comes_later_parks_too(poisoned: ServiceRuntime) -> None:
    source = poisoned.peers.source  # type: ignore[attr-defined]
    append(source, *things("b:7", "e:8"))
    poisoned.inbox.receive([message(source, 7, 8)])
    assert [item[1] for item in entries(poisoned)] == ["open", "parked", "parked", "parked"]
    assert rows(poisoned)["e"] == "8"


def test_the_reason_and_the_trace_are_kept(poisoned: ServiceRuntime) -> None:
    with poisoned.store.reading() as connection:
        (first, *_) = quarantine.list_entries(connection, "open")
        whole = quarantine.read_entry(connection, first["id"])
    assert whole is not None
    assert (whole["type"], whole["position"], whole["attempts"]) == ("participation.thing_reported.v1", 2, 1)
    assert "a fault of this handler's" in whole["detail"]
    assert "ValueError" in whole["trace"]
    assert '"thing_id":"b"' in whole["body"].replace(" ", "")


def retry(runtime: ServiceRuntime, **chosen: Any) -> dict[str, int]:
    return runtime.quarantine.retry(ACTOR, "c1", chosen.get("ids"), chosen.get("code"))


@pytest.mark.parametrize("how", ["one", "group", "all"])
def test_a_retry_releases_what_is_parked_in_its_order(poisoned: ServiceRuntime, poison: toys.Poison, how: str) -> None:
    cure(poison)
    with poisoned.store.reading() as connection:
        first = quarantine.list_entries(connection, "open")[0]["id"]
    answer = retry(poisoned, **{"one": {"ids": [first]}, "group": {"code": "handler_failed"}, "all": {}}[how])
    assert answer == {"retried": 3, "still": 0}
    assert (rows(poisoned), entries(poisoned)) == ({"a": "1", "b": "6", "c": "3", "d": "5"}, [])
    appended_events = events_of(poisoned, "quarantine_retried")
    assert [(item.actor, item.correlation) for item in appended_events] == [(ACTOR, "c1")] * 3
    assert len(events_of(poisoned, "thing_noted")) == 6  # the reactions ran, once each


def test_a_retry_that_fails_again_keeps_its_place(poisoned: ServiceRuntime) -> None:
    assert retry(poisoned) == {"retried": 0, "still": 3}
    assert [item[:2] for item in entries(poisoned)] == [("handler_failed", "open"), ("behind", "parked"),
                                                       ("behind", "parked")]  # fmt: skip
    with poisoned.store.reading() as connection:
        assert quarantine.list_entries(connection, "open")[0]["attempts"] == 2
    assert events_of(poisoned, "quarantine") == []


def test_what_is_parked_does_not_overtake(poisoned: ServiceRuntime) -> None:
    with poisoned.store.reading() as connection:
        parked = [item["id"] for item in quarantine.list_entries(connection, "parked")]
    assert retry(poisoned, ids=parked) == {"retried": 0, "still": 2}
    assert "b" not in rows(poisoned)


def test_a_discard_says_why_and_frees_the_stream(poisoned: ServiceRuntime) -> None:
    with poisoned.store.reading() as connection:
        first = quarantine.list_entries(connection, "open")[0]["id"]
    with pytest.raises(Problem, match="missing"):
        poisoned.quarantine.discard(ACTOR, "", first, "  ")
    poisoned.quarantine.discard(ACTOR, "c2", first, "写错了")
    with pytest.raises(Problem, match="unknown_entry"):
        poisoned.quarantine.discard(ACTOR, "c2", first, "again")
    (appended,) = events_of(poisoned, "quarantine_discarded")
    assert (appended.actor, appended.event()) == (
        ACTOR,
        QuarantineDiscarded(first, "handler_failed", "写错了"),
    )
    assert retry(poisoned) == {"retried": 2, "still": 0}
    assert rows(poisoned)["b"] == "6"


def test_retried_twice_it_is_applied_once(poisoned: ServiceRuntime, poison: toys.Poison) -> None:
    cure(poison)
    retry(poisoned)
    assert retry(poisoned) == {"retried": 0, "still": 0}
    assert worlds.kept(poisoned) == 6


def test_hole_4_a_timeout_in_a_handler_is_an_error_like_any_other(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1", "b:timeout", "c:3"))
    assert subscriber.inbox.receive([message(source)])
    assert (rows(subscriber), entries(subscriber)) == ({"a": "1", "c": "3"}, [("handler_failed", "open", "thing-b")])


def test_a_body_that_is_no_message_stands_and_is_counted(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1"))
    bodies = [b"\xff", b"[[[", b"[" * 100_000, b'[{"position":"1"}]', b"[5]", b'{"specversion":"1.0"}', b"\xff", b"\0"]
    assert subscriber.inbox.receive([*bodies, message(source)])
    assert rows(subscriber) == {"a": "1"}
    assert [code for code, _, _ in entries(subscriber)] == ["bad_wire"] * 7
    with subscriber.store.reading() as connection:
        assert quarantine.list_entries(connection, "open")[0]["attempts"] == 2


def test_an_unknown_version_waits_for_the_upgrade(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1"), toys.ThingWeighed("a", 5, "scales"), *things("a:2", "b:3"))
    bodies = [message(source)]
    with toys.before_the_upgrade(toys.ThingWeighed):
        assert subscriber.inbox.receive(bodies)
        assert entries(subscriber) == [("unknown_version", "open", "thing-a"), ("behind", "parked", "thing-a")]
        assert (rows(subscriber), cursor(subscriber).position) == ({"a": "1", "b": "3"}, 4)
        subscriber.quarantine.retry_after_upgrade()
        assert len(entries(subscriber)) == 2  # there was none
    subscriber.quarantine.retry_after_upgrade()
    assert (entries(subscriber), rows(subscriber), rows(subscriber, "grams")["a"]) == ([], {"a": "2", "b": "3"}, "")
    assert {item.actor for item in events_of(subscriber, "quarantine_retried")} == {"service:assessment"}


def test_a_type_without_subscriber_is_skipped(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1"), toys.PersonMet("p", "姓名"))
    subscriber.projections._by_class.pop(toys.PersonMet)
    subscriber.inbox._subscribed_names.discard("participation.person_met")
    subscriber.inbox.receive([message(source)])
    assert (cursor(subscriber).position, entries(subscriber), worlds.kept(subscriber)) == (2, [], 1)


def test_groups_count_by_reason_and_state_and_a_page_goes_on_past_a_number(poisoned: ServiceRuntime) -> None:
    with poisoned.store.reading() as connection:
        counted = {(each["code"], each["state"]): each["count"] for each in quarantine.groups(connection)}
        parked = [each["id"] for each in quarantine.list_entries(connection, None, code="behind")]
        rest = quarantine.list_entries(connection, None, code="behind", after=parked[0])
    assert counted == {("handler_failed", "open"): 1, ("behind", "parked"): 2}
    assert [each["id"] for each in rest] == parked[1:]
