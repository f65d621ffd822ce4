"""Runs subjects as child processes in interleaved rounds and takes medians; bounded in time, ended by their own pid."""

import contextlib
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.processes import Process

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 180.0
LONG_LIMIT = 3600.0

Figures = dict[str, Any]


class SubjectFailed(RuntimeError):
    """A subject ended badly; the message has the end of its output."""


def subject(name: str, /, **order: Any) -> Figures:
    """What `benchmarks.subjects.NAME` measured for that order."""
    child = begin(name, **order)
    return finish(child, name, LONG_LIMIT if name in ("growing", "province", "progress") else LIMIT)


def begin(name: str, /, **order: Any) -> "subprocess.Popen[str]":
    """The same, not waited for: for subjects that work together."""
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", f"benchmarks.subjects.{name}"], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None
    child.stdin.write(json.dumps(order))
    child.stdin.close()
    child.stdin = None
    return child


def finish(child: "subprocess.Popen[str]", name: str, limit: float = LIMIT) -> Figures:
    try:
        out, err = child.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        child.kill()
        raise SubjectFailed(f"{name} took longer than {limit:g} s") from None
    if child.returncode:
        raise SubjectFailed(f"{name} ended with {child.returncode}: {err[-2000:]}")
    result: Figures = json.loads(out.splitlines()[-1])
    return result


def answer(**figures: Any) -> None:
    """A subject's last words; `rss` is the most memory that it ever held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"rss": peak, **figures}) + "\n")
    sys.stdout.flush()


def order() -> Figures:
    """A subject's order."""
    result: Figures = json.load(sys.stdin)
    return result


def rounds(count: int, runs: Mapping[str, Callable[[], Figures]]) -> dict[str, list[Figures]]:
    """Every run once a round, in turn, so that what else the machine does falls on all of them."""
    result: dict[str, list[Figures]] = {name: [] for name in runs}
    for number in range(count):
        for name, run in runs.items():
            began = time.monotonic()
            figures = run()
            result[name].append(figures)
            shown = ", ".join(f"{k} {v:.5g}" for k, v in figures.items() if isinstance(v, (int, float)))
            log(f"  {number + 1}/{count} {name}: {shown}  ({time.monotonic() - began:.0f} s)")
    return result


def median(result: Sequence[Figures], key: str) -> float:
    return statistics.median(item[key] for item in result)


def spread(result: Sequence[Figures], key: str) -> list[float]:
    return sorted(item[key] for item in result)


def peak_of(pid: int) -> float:
    """The most memory that a process ever held, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def processor_seconds(processes: Iterable[Process]) -> float:
    """What these processes and their children have used so far, a figure that a busy machine moves little."""
    pids = {process.pid for process in processes if process.running}
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            fields = path.read_text().rpartition(")")[2].split()
            if int(path.parent.name) in pids or int(fields[1]) in pids:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def log(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def machine() -> dict[str, Any]:
    """Where it ran, as far as figures depend on it."""
    return {"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": sys.version.split()[0]}
