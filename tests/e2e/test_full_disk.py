"""A disk filled and freed under load in containers: health turns and turns back, whoever imports reads why, nothing is
lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Install, Installation
from tests.e2e.test_district_server import SAMPLES, SERVICES, assert_figures, assert_same
from tests.support.processes import wait_until
from tests.support.small_disk import SmallDisk

FULL = {"disk_full", "no_connection"}
"""PostgreSQL itself ends, and is started again and again, when its log has no room."""


@pytest.fixture(scope="module")
def disk() -> Iterator[SmallDisk]:
    disk = SmallDisk(320)
    yield disk
    disk.discard()


@pytest.fixture(scope="module")
def server(disk: SmallDisk, install: Install) -> Installation:
    environment = {"QIHANG_SMALL_DISK": str(disk.place),
                   "QIHANG_COMPOSE_FILES": "tests/e2e/small-disk.yml"}  # fmt: skip
    server = install("disk", environment)
    server.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    return server


def health(server: Installation, service: str) -> dict[str, Any]:
    result: dict[str, Any] = server.inspect()[service]["State"]["Health"]
    return result


def rows_decided(server: Installation) -> bool:
    _, status = server.ask("/s/participation/api/status")
    heads = (status or {}).get("heads")  # none while the service is too busy to say
    return bool(heads) and int(heads[0]["position"]) > 200


def test_a_disk_that_is_filled_and_freed_under_load(
    server: Installation, disk: SmallDisk, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    wait_until(lambda: health(server, "participation")["Status"] == "healthy", 60, "Docker has looked")
    importing = server.start("import", SAMPLES / "district", "--results", tmp_path, "--patience", "600")
    wait_until(lambda: rows_decided(server), 120, "the import is under way")
    disk.fill()
    began = time.monotonic()
    assert importing.poll() is None, "under load"
    wait_until(lambda: health(server, "participation")["Status"] == "unhealthy", 90, "Docker shows it")
    record_property("unhealthy_after_seconds", round(time.monotonic() - began))
    shown = health(server, "participation")["Log"][-1]["Output"]
    assert any(word in shown for word in FULL), shown
    status = server.run("status")
    assert status.returncode in (3, 4), status
    assert any(f"（{word}）" in status.stdout for word in FULL), status.stdout
    disk.free()
    began = time.monotonic()
    wait_until(lambda: all(health(server, name)["Status"] == "healthy" for name in SERVICES), 120, "it turns back")
    record_property("healthy_after_seconds", round(time.monotonic() - began))
    _, errors = importing.communicate(timeout=600)
    assert importing.returncode == 0, errors
    assert_same(tmp_path, "import.csv", "refused.csv")
    server.qihang("settle")
    assert_figures(server, tmp_path)
    assert "intact" in server.qihang("verify")
    assert json.loads(server.qihang("quarantine", "list", "--json")) == []
