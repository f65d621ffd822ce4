"""Every service keeps its own OpenAPI document, asked by schemathesis for what it allows and for what it forbids."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.system import PORTS, SAMPLES, SERVICES, EmbeddedSystem

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
EXAMPLES, SEED = 2, 20221202
SHARED = "operator"  # the tag of the routes that all services have: one of them is asked
OF_TUS = ("begin_upload", "continue_upload")
"""Their bodies' media type is one that schemathesis cannot write."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedSystem]:
    system = EmbeddedSystem(tmp_path_factory.mktemp("http_contract") / "system").start()
    system.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    yield system
    system.discard()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_keeps_what_its_document_says(system: EmbeddedSystem, service: str, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{system.base + PORTS[service]}/openapi.json"
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIGURATION, "run", address),
        *("--header", f"Authorization: Bearer {system.token}", "--checks", "all", "--phases", "coverage,fuzzing"),
        *(word for name in OF_TUS for word in ("--exclude-operation-id", name)),
        *("--max-examples", str(EXAMPLES), "--seed", str(SEED), "--no-shrink", "--continue-on-failure"),
        *(() if service == SERVICES[0] else ("--exclude-tag", SHARED)),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, f"{done.stdout[-20_000:]}\n{done.stderr[-2000:]}\n{system.logs()}"
