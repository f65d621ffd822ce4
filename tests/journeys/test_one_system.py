"""A folder and its ports are one system's: a second one ends at once and says why, and the first goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Process, free_port_base
from tests.support.system import ROOT, EmbeddedSystem


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedSystem]:
    folder = tmp_path_factory.mktemp("one") / "system"
    folder.mkdir(mode=0o755)
    result = EmbeddedSystem(folder).start()
    yield result
    result.discard()


def second(folder: Path, base: int, log: Path) -> Process:
    words = ["-m", "cli.main", "up", "--embedded", "--data", str(folder), "--port-base", str(base)]
    return Process([sys.executable, "-W", "ignore", *words], log, cwd=ROOT)


def test_a_start_says_nothing_of_how_stores_are_upgraded(system: EmbeddedSystem) -> None:
    assert "alembic" not in system.processes["system"].output()


def test_what_it_keeps_its_owner_alone_may_read(system: EmbeddedSystem) -> None:
    """Keys, stores and spools: whatever the umask of who started it, and also when the folder was there before."""
    modes = {path: path.lstat().st_mode & 0o077 for path in (system.data, *system.data.rglob("*"))}
    assert len(modes) > 10
    assert {str(path): oct(mode) for path, mode in modes.items() if mode} == {}


@pytest.mark.parametrize("same", ["folder", "ports"])
def test_a_second_system_ends_and_says_why(system: EmbeddedSystem, tmp_path: Path, same: str) -> None:
    folder, base = (system.data, free_port_base()) if same == "folder" else (tmp_path / "other", system.base)
    process = second(folder, base, tmp_path / "second.log")
    assert process.wait(30) == 1, process.tail()
    assert f"the system in {system.data} runs" in process.output() or "Address already in use" in process.output()
    assert system.answers("participation") and system.processes["system"].running


@pytest.mark.parametrize("words", [["begin-epoch", "participation"], ["replay-from", "assessment", "participation"]])
def test_a_restore_of_a_store_that_is_not_there_makes_none(tmp_path: Path, words: list[str]) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "chassis.recovery.restore", *words]
    done = subprocess.run(command, cwd=ROOT, env={"QIHANG_DATA": str(tmp_path / "typo"), "PATH": ""},
                          capture_output=True,
                          text=True, timeout=60, check=False)  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("qihang: 没有这个库：")
    assert not (tmp_path / "typo").exists()


def test_nobody_begins_an_epoch_under_a_system_that_runs(system: EmbeddedSystem) -> None:
    words = [sys.executable, "-W", "ignore", "-m", "chassis.recovery.restore", "begin-epoch", "participation"]
    done = subprocess.run(words, cwd=ROOT, env={"QIHANG_DATA": str(system.data), "PATH": ""}, capture_output=True,
                          text=True, timeout=60, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (1, f"qihang: the system in {system.data} runs; stop it first\n")


def test_after_kill_9_the_folder_is_free(system: EmbeddedSystem) -> None:
    system.kill()
    system.start()
    assert system.answers("participation")
