"""Child processes and waiting, as the other tests use them."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.support.processes import Process, WaitTimeout, free_port_base, is_alive, wait_until

TALKER = "import sys,time; print('ready at 1', flush=True); time.sleep(60)"


def test_waiting_ends_with_the_answer() -> None:
    answers = iter([None, 0, "here"])
    assert wait_until(lambda: next(answers), 5) == "here"


def test_waiting_in_vain_says_what_for() -> None:
    with pytest.raises(WaitTimeout, match=r"0\.05 s still not: 3 rows, saw 2"):
        wait_until(lambda: False, 0.05, lambda: "3 rows, saw 2")


def test_a_child_is_read_and_stopped(tmp_path: Path) -> None:
    child = Process([sys.executable, "-c", TALKER], tmp_path / "log")
    assert child.wait_for_output("ready", 20) == "ready at 1"
    assert child.stop(20) == -signal.SIGTERM
    assert not is_alive(child.pid)


def test_a_child_that_ends_early_is_reported_at_once(tmp_path: Path) -> None:
    child = Process([sys.executable, "-c", "print('no such file'); exit(3)"], tmp_path / "log")
    with pytest.raises(AssertionError, match=r"(?s)ended with 3 .*no such file"):
        child.wait_for_output("ready", 20)


def test_kill_9_leaves_no_time_for_last_words(tmp_path: Path) -> None:
    script = "import atexit,sys,time; atexit.register(print, 'bye'); print('ready', flush=True); time.sleep(60)"
    child = Process([sys.executable, "-c", script], tmp_path / "log")
    child.wait_for_output("ready", 20)
    child.kill()
    assert child.returncode == -signal.SIGKILL
    assert "bye" not in child.output()


def test_a_second_child_may_write_to_the_same_log(tmp_path: Path) -> None:
    for word in ("first", "second"):
        child = Process([sys.executable, "-c", f"print({word!r})"], tmp_path / "log")
        assert child.wait(20) == 0
        assert child.output() == f"{word}\n"


def test_a_child_ends_with_whoever_started_it(tmp_path: Path) -> None:
    starter = (
        "import os, sys; from pathlib import Path; from tests.support.processes import Process;"
        f"child = Process([sys.executable, '-c', {TALKER!r}], Path({str(tmp_path / 'child')!r}));"
        "print(f'pid {child.pid}', flush=True); child.wait_for_output('ready', 20); os._exit(0)"
    )
    here = {"PYTHONPATH": os.pathsep.join(sys.path)}
    parent = Process([sys.executable, "-c", starter], tmp_path / "parent", env=here)
    pid = int(parent.wait_for_output("pid", 20).split()[1])
    parent.wait(20)
    wait_until(lambda: not is_alive(pid), 10, "the child is gone")


def test_neighbouring_ports_are_free() -> None:
    base = free_port_base(5)
    for port in range(base, base + 5):
        with socket.socket() as each:
            # as every server does: connections of an earlier one may linger
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            each.bind(("127.0.0.1", port))
