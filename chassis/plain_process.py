"""Runs a module in a plain Python process of its own: CPU work over ~200 ms would starve heartbeats (hole 9)."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from eventlet.green import subprocess

_ROOT = Path(__file__).parent.parent


class ProcessFailed(RuntimeError):
    """The process ended badly; the message bears the end of what it said on stderr."""


def run(module: str, *arguments: str, given: Any = None, seconds: int = 3600) -> Any:
    """The JSON that `python -m module arguments` prints, with `given` as JSON on its stdin.  ProcessFailed."""
    environment = {k: v for k, v in os.environ.items() if k != "PSYCOPG_WAIT_FUNC"}
    environment["EVENTLET_NO_GREENDNS"] = "yes"  # a resolver that takes a fifth of a second to import, never asked
    environment["PYTHONPATH"] = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = process.communicate(json.dumps(given).encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise ProcessFailed(f"{module} took longer than {seconds} s") from None
    if process.returncode != 0:
        raise ProcessFailed(f"{module}: {err.decode(errors='replace')[-500:]}")
    return json.loads(out)
