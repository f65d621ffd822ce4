"""Runs a module in a Python process without eventlet: CPU work over ~200 ms would starve heartbeats (hole 9)."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import eventlet
import eventlet.patcher
from eventlet.green import subprocess

_ROOT = Path(__file__).parents[2]


class ProcessFailed(RuntimeError):
    """The process failed; the message has the end of its stderr."""


HEARTBEAT_SECONDS = 5.0
# eventlet's Popen raises the class of its own copy of the module, which is not the one that it hands out
_TIMEOUT_ERRORS = (subprocess.TimeoutExpired, eventlet.patcher.original("subprocess").TimeoutExpired)


def run_module(
    module: str, *arguments: str, given: Any = None, seconds: float = 3600, heartbeat: Callable[[], None] | None = None
) -> Any:
    """The JSON that `python -m module arguments` prints, with `given` as JSON on stdin.  While it runs `heartbeat`
    is
    called every few seconds, so that the watchdog does not take the waiting loop for a hanging one; after `seconds` the
    process is killed.  ProcessFailed."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], env=plain_environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    beats = eventlet.spawn(call_regularly, heartbeat) if heartbeat else None
    try:
        out, err = process.communicate(json.dumps(given).encode(), timeout=seconds)
    except _TIMEOUT_ERRORS:
        process.kill()
        process.wait()
        raise ProcessFailed(f"{module} took longer than {seconds} s") from None
    finally:
        if beats is not None:
            beats.kill()
    if process.returncode != 0:
        raise ProcessFailed(f"{module}: {err.decode(errors='replace')[-500:]}")
    return json.loads(out)


def plain_environment() -> dict[str, str]:
    """The environment of a Python process that finds the same modules and does not wait in a hub."""
    environment = {k: v for k, v in os.environ.items() if k != "PSYCOPG_WAIT_FUNC"}
    environment["EVENTLET_NO_GREENDNS"] = "yes"  # a resolver that takes a fifth of a second to import, never asked
    environment["PYTHONPATH"] = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
    return environment


def call_regularly(heartbeat: Callable[[], None]) -> None:
    while True:
        eventlet.sleep(HEARTBEAT_SECONDS)
        heartbeat()
