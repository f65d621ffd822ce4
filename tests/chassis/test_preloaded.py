"""Runs in forks of a process that has loaded the module: each forgets, several at once, and all end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import eventlet
import pytest

from chassis.process import preloaded
from chassis.process.subprocesses import ProcessFailed
from tests.support.processes import children_of, is_alive, wait_until

MODULE = "tests.chassis.remembering"


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    yield
    for worker in preloaded._idle.pop(MODULE, []):
        worker.stop()


def test_what_a_run_left_behind_the_next_does_not_find_though_nothing_is_loaded_again() -> None:
    first, second = (preloaded.run_module(MODULE, given={"size": 100_000}) for _ in range(2))
    assert (first["runs"], second["runs"]) == (1, 1)
    assert first["pid"] != second["pid"] and first["parent"] == second["parent"] != os.getpid()
    assert first["text"] == second["text"] == "案" * 100_000


def test_what_a_question_needs_is_loaded_before_the_fork_and_stays() -> None:
    runs = [preloaded.run_module(MODULE, given={"unprepared": failing}) for failing in (False, True, False)]
    assert [run["prepared"] for run in runs] == [1, 2, 3]
    assert len({run["parent"] for run in runs}) == 1


@pytest.mark.parametrize(("given", "words"), [({"fail": "no such day"}, "ValueError: no such day"), ({"code": 3}, "3")])
def test_a_run_that_fails_says_why_and_the_next_is_none_the_worse(given: dict[str, object], words: str) -> None:
    with pytest.raises(ProcessFailed, match=words):
        preloaded.run_module(MODULE, given=given)
    assert preloaded.run_module(MODULE, given={})["runs"] == 1


def test_several_run_at_once_and_one_process_stays_for_the_next() -> None:
    began = time.monotonic()
    runs = [eventlet.spawn(preloaded.run_module, MODULE, {"seconds": 2}) for _ in range(3)]
    assert len({run.wait()["parent"] for run in runs}) == 3
    assert time.monotonic() - began < 3 * 2 + 20
    assert len(preloaded._idle[MODULE]) == 1


def test_what_lasts_too_long_is_ended_with_its_fork_for_all_its_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.process.subprocesses.HEARTBEAT_SECONDS", 0.1)
    server = preloaded.run_module(MODULE, given={})["parent"]
    beats: list[int] = []
    run = eventlet.spawn(preloaded.run_module, MODULE, {"seconds": 60}, 2, lambda: beats.append(1))
    while not (forks := children_of(server)):
        eventlet.sleep(0.02)
    with pytest.raises(ProcessFailed, match="longer than 2 s"):
        run.wait()
    wait_until(lambda: not any(map(is_alive, [server, *forks])), 10, "both processes are gone")
    assert beats


def test_a_process_that_nobody_needed_for_a_while_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preloaded, "IDLE_SECONDS", 0.2)
    server = preloaded.run_module(MODULE, given={})["parent"]
    assert preloaded.run_module(MODULE, given={"seconds": 0.5})["parent"] == server  # the first's minute ends in here
    assert is_alive(server)
    with eventlet.Timeout(10):
        while is_alive(server):
            eventlet.sleep(0.02)
