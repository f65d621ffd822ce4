"""A process of its own: its answer whole, a sign of life while it lasts, an end when it lasts too long."""

from __future__ import annotations

import os
import time

import pytest

from chassis.process import subprocesses
from chassis.process.subprocesses import ProcessFailed
from tests.support.processes import children_of, wait_until

SLOW = "tests.chassis.slow"


def test_there_is_a_sign_of_life_while_it_lasts_and_none_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocesses, "HEARTBEAT_SECONDS", 0.1)
    beats: list[float] = []
    answer = subprocesses.run_module(
        SLOW, given={"seconds": 1.0, "size": 300_000}, heartbeat=lambda: beats.append(time.time())
    )
    assert len(answer["text"]) == 300_000
    assert len(beats) >= 4
    after = len(beats)
    subprocesses.run_module(SLOW, given={"seconds": 0.3, "size": 1})
    assert len(beats) == after


def test_what_lasts_too_long_is_ended_for_all_its_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocesses, "HEARTBEAT_SECONDS", 0.1)
    began, before = time.monotonic(), set(children_of(os.getpid()))
    with pytest.raises(ProcessFailed, match="longer than 1 s"):
        subprocesses.run_module(SLOW, given={"seconds": 60, "size": 1}, seconds=1, heartbeat=lambda: None)
    assert time.monotonic() - began < 20
    wait_until(lambda: set(children_of(os.getpid())) <= before, 5, "the process is gone")
