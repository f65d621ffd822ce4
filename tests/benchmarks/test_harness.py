"""The benchmarks run, with numbers too small to mean anything, so that none is found broken when it is wanted.

In this process, on its servers: a process of their own would load all that they start anew, and start a broker."""

import json
from pathlib import Path

import pytest

from tests.support.postgres import Postgres
from tests.support.rabbitmq import RabbitMQ

pytestmark = pytest.mark.endurance

SCALES = {"appending": "0.02", "consuming": "0.1", "importing": "0.01", "pages": "0.01"}
# consuming is measured from the first batch on: more than one


@pytest.mark.parametrize("suite", SCALES)
def test_a_suite_runs_and_writes_its_figures(
    suite: str, tmp_path: Path, postgres: Postgres, request: pytest.FixtureRequest
) -> None:
    if suite == "appending":
        pytest.importorskip("eventsourcing", reason="comes with `make bench`")
    from benchmarks.__main__ import main  # its subjects load all services
    from benchmarks.workspace import Workspace

    workspace = Workspace()
    workspace.postgres = postgres
    if suite == "consuming":
        rabbitmq: RabbitMQ = request.getfixturevalue("rabbitmq")
        workspace.rabbitmq = rabbitmq
    assert main([suite, "--rounds", "1", "--scale", SCALES[suite], "--out", str(tmp_path)], workspace) == 0
    (written,) = tmp_path.glob("*.json")
    lines = json.loads(written.read_text())["lines"]
    assert lines
    assert all(line["value"] > 0 for line in lines)
