"""Waiting for what a caller has seen (`X-Qihang-After`) has a price: so many positions, so many waiting, few looks."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import eventlet
import pytest

from chassis.process.problems import Problem
from chassis.runtime import caught_up
from chassis.runtime.service_runtime import ServiceRuntime
from tests.chassis import worlds

Pair = tuple[ServiceRuntime, ServiceRuntime]


@pytest.fixture
def two(tmp_path: Path) -> Pair:
    urls = (f"sqlite:///{tmp_path}/source.db", f"sqlite:///{tmp_path}/reader.db")
    return worlds.pair(tmp_path, urls)


def problem_of(ask: Callable[[], None]) -> tuple[int, str]:
    with pytest.raises(Problem) as raised:
        ask()
    return raised.value.status, raised.value.code


@pytest.mark.parametrize("after", [
    ",".join(f"participation/0/{n}" for n in range(1, 18)), "participation/7/1", "nonsense", "participation/0/1,",
])  # fmt: skip
def test_too_many_positions_and_impossible_ones_are_refused_at_once(two: Pair, after: str) -> None:
    began = time.monotonic()
    assert problem_of(lambda: two[1].caught_up.wait_until_applied(after)) == (400, "bad_position")
    assert time.monotonic() - began < 1


def test_a_position_beyond_the_own_log_is_not_waited_for(two: Pair) -> None:
    """It is written before anybody is told of it."""
    began = time.monotonic()
    assert problem_of(lambda: two[0].caught_up.wait_until_applied("participation/0/99")) == (503, "not_caught_up")
    assert time.monotonic() - began < 1


def test_what_is_applied_is_not_waited_for(two: Pair) -> None:
    source, reader = two
    worlds.append(source, *worlds.things("a:1", "b:2"))
    reader.catch_up.try_source("participation", at_once=True)
    reader.caught_up.wait_until_applied("participation/0/1,participation/0/2,unheard/0/5")


@pytest.mark.parametrize("clock_stands", [False, True])
def test_a_source_s_present_instant_is_known_only_where_the_clock_stands(
    two: Pair, monkeypatch: pytest.MonkeyPatch, clock_stands: bool
) -> None:
    reader = two[1]
    monkeypatch.setattr(caught_up, "WAIT_SECONDS", 0.2)
    monkeypatch.setattr(reader.caught_up, "_clock_stands", clock_stands)
    reader.catch_up.try_source("participation", at_once=True)
    instant = reader.catch_up.watermark("participation")
    assert instant
    monkeypatch.setattr(reader.catch_up, "request", lambda: None)
    if clock_stands:
        reader.caught_up.wait_until_known(instant)
    else:
        assert problem_of(lambda: reader.caught_up.wait_until_known(instant)) == (409, "not_known_yet")


def test_a_waiting_request_looks_seldom_however_often_something_moves(
    two: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer of a source is progress: it used to wake every request, and each of them asked the source again."""
    reader, looks, asked = two[1], [0], [0]
    monkeypatch.setattr(caught_up, "WAIT_SECONDS", 1.5)
    applied, request = reader.caught_up._is_applied, reader.catch_up.request

    def look(wanted: dict[caught_up.Place, int]) -> bool:
        looks[0] += 1
        return applied(wanted)

    def ask() -> None:
        asked[0] += 1
        request()
        eventlet.spawn_n(reader._progress.advance)

    monkeypatch.setattr(reader.caught_up, "_is_applied", look)
    monkeypatch.setattr(reader.catch_up, "request", ask)
    ticking = eventlet.spawn(_advance_often, reader, 1.5)
    assert problem_of(lambda: reader.caught_up.wait_until_applied("participation/0/1")) == (503, "not_caught_up")
    ticking.wait()
    assert asked[0] <= 4
    assert looks[0] <= 25


def test_more_than_so_many_waiting_requests_are_refused_as_busy(two: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """And who needs not wait is served meanwhile."""
    source, reader = two
    monkeypatch.setattr(caught_up, "WAIT_SECONDS", 1.0)
    worlds.append(source, *worlds.things("a:1"))
    reader.catch_up.try_source("participation", at_once=True)
    wait = reader.caught_up.wait_until_applied
    waiting = [eventlet.spawn(problem_of, lambda: wait("participation/0/9")) for _ in range(caught_up.MAX_WAITING)]
    eventlet.sleep(0.1)
    assert problem_of(lambda: wait("participation/0/9")) == (503, "busy")
    wait("participation/0/1")
    assert {thread.wait() for thread in waiting} == {(503, "not_caught_up")}
    assert problem_of(lambda: wait("participation/0/9")) == (503, "not_caught_up"), "their places are free again"


def _advance_often(reader: ServiceRuntime, seconds: float) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        reader._progress.advance()
        eventlet.sleep(0.002)
