"""The frame: what fails beside its loops ends nothing and takes nothing from others."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import InterfaceError
from structlog.testing import capture_logs

from chassis.runtime import service_runtime as runtimes
from tests.chassis.conftest import Pair


def test_what_cannot_be_restored_now_is_logged_and_raises_nowhere(pair: Pair) -> None:
    """In the hub it would remove the descriptor that it waited for: somebody else's by then."""
    source, _ = pair()
    done: list[str] = []

    def fail() -> None:
        done.append("tried")
        raise ValueError("the store is away")

    source._restore(fail)
    assert done == ["tried"]


def test_a_store_that_is_away_is_told_once_a_minute_and_loop(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    source, _ = pair()
    tries: dict[str, int] = {"one": 0, "another": 0}

    def loop(name: str) -> None:
        tries[name] += 1
        source.stopping = tries[name] == 5
        raise InterfaceError("SELECT 1", None, Exception("the connection is closed"))

    monkeypatch.setattr(source, "_nap", lambda _: None)
    with capture_logs() as said:
        for name in tries:
            source.stopping = False
            source._guarded(name, lambda name=name: loop(name))()  # type: ignore[misc]
    assert tries == {"one": 5, "another": 5}
    assert [(item["event"], item["loop"]) for item in said] == [
        ("store away, the loop waits", "one"), ("store away, the loop waits", "another"),
    ]  # fmt: skip
    monkeypatch.setattr(runtimes, "WARN_SECONDS", 0.0)
    tries["one"] = 0
    with capture_logs() as said:
        source.stopping = False
        source._guarded("one", lambda: loop("one"))()
    assert len(said) == 5
