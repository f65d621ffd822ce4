"""The command, run as a user runs it in a process of its own, against a fake gateway."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.fake_gateway import FakeGateway

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class CommandResult:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str


class Qihang:
    """Runs `qihang` with a clean environment; every call must end within a limit."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.settings = settings

    def __call__(self, *words: object, limit: float = 60, **settings: str) -> CommandResult:
        result = subprocess.run(
            [sys.executable, "-m", "cli.main", *map(str, words)],
            cwd=ROOT,
            env=self.environ(**settings),
            capture_output=True,
            timeout=limit,
            check=False,
        )
        return CommandResult(result.returncode, result.stdout.decode(), result.stderr.decode())

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
