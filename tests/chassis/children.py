"""Child processes of these tests: a script of their own, or a toy service under the real launcher."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.support.processes import Process

ROOT = Path(__file__).resolve().parents[2]


def python(script: str, log: Path, *arguments: str | os.PathLike[str], **environment: str) -> Process:
    """`python -c script arguments`, at the root of the project."""
    env = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore", **environment}
    return Process([sys.executable, "-c", script, *arguments], log, cwd=ROOT, env=env)
