"""A store that is late at start, or away later, is an outage while it lasts, and nothing afterwards."""

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.exc import OperationalError

from chassis import health
from chassis.frame import Frame
from chassis.projecting import Projections
from chassis.reacting import Reactions
from chassis.settings import Settings


@pytest.fixture
def frame(tmp_path: Path) -> Frame:
    return Frame("participation", Settings(data=str(tmp_path)), MetaData(), Projections(), Reactions())


def test_an_outage_that_is_over_is_no_loop_that_stands_still(frame: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    install, tries = frame.store.install, []

    def late(*words: Any) -> None:
        tries.append(words)
        if len(tries) == 1:
            assert "store" not in frame.pulses
            raise OperationalError("select 1", {}, Exception("away"))
        assert "store" in frame.pulses
        install(*words)

    monkeypatch.setattr(frame.store, "install", late)
    frame._boot(lambda _loop, _name: None)
    assert frame.installed and len(tries) == 2
    assert "store" not in frame.pulses


@pytest.mark.parametrize(
    ("error", "alive"), [(OperationalError("select 1", {}, Exception("away")), True), (ValueError("ours"), False)]
)
def test_a_loop_of_a_service_that_meets_the_outage_is_no_reason_to_end(
    frame: Frame, monkeypatch: pytest.MonkeyPatch, error: Exception, alive: bool
) -> None:
    frame.installed = True
    frame.pulses["reminding"] = time.monotonic() - 1000

    def loop() -> None:
        raise error

    def nap(_: float) -> None:
        frame.stopping = True

    monkeypatch.setattr(frame, "_nap", nap)
    frame._guarded("reminding", loop)()
    assert health.live(frame) is alive
