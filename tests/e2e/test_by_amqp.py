"""The sample district in containers, sent by AMQP from outside, by TLS as a district publishes it: the figures are
exact."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Install
from tests.e2e.test_district_server import SAMPLES, assert_figures
from tests.support.processes import free_ports
from tests.support.reported import events_of, shuffled, write


def test_the_figures_after_all_was_sent_by_amqp(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
    server = install("amqp", {
        "QIHANG_COMPOSE_FILES": "deploy/amqps.yml tests/e2e/often.yml", "QIHANG_AMQPS_ADDRESS": address,
        "QIHANG_AMQPS_BIND": "127.0.0.1", "QIHANG_AMQPS_PORT": str(port),
    })  # fmt: skip
    assert {name: set(ports) for name, ports in server.published().items()} == {
        "console": {"8000/tcp"}, "rabbitmq": {"5671/tcp"}}  # fmt: skip
    server.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    details = server.qihang("publisher", "add", "schools", "--types", "qihang.*").splitlines()
    given = dict(line.split(": ", 1) for line in details if ": " in line)
    assert given["amqps"] == address
    monkeypatch.setenv("SSL_CERT_FILE", str(server.secrets / "amqps-ca.pem"))
    events = write(shuffled(events_of(SAMPLES / "district", "schools"), seed=7), tmp_path / "events.jsonl")
    server.qihang("publish", events, "--amqp", f"amqps://schools:{given['password']}@{address}/{given['vhost']}")
    server.qihang("settle")
    server.qihang("import", SAMPLES / "district" / "corrections.csv")
    assert_figures(server, tmp_path)
