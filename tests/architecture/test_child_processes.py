"""What is started again and again loads only what it needs: its caller waits for it."""

import subprocess
import sys

import pytest

from tests.architecture.kept import ROOT

READING = {"alembic", "marshmallow", "nameko", "requests", "structlog"}
FOREIGN = {
    "services.reading.read_file": {"contracts", "duties", "eventlet", "marshmallow", "sqlalchemy"},
    "services.notifications.digests.decision": READING,
    "services.assessment.scores.score_run": READING,
    "services.assessment.scores.score_worker": READING,
    "services.assessment.freezes.difference_run": READING,
    "services.assessment.commendation.commendation_run": READING,
    "console.app": {"chassis", "nameko", "openpyxl"},
}


@pytest.mark.parametrize("module", FOREIGN)
def test_a_child_process_loads_nothing_that_it_never_needs(module: str) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    child = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in child.stdout.split()}
    assert module.partition(".")[0] in loaded and loaded & FOREIGN[module] == set()
