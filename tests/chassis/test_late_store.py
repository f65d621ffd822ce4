"""A store that is late at start is an outage while it lasts, and nothing afterwards."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.exc import OperationalError

from chassis.frame import Frame
from chassis.projecting import Projections
from chassis.reacting import Reactions
from chassis.settings import Settings


def test_an_outage_that_is_over_is_no_loop_that_stands_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = Frame("participation", Settings(data=str(tmp_path)), MetaData(), Projections(), Reactions())
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
