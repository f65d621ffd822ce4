"""Runs a module in a subprocess without eventlet, for CPU work of more than about 200 ms, which would otherwise delay
AMQP heartbeats (docs/architecture.md, hole 9)."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eventlet
import eventlet.patcher
from eventlet.green import subprocess

from chassis.process.run_limited import OUT_OF_MEMORY

_ROOT = Path(__file__).parents[2]


class ProcessFailed(RuntimeError):
    """The process ended with an error; the message contains the end of its stderr."""


class LimitReached(ProcessFailed):
    """The process exceeded its limit of memory or time, or was killed by a signal."""


@dataclass(frozen=True)
class Limits:
    """What a subprocess may use: memory in bytes, processor time in seconds.  Core dumps are off."""

    memory: int
    cpu_seconds: int


HEARTBEAT_SECONDS = 5.0
# eventlet's Popen raises the class of its own copy of the module, which is not the one that it hands out
_TIMEOUT_ERRORS = (subprocess.TimeoutExpired, eventlet.patcher.original("subprocess").TimeoutExpired)


def run_module(
    module: str, *arguments: str, given: Any = None, seconds: float = 3600, heartbeat: Callable[[], None] | None = None
) -> Any:
    """Run `python -m module arguments` with `given` as JSON on stdin; returns the JSON that it prints.

    `heartbeat` is called every few seconds meanwhile, so that the watchdog does not take the waiting loop for a hanging
    one.  Raises ProcessFailed when it ends with an error, LimitReached when it is killed after `seconds`."""
    return json.loads(run_bytes(module, *arguments, given=json.dumps(given).encode(), seconds=seconds,
                                heartbeat=heartbeat))  # fmt: skip


def run_bytes(
    module: str, *arguments: str, given: bytes = b"", seconds: float = 3600, limits: Limits | None = None,
    heartbeat: Callable[[], None] | None = None,
) -> bytes:  # fmt: skip
    """As `run_module`, with bytes on stdin and stdout, and under limits where they are given."""
    runner = ["chassis.process.run_limited", str(limits.memory), str(limits.cpu_seconds)] if limits else []
    process = subprocess.Popen(
        [sys.executable, "-m", *runner, module, *arguments], env=plain_environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        with beating(heartbeat):
            out, err = process.communicate(given, timeout=seconds)
    except _TIMEOUT_ERRORS:
        raise LimitReached(f"{module} took longer than {seconds} s") from None
    finally:
        if process.poll() is None:  # whoever waited was ended: nobody will read the answer
            process.kill()
            process.wait()
    check_ended_well(module, process.returncode, err.decode(errors="replace"), limits is not None)
    result: bytes = out
    return result


def check_ended_well(module: str, code: int, error: str, limited: bool) -> None:
    """Raise for an exit code other than 0: LimitReached where the process ran under limits and was killed or ran out of
    memory, otherwise ProcessFailed with the end of `error` (its stderr)."""
    if limited and (code < 0 or code == OUT_OF_MEMORY):
        raise LimitReached(f"{module} ended with {code}")
    if code != 0:
        raise ProcessFailed(f"{module}: {error[-500:] or code}")


def plain_environment() -> dict[str, str]:
    """Environment variables for a Python subprocess that imports the same modules but does not use eventlet."""
    environment = {k: v for k, v in os.environ.items() if k != "PSYCOPG_WAIT_FUNC"}
    environment["EVENTLET_NO_GREENDNS"] = "yes"  # a resolver that takes a fifth of a second to import, never asked
    environment["PYTHONPATH"] = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
    return environment


@contextlib.contextmanager
def beating(heartbeat: Callable[[], None] | None) -> Iterator[None]:
    """Call `heartbeat`, where there is one, every HEARTBEAT_SECONDS while the block runs."""
    beats = eventlet.spawn(_call_regularly, heartbeat) if heartbeat else None
    try:
        yield
    finally:
        if beats is not None:
            beats.kill()


def _call_regularly(heartbeat: Callable[[], None]) -> None:
    while True:
        eventlet.sleep(HEARTBEAT_SECONDS)
        heartbeat()
