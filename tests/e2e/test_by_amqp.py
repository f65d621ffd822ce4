"""The sample district in containers, sent by AMQP from outside: the figures are exact."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.conftest import Install
from tests.e2e.test_district_server import SAMPLES, assert_figures
from tests.support.reported import events_of, shuffled, write


def test_the_figures_after_all_was_sent_by_amqp(install: Install, tmp_path: Path) -> None:
    server = install("amqp")
    server.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    details = server.qihang("publisher", "add", "schools", "--types", "qihang.*").splitlines()
    given = dict(line.split(": ", 1) for line in details if ": " in line)
    address = f"amqp://schools:{given['password']}@127.0.0.1:{server.amqp_port}/qihang"
    events = write(shuffled(events_of(SAMPLES / "district", "schools"), seed=7), tmp_path / "events.jsonl")
    server.qihang("publish", events, "--amqp", address)
    server.qihang("settle")
    server.qihang("import", SAMPLES / "district" / "corrections.csv")
    assert_figures(server, tmp_path)
