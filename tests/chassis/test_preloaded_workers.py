"""Runs in forks of a process that has loaded the module: each forgets, several at once, and all end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import eventlet
import pytest

from chassis.process import preloaded_workers
from chassis.process.subprocesses import LimitReached, Limits, ProcessFailed
from tests.support.processes import children_of, is_alive, wait_until

MODULE = "tests.chassis.remembering"
GREEDY, LIMITS = "tests.chassis.greedy", Limits(memory=100 << 20, cpu_seconds=1)


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    yield
    for module in (MODULE, GREEDY):
        for worker in preloaded_workers._idle.pop(module, []):
            worker.stop()


def test_what_a_run_left_behind_the_next_does_not_find_though_nothing_is_loaded_again() -> None:
    first, second = (preloaded_workers.run_module(MODULE, given={"size": 100_000}) for _ in range(2))
    assert (first["runs"], second["runs"]) == (1, 1)
    assert first["pid"] != second["pid"] and first["parent"] == second["parent"] != os.getpid()
    assert first["text"] == second["text"] == "案" * 100_000


def test_what_a_question_needs_is_loaded_before_the_fork_and_stays() -> None:
    runs = [preloaded_workers.run_module(MODULE, given={"unprepared": failing}) for failing in (False, True, False)]
    assert [run["prepared"] for run in runs] == [1, 2, 3]
    assert len({run["parent"] for run in runs}) == 1


@pytest.mark.parametrize(("given", "words"), [({"fail": "no such day"}, "ValueError: no such day"), ({"code": 3}, "3")])
def test_a_run_that_fails_says_why_and_the_next_is_none_the_worse(given: dict[str, object], words: str) -> None:
    with pytest.raises(ProcessFailed, match=words):
        preloaded_workers.run_module(MODULE, given=given)
    assert preloaded_workers.run_module(MODULE, given={})["runs"] == 1


def test_several_run_at_once_and_one_process_stays_for_the_next() -> None:
    began = time.monotonic()
    runs = [eventlet.spawn(preloaded_workers.run_module, MODULE, {"seconds": 2}) for _ in range(3)]
    assert len({run.wait()["parent"] for run in runs}) == 3
    assert time.monotonic() - began < 3 * 2 + 20
    assert len(preloaded_workers._idle[MODULE]) == 1


def test_what_lasts_too_long_is_ended_with_its_fork_for_all_its_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.process.subprocesses.HEARTBEAT_SECONDS", 0.1)
    server = preloaded_workers.run_module(MODULE, given={})["parent"]
    beats: list[int] = []
    run = eventlet.spawn(preloaded_workers.run_module, MODULE, {"seconds": 60}, 2, lambda: beats.append(1))
    while not (forks := children_of(server)):
        eventlet.sleep(0.02)
    with pytest.raises(ProcessFailed, match="longer than 2 s"):
        run.wait()
    wait_until(lambda: not any(map(is_alive, [server, *forks])), 10, "both processes are gone")
    assert beats


def test_a_process_that_nobody_needed_for_a_while_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preloaded_workers, "IDLE_SECONDS", 0.2)
    server = preloaded_workers.run_module(MODULE, given={})["parent"]
    assert (
        preloaded_workers.run_module(MODULE, given={"seconds": 0.5})["parent"] == server
    )  # the first's minute ends in here
    assert is_alive(server)
    with eventlet.Timeout(10):
        while is_alive(server):
            eventlet.sleep(0.02)


@pytest.mark.parametrize("what", ["memory", "processor", "killed"])
def test_a_run_that_takes_more_than_it_may_costs_itself_alone(what: str) -> None:
    server, given = preloaded_workers.run_limited(
        GREEDY, "little", given="案".encode(), limits=LIMITS, seconds=20
    ).split()
    with pytest.raises(LimitReached):
        preloaded_workers.run_limited(GREEDY, what, given=b"", limits=LIMITS, seconds=20)
    assert preloaded_workers.run_limited(GREEDY, "little", given=b"x", limits=LIMITS, seconds=20).split() == [
        server,
        b"x",
    ]
    assert given.decode() == "案"


def test_a_run_under_limits_that_lasts_too_long_has_reached_one_and_a_fault_has_not() -> None:
    with pytest.raises(LimitReached):
        preloaded_workers.run_limited(GREEDY, "time", given=b"", limits=LIMITS, seconds=1)
    with pytest.raises(ProcessFailed, match="no such table") as raised:
        preloaded_workers.run_limited(GREEDY, "fault", given=b"", limits=LIMITS, seconds=20)
    assert not isinstance(raised.value, LimitReached)
