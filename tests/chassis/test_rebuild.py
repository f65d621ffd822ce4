"""Rebuild: equal rows beside the live ones, which serve meanwhile; a crash in the middle leaves them as they were."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import rebuild, replay
from chassis.store.shadow_rows import ShadowRows
from tests.chassis import toys
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, entries, message, rows, things


@pytest.fixture
def filled(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> tuple[ServiceRuntime, ServiceRuntime]:
    monkeypatch.setattr(replay, "PAGE", 10)
    source, subscriber = pair()
    append(source, *things(*[f"t{n % 20}:{n}" for n in range(55)]), toys.ThingWeighedInPounds("t1", 2))
    subscriber.inbox.receive([message(source)])
    return source, subscriber


class PowerCutError(Exception):
    """The process ends."""


def spoil(runtime: ServiceRuntime) -> None:
    """As after a projection that was wrong."""
    table = next(iter(runtime.store.rows.tables.values()))
    with runtime.store.writing() as connection:
        runtime.store.with_row_schema(connection).execute(sa.update(table).values(text="spoilt"))


@pytest.mark.parametrize("which", [0, 1], ids=["own log", "inbox"])
def test_rows_come_out_equal(filled: tuple[ServiceRuntime, ServiceRuntime], which: int) -> None:
    runtime = filled[which]
    before, grams = rows(runtime), rows(runtime, "grams")
    spoil(runtime)
    done = runtime.rebuild.run()
    assert (rows(runtime), rows(runtime, "grams")) == (before, grams)
    assert (done.state, done.events) == ("done", 56)
    assert runtime.rebuild.run().state == "done"  # and again


def test_the_live_rows_serve_and_grow_meanwhile(
    filled: tuple[ServiceRuntime, ServiceRuntime], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, subscriber = filled
    seen: list[dict[str, str]] = []

    def yield_control(_: float) -> None:
        seen.append(rows(subscriber))
        append(source, *things(f"new{len(seen)}:x"))
        subscriber.inbox.receive([message(source)])

    monkeypatch.setattr(rebuild.eventlet, "sleep", yield_control)
    subscriber.rebuild.run()
    assert len(seen) >= 5
    assert all(len(item) == 20 + at for at, item in enumerate(seen))
    assert rows(subscriber) == rows(source)


def test_a_crash_in_the_middle_is_harmless(
    filled: tuple[ServiceRuntime, ServiceRuntime], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, subscriber = filled
    before, pages = rows(subscriber), iter(range(2))

    def crash(_: float) -> Any:
        if next(pages, None) is None:
            raise PowerCutError

    with monkeypatch.context() as power_cut:
        power_cut.setattr(rebuild.eventlet, "sleep", crash)
        with pytest.raises(PowerCutError):
            subscriber.rebuild.run()
    assert rows(subscriber) == before
    assert subscriber.rebuild.progress.state == "failed", "another may begin"
    append(filled[0], *things("after:1"))
    subscriber.inbox.receive([message(filled[0])])
    assert subscriber.rebuild.run().events == 57
    assert rows(subscriber) == before | {"after": "1"}


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_who_stands_crosswise_is_waited_for(
    filled: tuple[ServiceRuntime, ServiceRuntime], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two who each wait for the other's table: the server ends one of both."""
    source, subscriber = filled
    swap, times = ShadowRows.swap, 0

    def crosswise(self: Any, finish: Any) -> None:
        nonlocal times
        times += 1
        if times == 1:
            append(source, *things("late:1"))
            subscriber.inbox.receive([message(source)])
        if times < 3:
            with self.live.writing() as connection:
                finish(connection, self._rows(connection))
                raise OperationalError("DROP SCHEMA", None, psycopg.errors.DeadlockDetected("deadlock detected"))
        swap(self, finish)

    monkeypatch.setattr(ShadowRows, "swap", crosswise)
    assert subscriber.rebuild.run().events == 57
    assert rows(subscriber) == rows(source)
    assert times == 3


def test_a_rebuild_that_fails_says_so(
    filled: tuple[ServiceRuntime, ServiceRuntime], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, subscriber = filled
    before = rows(subscriber)
    rebuild = subscriber.rebuild
    with monkeypatch.context() as broken:
        broken.setattr(subscriber.projections, "apply", lambda *_: 1 / 0)
        rebuild.begin(spawn=lambda work: work())
    assert (rebuild.progress.state, "ZeroDivisionError" in rebuild.progress.detail) == ("failed", True)
    assert rows(subscriber) == before
    assert rebuild.begin(spawn=lambda work: work()).state == "done"


def test_what_stands_in_quarantine_stays_out(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, *things("a:1", "b:raise", "b:2", "c:3"))
    subscriber.inbox.receive([message(source)])
    subscriber.rebuild.run()
    assert (rows(subscriber), len(entries(subscriber))) == ({"a": "1", "c": "3"}, 2)
