"""The Python that forks what services under test start is, for them, like the real one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import forks
from tests.support.processes import is_alive, wait_until

MODULE = "tests.support_check.forked_program"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forks")
    return forks.forking_python(folder, {MODULE: (MODULE,)})


def started(python: Path, folder: Path, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [python, "-m", MODULE, *words], cwd=folder, env={"PYTHONPATH": str(forks.ROOT), "WHOSE": "mine"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_it_gets_words_folder_environment_and_input_and_its_output_comes_back(python: Path, tmp_path: Path) -> None:
    out, error = started(python, tmp_path, "shows", "ä b").communicate(b"given", timeout=60)
    shown = json.loads(out)
    assert shown.pop("parent") != shown.pop("pid")
    assert shown == {"words": ["shows", "ä b"], "folder": str(tmp_path), "given": "given", "whose": "mine",
                     "name": "__main__"}  # fmt: skip
    assert error == b"said\n"


@pytest.mark.parametrize("code", [0, 7])
def test_it_ends_as_the_fork_does(python: Path, tmp_path: Path, code: int) -> None:
    assert started(python, tmp_path, "ends", str(code)).wait(60) == code


def test_an_error_is_one_as_ever(python: Path, tmp_path: Path) -> None:
    child = started(python, tmp_path, "ends", "no number")
    _, error = child.communicate(timeout=60)
    assert child.returncode == 1 and b"ValueError" in error


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_the_fork_dies_of_is_what_it_died_of(python: Path, tmp_path: Path, number: signal.Signals) -> None:
    assert started(python, tmp_path, "dies", str(number.value)).wait(60) == -number


def test_sigterm_is_the_forks(python: Path, tmp_path: Path) -> None:
    child = started(python, tmp_path, "waits")
    assert child.stdout is not None
    int(child.stdout.readline())
    child.terminate()
    assert child.wait(60) == 5, "the fork handles it, and ends with a code of its own"


def test_killed_it_takes_the_fork_along(python: Path, tmp_path: Path) -> None:
    child = started(python, tmp_path, "waits")
    assert child.stdout is not None
    fork = int(child.stdout.readline())
    assert fork != child.pid and is_alive(fork)
    child.kill()
    wait_until(lambda: not is_alive(fork), 30, "the fork is gone")
    assert child.stdout.read() == b""


def test_its_pipe_ends_with_it(python: Path, tmp_path: Path) -> None:
    """Other forks and the server hold nothing of it."""
    other = started(python, tmp_path, "waits")
    child = started(python, tmp_path, "closes")
    assert child.stdout is not None
    assert child.stdout.read() == b"", "while it still runs"
    assert child.poll() is None
    for each in (child, other):
        each.kill()
        each.wait()


def test_what_is_not_loaded_runs_in_the_real_python(python: Path, tmp_path: Path) -> None:
    words = [python, "-c", "import sys; print(sys.executable)"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == sys.executable


def test_whatever_a_service_starts_is_forked() -> None:
    """It takes a tenth of a second of processor time to load, with its tables most of one."""
    files = {".".join(path.relative_to(forks.ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
             for path in (forks.ROOT / "services").rglob("*.py")}  # fmt: skip
    started = {name for name, text in files.items() if '__name__ == "__main__"' in text}
    assert started == {*forks.RUNS, *forks.OPENS_FILES}
