"""Runs a module in a plain Python process of its own: CPU work over ~200 ms would starve heartbeats (hole 9)."""

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
    """The process ended badly; the message bears the end of what it said on stderr."""


PULSE_SECONDS = 5.0
# eventlet's Popen raises the class of its own copy of the module, which is not the one that it hands out
_TOO_LONG = (subprocess.TimeoutExpired, eventlet.patcher.original("subprocess").TimeoutExpired)


def run_module(
    module: str, *arguments: str, given: Any = None, seconds: float = 3600, alive: Callable[[], None] | None = None
) -> Any:
    """The JSON that `python -m module arguments` prints, with `given` as JSON on its stdin.  While it runs `alive` is
    called every few seconds, so that a loop that waits for it is not taken for one that hangs; after `seconds` it is
    ended.  ProcessFailed."""
    environment = {k: v for k, v in os.environ.items() if k != "PSYCOPG_WAIT_FUNC"}
    environment["EVENTLET_NO_GREENDNS"] = "yes"  # a resolver that takes a fifth of a second to import, never asked
    environment["PYTHONPATH"] = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    heart = eventlet.spawn(_beat, alive) if alive else None
    try:
        out, err = process.communicate(json.dumps(given).encode(), timeout=seconds)
    except _TOO_LONG:
        process.kill()
        process.wait()
        raise ProcessFailed(f"{module} took longer than {seconds} s") from None
    finally:
        if heart is not None:
            heart.kill()
    if process.returncode != 0:
        raise ProcessFailed(f"{module}: {err.decode(errors='replace')[-500:]}")
    return json.loads(out)


def _beat(alive: Callable[[], None]) -> None:
    while True:
        eventlet.sleep(PULSE_SECONDS)
        alive()
