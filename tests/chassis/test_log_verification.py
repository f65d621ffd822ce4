"""A log and its inboxes are verified in the background, to the end, whatever does not hold on the way."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.process.peers import PeerUnavailable
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import log_verification
from chassis.store.log_verification import LogVerification
from chassis.store.schema import events, inbox
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, message, things


def verified(runtime: ServiceRuntime) -> LogVerification:
    """After the same as the route begins, run here and now."""
    runtime.log_verification.begin(spawn=lambda run: run())
    return runtime.log_verification


def places(verification: LogVerification) -> dict[tuple[str, str], tuple[int, int | None, bool]]:
    return {(each.kind, each.source): (each.checked, each.broken, each.away) for each in verification.progress.places}


def test_all_chains_and_inboxes_hold(pair: Pair, monkeypatch: Any) -> None:
    monkeypatch.setattr(log_verification, "PAGE", 2)
    source, subscriber = pair(notes=True)
    append(source, *things("a:1", "b:2", "c:3", "d:4", "e:5"))
    subscriber.inbox.receive([message(source)])
    own, other = verified(source), verified(subscriber)
    assert own.progress.state == "done" and own.progress.ended_at
    assert places(own)["chain", source.service][:2] == (5, None)
    assert places(other)["inbox", source.service] == (5, None, False)


def test_a_changed_event_and_a_lost_one_are_found(pair: Pair) -> None:
    source, subscriber = pair(notes=True)
    append(source, *things("a:1", "b:2", "c:3"))
    subscriber.inbox.receive([message(source)])
    with subscriber.store.writing() as connection:
        connection.execute(sa.delete(inbox).where(inbox.c.position == 3))
    assert places(verified(subscriber))["inbox", source.service][1] == 3
    with source.store.writing() as connection:
        connection.execute(sa.update(events).where(events.c.position == 2).values(actor="nobody"))
    assert places(verified(source))["chain", source.service][1] == 2


def test_a_source_that_is_away_is_named_and_the_rest_is_verified(pair: Pair, monkeypatch: Any) -> None:
    source, subscriber = pair(notes=True)
    append(source, *things("a:1"))
    subscriber.inbox.receive([message(source)])

    def away(*_: Any) -> Any:
        raise PeerUnavailable("no answer")

    monkeypatch.setattr(subscriber.inbox_verification, "compare", away)
    verification = verified(subscriber)
    assert verification.progress.state == "done"
    assert places(verification)["inbox", source.service] == (0, None, True)


def test_a_fault_on_the_way_is_kept_and_another_may_begin(pair: Pair, monkeypatch: Any) -> None:
    source, _ = pair(notes=True)
    append(source, *things("a:1"))
    with monkeypatch.context() as patched:
        patched.setattr(log_verification, "walk_part", lambda *_: 1 / 0)
        assert verified(source).progress.state == "failed"
    assert verified(source).progress.state == "done"
