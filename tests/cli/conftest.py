"""The command against a fake gateway: run in this process, but where a test starts or kills one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import CommandResult, run_command
from tests.support.fake_gateway import Call, FakeGateway

SERVICES = ("participation", "assessment", "publicity", "notifications")


class Qihang:
    """Runs `qihang` with a clean environment; every call must end within a limit."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.settings = settings

    def __call__(self, *words: object, limit: float = 60, **settings: str) -> CommandResult:
        return run_command([str(word) for word in words], {**self.settings, **settings}, limit)

    def environ(self, **settings: str) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("QIHANG_")}
        return {**outside, "PYTHONIOENCODING": "utf-8", **self.settings, **settings}


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    gateway = FakeGateway()
    yield gateway
    gateway.close()


@pytest.fixture
def qihang(gateway: FakeGateway, tmp_path: Path) -> Qihang:
    """The command with the fake gateway's address and token in its environment."""
    return Qihang(tmp_path, {"QIHANG_URL": gateway.url, "QIHANG_TOKEN": gateway.token or ""})


@pytest.fixture
def chain(gateway: FakeGateway) -> dict[str, Any]:
    """A log of 12 events in pages of 5; `broken` may be set by a test."""
    state: dict[str, Any] = {"broken": None}

    def page(call: Call) -> dict[str, Any]:
        after = int(call.query["after"])
        assert call.query.get("hash", "") == (f"h{after}" if after else "")
        last = min(after + 5, 12)
        broken = state["broken"] if state["broken"] and after < state["broken"] <= last else None
        return {
            "partition": 0,
            "checked": last - after,
            "position": last,
            "hash": f"h{last}",
            "head": 12,
            "broken": broken,
        }

    for service in SERVICES:
        gateway.on("GET", f"/s/{service}/feed", {"partitions": [{"partition": 0, "position": 12}]})
        gateway.on("GET", f"/s/{service}/api/verify", page)
        gateway.on("GET", f"/s/{service}/api/status", {"cursors": []})
    return state
