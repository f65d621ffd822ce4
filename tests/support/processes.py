"""Child processes under a test's control, and waiting for a condition instead of sleeping."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

T = TypeVar("T")
LONGEST_INTERVAL = 0.25
"""Seconds between two looks at what takes long, where a test asks for no longer ones."""


class WaitTimeout(AssertionError):
    """What was awaited did not come within its limit."""


def wait_until(
    condition: Callable[[], T],
    limit: float = 30.0,
    message: str | Callable[[], str] = "condition",
    interval: float = 0.02,
) -> T:
    """Call `condition` until it answers something true, and return that.

    `limit` and `interval` are seconds; what takes longer is asked for less often, since asking takes processor time
    from what is awaited (not with an interval of 0, for a condition that waits by itself).  `message` says what was
    awaited; as a function it is called on failure, so that it can show the state of that moment.
    """
    began = time.monotonic()
    deadline = began + limit
    while True:
        answer = condition()
        if answer:
            return answer
        now = time.monotonic()
        if now >= deadline:
            text = message() if callable(message) else message
            raise WaitTimeout(f"after {limit:g} s still not: {text}")
        time.sleep(max(interval, min((now - began) / 10, LONGEST_INTERVAL)) if interval else 0)


def free_ports(count: int) -> list[int]:
    """Loopback TCP ports that were free a moment ago; whoever binds one must be ready to find it taken."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def free_port_base(count: int = 5) -> int:
    """The first of `count` neighbouring loopback ports, all free, for `qihang up --embedded --port-base`."""
    # Below the kernel's ephemeral range (32768 and up), so that no outgoing connection takes one in between.
    first = 20000 + os.getpid() * 7919 % 1000 * 10  # neighbours by pid begin far from each other
    for base in list(range(first, 32000, count)) + list(range(20000, first, count)):
        if all(_is_free(port) for port in range(base, base + count)):
            return base
    raise RuntimeError(f"no {count} neighbouring free ports between 20000 and 32000")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Child(Protocol):
    """What a Process needs of its child, as Popen has it."""

    pid: int

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """subprocess.TimeoutExpired."""

    def send_signal(self, number: signal.Signals) -> None:
        """Does nothing once the child has ended."""


def tied_to_this_thread(args: Sequence[str], death_signal: str = "KILL", prefix: Sequence[str] = ()) -> list[str]:
    """The command, so that the kernel sends it this signal when the thread that starts it ends.

    setpriv clears the death signal when it changes the user, unless it sets it itself afterwards.
    """
    leash = ["setpriv", "--pdeathsig", death_signal, *prefix, "--"] if shutil.which("setpriv") else []
    return [*leash, *args]


class Process:
    """One child: started at once, its output in a file, ended by its own pid and nothing else.

    On Linux the kernel kills the child when the thread that started it ends, so that an aborted test run leaves
    nothing behind: start processes from the main thread.
    """

    def __init__(
        self,
        args: Sequence[str | os.PathLike[str]],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        prefix: Sequence[str] = (),
        death_signal: str = "KILL",
    ) -> None:
        """`env` is added to this process's environment; `prefix` changes privileges (setpriv ... --)."""
        self._begin(args, log)
        with log.open("ab") as out:
            self._child: Child = subprocess.Popen(
                tied_to_this_thread(self.args, death_signal, prefix),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                start_new_session=True,  # a Ctrl-C at the terminal ends the tests, which then end the child
            )

    def _begin(self, args: Sequence[str | os.PathLike[str]], log: Path) -> None:
        self.args = [os.fspath(arg) for arg in args]
        self.log = log
        self.name = Path(self.args[0]).name
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self._start_of_log = out.tell()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; minus the signal's number when a signal ended it."""
        return self._child.poll()

    @property
    def running(self) -> bool:
        return self.returncode is None

    def output(self) -> str:
        """What this child has written so far (not what an earlier one left in the same file)."""
        with self.log.open("rb") as file:
            file.seek(self._start_of_log)
            return file.read().decode("utf-8", "replace")

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.output().splitlines()[-lines:])

    def wait_for_output(self, text: str, limit: float = 60.0) -> str:
        """Wait for a line that contains `text` and return it; fails at once when the child ends before."""

        def matches() -> str | None:
            ended = not self.running
            for line in self.output().splitlines():
                if text in line:
                    return line
            if ended:
                raise AssertionError(f"{self.name} ended with {self.returncode} before {text!r}:\n{self.tail()}")
            return None

        line = wait_until(matches, limit, lambda: f"{text!r} in the output of {self.name}:\n{self.tail()}")
        assert line is not None
        return line

    def wait(self, limit: float = 30.0) -> int:
        """Wait until it ends by itself; its exit code."""
        try:
            return self._child.wait(limit)
        except subprocess.TimeoutExpired:
            raise WaitTimeout(f"after {limit:g} s {self.name} still runs:\n{self.tail()}") from None

    def signal(self, number: signal.Signals) -> None:
        self._child.send_signal(number)  # does nothing once the child was reaped, so no stranger is ever hit

    def stop(self, limit: float = 30.0) -> int:
        """SIGTERM, and fail when that does not end it; its exit code."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(limit)
        except WaitTimeout:
            self.kill()
            raise

    def kill(self) -> None:
        """kill -9: no last words, no clean-up."""
        self.signal(signal.SIGKILL)
        self._child.wait()

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)


def children_of(pid: int) -> list[int]:
    """The direct children of a process of ours, from /proc."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """Whether that pid runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
