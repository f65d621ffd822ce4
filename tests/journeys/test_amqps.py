"""An outside system reaches the broker by TLS with what `qihang publisher add` printed, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import kombu
import pytest

from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import report_events, unit
from tests.support.publisher_client import Publisher, register_publisher
from tests.support.reported import event
from tests.support.system import DistrictSystem

pytestmark = pytest.mark.parametrize("way", ["district"], indirect=True)


@pytest.fixture
def office(small_system: AnySystem, tmp_path: Path) -> Publisher:
    name = tmp_path.name.replace("_", "-").lower()
    given = register_publisher(small_system, name, "--types", "qihang.*", "--sources", tmp_path.name)
    (tmp_path / "qihang-ca.pem").write_text(given.ca)
    return given


def test_the_command_that_is_printed_signs_in_and_shows_the_queue(office: Publisher, tmp_path: Path) -> None:
    def tried(command: str) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(["bash", "-c", command], cwd=tmp_path, env={**os.environ, "PATH": path}, text=True,
                              capture_output=True, timeout=60, check=False)  # fmt: skip

    shown = tried(office.to_try)
    assert shown.returncode == 0 and f"queue=qihang.receipts.{office.name}" in shown.stdout, shown.stderr[-2000:]
    untrusting = tried(office.to_try.replace("SSL_CERT_FILE=qihang-ca.pem ", ""))
    assert untrusting.returncode and "CERTIFICATE_VERIFY_FAILED" in untrusting.stderr


def test_a_report_by_tls_gets_its_receipt(small_system: AnySystem, office: Publisher, tmp_path: Path) -> None:
    assert isinstance(small_system, DistrictSystem)
    assert office.amqps_url.partition("@")[2].partition("/")[0] == small_system.rabbitmq.tls_address
    assert report_events(small_system, unit("X009")) == ["accepted"]
    row = {"person_id": "P00909", "name": "示例教师", "role": "teacher", "unit_id": "X009", "from": "2015-09-01"}
    report = event("membership.reported", "tls-1", **row) | {"source": tmp_path.name}
    trust = {"ca_certs": str(tmp_path / "qihang-ca.pem"), "server_hostname": "127.0.0.1"}
    receipts: list[dict[str, Any]] = []

    def take(message: Any) -> None:
        receipts.append(json.loads(message.body)["data"])
        message.ack()

    with kombu.Connection(office.amqps_url, ssl=trust, transport_options={"confirm_publish": True}) as connection:
        connection.Producer(auto_declare=False).publish(
            json.dumps(report).encode(), exchange=f"qihang.intake.{office.name}", routing_key=report["type"],
            content_type="application/cloudevents+json", content_encoding="utf-8", user_id=office.name,
            delivery_mode=2, confirm_timeout=30,
        )  # fmt: skip
        queue = kombu.Queue(f"qihang.receipts.{office.name}")
        with connection.Consumer([queue], on_message=take, auto_declare=False):
            connection.drain_events(timeout=30)
    assert [(each["id"], each["outcome"]) for each in receipts] == [(report["id"], "accepted")]
