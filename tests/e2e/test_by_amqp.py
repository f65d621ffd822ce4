"""The sample district in containers, sent by AMQP from outside, by TLS as a district publishes it: the figures are
exact; and from there, by webhook, to a system of the district's own network."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.e2e.conftest import ROOT, Install, Installation, free_port, host_address, newest_broker
from tests.e2e.test_district_server import SAMPLES, assert_figures
from tests.support.processes import wait_until
from tests.support.reported import events_of, shuffled, write
from tests.support.webhook_receiver import WebhookReceiver, is_signed, receiving

UNITS = ("X001", "X002")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an authority that only this district knows."""
    folder = tmp_path_factory.mktemp("certificates")
    make = [ROOT / "deploy" / "make-broker-certificate", "--folder", folder, host_address()]
    subprocess.run(list(map(os.fspath, make)), check=True, capture_output=True, timeout=60)
    return folder


@pytest.fixture(scope="module")
def receiver(certificates: Path) -> Iterator[WebhookReceiver]:
    """On this machine's own address, which containers reach only by a way out."""
    pair = (certificates / "amqps.pem", certificates / "amqps.key")
    with receiving(certificate=pair, host=host_address()) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def address() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def server(install: Install, certificates: Path, address: str) -> Installation:
    host, _, port = address.partition(":")
    return install("amqp", {
        "QIHANG_COMPOSE_FILES": "deploy/amqps.yml deploy/webhooks.yml",
        "QIHANG_AMQPS_ADDRESS": address, "QIHANG_AMQPS_BIND": host, "QIHANG_AMQPS_PORT": port, **newest_broker(),
    }, **{"webhook-ca_pem": (certificates / "amqps-ca.pem").read_text()})  # fmt: skip


@pytest.fixture(scope="module")
def webhook(server: Installation, receiver: WebhookReceiver) -> SimpleNamespace:
    """A subscription that is posted what happens to two units, there before anything is reported."""
    server.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    url = f"https://{host_address()}:{receiver.port}/hook"
    words = ["--types", "unit.registered", "--units", *UNITS, "--webhook", url]
    printed = server.qihang("subscription", "add", "screen", *words)
    return SimpleNamespace(secret=printed.partition("secret: ")[2].split()[0], receiver=receiver)


def test_the_figures_after_all_was_sent_by_amqp(
    server: Installation, webhook: SimpleNamespace, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {name: set(ports) for name, ports in server.published().items()} == {
        "console": {"8000/tcp"}, "rabbitmq": {"5671/tcp"}}  # fmt: skip
    details = server.qihang("publisher", "add", "schools", "--types", "qihang.*").splitlines()
    given = dict(line.split(": ", 1) for line in details if ": " in line)
    assert given["amqps"] == address
    monkeypatch.setenv("SSL_CERT_FILE", str(server.secrets / "amqps-ca.pem"))
    events = write(shuffled(events_of(SAMPLES / "district", "schools"), seed=7), tmp_path / "events.jsonl")
    server.qihang("publish", events, "--amqp", f"amqps://schools:{given['password']}@{address}/{given['vhost']}")
    server.qihang("settle")
    server.qihang("import", SAMPLES / "district" / "corrections.csv")
    assert_figures(server, tmp_path)


def test_a_signed_webhook_reaches_the_districts_own_network(server: Installation, webhook: SimpleNamespace) -> None:
    """After the test before, which reports the units: over TLS by the district's authority, out of a container that has
    no other way out than deploy/webhooks.yml gives it."""
    taken = webhook.receiver.received
    wait_until(lambda: len(taken) == len(UNITS), 60, lambda: server.qihang("subscription", "list"))
    assert sorted(event["data"]["unit_id"] for event in taken) == sorted(UNITS)
    asked, *posted = webhook.receiver.requests
    assert asked[0] == "OPTIONS" and asked[1]["webhook-request-origin"] == "qihang.e2e"
    assert len(posted) == len(UNITS)
    assert all(method == "POST" and is_signed(headers, body, webhook.secret) for method, headers, body in posted)
    wait_until(lambda: f"已推送 {len(UNITS)} 个" in server.qihang("subscription", "list"), 60, "it is written down")
    listed = server.qihang("subscription", "list")
    assert "，正常" in listed and "受阻" not in listed
