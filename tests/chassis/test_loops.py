"""The loops of a service: whatever fails in one ends neither it nor another."""

from __future__ import annotations

import time

import pytest
from sqlalchemy.exc import InterfaceError
from structlog.testing import capture_logs

from chassis.process import quiet_log
from chassis.process.greenlets import Wakeup
from chassis.process.loop_monitor import LoopMonitor
from chassis.runtime import extensions
from chassis.runtime.loops import Loop, Loops
from chassis.runtime.service_runtime import run_logging_errors


def test_what_fails_after_a_reconnect_is_logged_and_raised_nowhere() -> None:
    """In the hub it would remove the descriptor that it waited for, by then somebody else's."""
    calls: list[str] = []

    def fail() -> None:
        calls.append("called")
        raise ValueError("the store is away")

    run_logging_errors(fail, "not restored")
    assert calls == ["called"]


def test_an_outage_of_the_store_is_logged_once_a_minute_and_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monitor = LoopMonitor()
    guarded, tries = Loops([], monitor), {"first": 0, "second": 0}

    def run(name: str) -> None:
        monitor.stopping = False
        guarded.run_guarded(Loop(name, lambda: meet_the_outage(name)))

    def meet_the_outage(name: str) -> None:
        tries[name] += 1
        monitor.stopping = tries[name] == 5
        raise InterfaceError("SELECT 1", None, Exception("the connection is closed"))

    monkeypatch.setattr(guarded, "_wait", lambda _: None)
    with capture_logs() as logged:
        for name in tries:
            run(name)
    assert tries == {"first": 5, "second": 5}
    assert [(line["event"], line["reason"]) for line in logged] == [
        ("store away, the loop waits", "first"), ("store away, the loop waits", "second"),
    ]  # fmt: skip
    monkeypatch.setattr(quiet_log, "EVERY_SECONDS", 0.0)
    tries["first"] = 0
    with capture_logs() as logged:
        run("first")
    assert len(logged) == 5


def test_a_loop_that_fails_at_once_is_run_ever_more_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monitor, pauses = LoopMonitor(), list[float]()
    guarded = Loops([], monitor)

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        monitor.stopping = len(pauses) == 6

    def fail() -> None:
        raise ValueError("a fault of this loop's")

    monkeypatch.setattr(guarded, "_wait", wait)
    with capture_logs() as logged:
        guarded.run_guarded(Loop("loop", fail))
    assert pauses == [1, 2, 4, 8, 15, 15]
    assert len(logged) == 1, "the same traceback six times fills a disk"


def test_a_loop_that_rests_for_long_makes_progress_and_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the watchdog would end a service of an hourly loop every ten minutes."""
    monitor, pulses, wakeup = LoopMonitor(), list[str](), Wakeup()
    monkeypatch.setattr(extensions, "REST_SECONDS", 0.02)
    monkeypatch.setattr(monitor, "pulse", pulses.append)
    began = time.monotonic()
    extensions.rest(wakeup, 0.3, monitor, "hourly")
    assert time.monotonic() - began >= 0.3 and len(pulses) >= 3 and set(pulses) == {"hourly"}
    wakeup.set()
    extensions.rest(wakeup, 60, monitor, "hourly")
    monitor.stopping = True
    extensions.rest(Wakeup(), 60, monitor, "hourly")
    assert time.monotonic() - began < 30
