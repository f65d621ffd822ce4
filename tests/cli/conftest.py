"""The command run as a user runs it, in a process of its own, against a doorkeeper."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.doorkeeper import Doorkeeper

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


class Qihang:
    """Runs `qihang` with a clean environment; every call must end within a limit."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.settings = settings

    def __call__(self, *words: object, limit: float = 60, **settings: str) -> Ended:
        ended = subprocess.run(
            [sys.executable, "-m", "cli.main", *map(str, words)],
            cwd=ROOT,
            env=self.environ(**settings),
            capture_output=True,
            timeout=limit,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def environ(self, **settings: str) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("QIHANG_")}
        return {**outside, "PYTHONIOENCODING": "utf-8", **self.settings, **settings}


@pytest.fixture
def doorkeeper() -> Iterator[Doorkeeper]:
    keeper = Doorkeeper()
    yield keeper
    keeper.close()


@pytest.fixture
def qihang(doorkeeper: Doorkeeper, tmp_path: Path) -> Qihang:
    """The command, shown the doorkeeper's address and token."""
    return Qihang(tmp_path, {"QIHANG_URL": doorkeeper.url, "QIHANG_TOKEN": doorkeeper.token or ""})
