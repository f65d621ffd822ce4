"""Data goes only when the project's name was typed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.architecture.kept import ROOT

DOCKER = '#!/bin/sh\necho "$*" >>"$CALLS"\n'


def calls_of_down(folder: Path, *words: str, typed: str = "") -> tuple[int, str]:
    """The exit code, and what was asked of Docker to be taken down."""
    for name in ("docker", "docker-compose"):
        (folder / name).write_text(DOCKER)
        (folder / name).chmod(0o755)
    calls = folder / "calls"
    calls.touch()
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "CALLS": str(calls), "QIHANG_PROJECT": "district-7"}
    done = subprocess.run([ROOT / "deploy" / "down", *words], input=typed, env=environment, capture_output=True,
                          text=True, timeout=60, check=False)  # fmt: skip
    return done.returncode, "".join(line for line in calls.read_text().splitlines() if " down " in line)


@pytest.mark.parametrize("typed", ["", "y\n", "qihang\n", "district-77\n"])
def test_volumes_stay_and_nothing_stops_until_the_name_was_typed(tmp_path: Path, typed: str) -> None:
    assert calls_of_down(tmp_path, "--volumes", typed=typed) == (1, "")


@pytest.mark.parametrize(("words", "typed"), [(["--volumes"], "district-7\n"), (["--volumes", "--yes"], "")])
def test_volumes_go_after_the_name_or_yes(tmp_path: Path, words: list[str], typed: str) -> None:
    code, asked = calls_of_down(tmp_path, *words, typed=typed)
    assert code == 0 and asked.endswith("--volumes")


def test_without_volumes_nothing_is_asked(tmp_path: Path) -> None:
    code, asked = calls_of_down(tmp_path)
    assert code == 0 and asked and "--volumes" not in asked


def test_a_word_that_it_does_not_know_stops_nothing(tmp_path: Path) -> None:
    assert calls_of_down(tmp_path, "--volume") == (2, "")
