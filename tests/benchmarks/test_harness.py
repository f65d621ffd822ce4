"""The benchmarks run, with numbers too small to mean anything, so that none is found broken when it is wanted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


SCALES = {"appending": "0.02", "consuming": "0.1", "importing": "0.01", "pages": "0.01"}
# consuming is measured from the first batch on: more than one


@pytest.mark.parametrize("suite", SCALES)
def test_a_suite_runs_and_writes_its_figures(suite: str, tmp_path: Path) -> None:
    if suite == "appending":
        pytest.importorskip("eventsourcing", reason="comes with `make bench`")
    words = [suite, "--rounds", "1", "--scale", SCALES[suite], "--out", str(tmp_path)]
    done = subprocess.run([sys.executable, "-W", "ignore", "-m", "benchmarks", *words], cwd=ROOT, text=True,
                          capture_output=True, timeout=300, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    (written,) = tmp_path.glob("*.json")
    lines = json.loads(written.read_text())["lines"]
    assert lines
    assert all(line["value"] > 0 for line in lines)
