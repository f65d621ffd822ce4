"""The command against a fake gateway: run in this process, but where a test starts or kills one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import CommandResult, run_command
from tests.support.fake_gateway import FakeGateway


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
