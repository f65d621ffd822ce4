"""A store that is late at start, or away later, is an outage while it lasts, and nothing afterwards."""

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.exc import OperationalError

from chassis.messaging.reactions import Reactions
from chassis.process.settings import Settings
from chassis.runtime import health
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
            assert "store" not in runtime.pulses
            raise OperationalError("select 1", {}, Exception("away"))
        assert "store" in runtime.pulses
        install(*words)

    monkeypatch.setattr(runtime.store, "install", late)
    runtime._boot(lambda _loop, _name: None)
    assert runtime.installed and len(tries) == 2
    assert "store" not in runtime.pulses


@pytest.mark.parametrize(
    ("error", "alive"), [(OperationalError("select 1", {}, Exception("away")), True), (ValueError("ours"), False)]
)
def test_a_loop_of_a_service_that_meets_the_outage_is_no_reason_to_end(
    runtime: ServiceRuntime, monkeypatch: pytest.MonkeyPatch, error: Exception, alive: bool
) -> None:
    runtime.installed = True
    runtime.pulses["reminding"] = time.monotonic() - 1000

    def loop() -> None:
        raise error

    def nap(_: float) -> None:
        runtime.stopping = True

    monkeypatch.setattr(runtime, "_nap", nap)
    runtime._guarded("reminding", loop)()
    assert health.live(runtime) is alive
