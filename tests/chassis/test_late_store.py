"""A store that is late at start, or away later, is an outage while it lasts, and nothing afterwards."""

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.exc import OperationalError

from chassis.messaging.reactions import Reactions
from chassis.process import greenlets
from chassis.process.settings import Settings
from chassis.runtime.loops import Loop, Loops
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.projections import Projections


@pytest.fixture
def runtime(tmp_path: Path) -> ServiceRuntime:
    return ServiceRuntime("participation", Settings(data=str(tmp_path)), MetaData(), Projections(), Reactions())


def test_an_outage_that_is_over_is_no_loop_that_stands_still(
    runtime: ServiceRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    install, tries = runtime.store.install, []

    def late(*words: Any) -> None:
        tries.append(words)
        if len(tries) == 1:
            assert "store" not in runtime.monitor.pulses
            raise OperationalError("select 1", {}, Exception("away"))
        assert "store" in runtime.monitor.pulses
        install(*words)

    monkeypatch.setattr(runtime.store, "install", late)
    runtime.boot(lambda _loop, _name: None)
    assert runtime.store.installed and len(tries) == 2
    assert "store" not in runtime.monitor.pulses


@pytest.mark.parametrize(
    ("error", "alive"), [(OperationalError("select 1", {}, Exception("away")), True), (ValueError("ours"), False)]
)
def test_only_a_loop_that_meets_an_outage_of_the_store_counts_as_alive(
    runtime: ServiceRuntime, monkeypatch: pytest.MonkeyPatch, error: Exception, alive: bool
) -> None:
    runtime.monitor.pulses["reminding"] = time.monotonic() - 1000

    def fail() -> None:
        raise error

    def stop_instead(_: float) -> None:
        runtime.monitor.stopping = True

    monkeypatch.setattr(greenlets, "sleep", stop_instead)
    Loops([], runtime.monitor).run_guarded(Loop("reminding", fail))
    assert runtime.health.live() is alive
