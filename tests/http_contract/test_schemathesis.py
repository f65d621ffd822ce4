"""Every service keeps its own OpenAPI document, asked by schemathesis for what it allows and for what it forbids
(`sent_once.py`: which of these it does not send)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.system import PORTS, SAMPLES, SERVICES, EmbeddedSystem

pytestmark = pytest.mark.endurance

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
HOOKS = Path(__file__).with_name("sent_once.py")
EXAMPLES, SEED = 2, 20221202
SHARED = ("operator", "head", "quarantine", "security")
"""The tags of the routes that all services have from the chassis: one service is asked."""
ALIKE = tuple({"$ref": f"#/components/parameters/{name}"} for name in ("Correlation", "After"))
"""Headers that every route takes, read before its handler by what all have in common: one reading and one writing route
of each service are asked what becomes of them, good and bad."""
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
    address = f"http://127.0.0.1:{system.base + PORTS[service]}"
    document = tmp_path / "openapi.json"
    document.write_text(
        json.dumps(with_shared_headers_once(requests.get(f"{address}/openapi.json", timeout=30).json()))
    )
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIGURATION, "run", document, "--url", address),
        *("--header", f"Authorization: Bearer {system.token}", "--checks", "all", "--phases", "coverage,fuzzing"),
        *(word for name in OF_TUS for word in ("--exclude-operation-id", name)),
        *("--max-examples", str(EXAMPLES), "--seed", str(SEED), "--no-shrink", "--continue-on-failure"),
        *(() if service == SERVICES[0] else (word for tag in SHARED for word in ("--exclude-tag", tag))),
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, timeout=900, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-20_000:]}\n{done.stderr[-2000:]}\n{system.logs()}"


def with_shared_headers_once(document: dict[str, Any]) -> dict[str, Any]:
    """Its shared headers stand at the first reading and the first writing route of the service's own alone."""
    left = {True, False}
    for method, operation in operations_of(document):
        assert ALIKE[0] in operation["parameters"], "a route without what all have in common"
        reads = method == "get"
        if not {*SHARED} & {*operation["tags"]} and ALIKE[1] in operation["parameters"] and reads in left:
            left.remove(reads)
        else:
            operation["parameters"] = [each for each in operation["parameters"] if each not in ALIKE]
    assert not left
    return document


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in document["paths"].values():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                yield method, operation
