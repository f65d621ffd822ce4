"""An operator rebuilds every service's rows while the system answers; nothing that anybody sees has changed."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.journeys.conftest import FIGURES, AnySystem, reported
from tests.support.processes import Process
from tests.support.reported import event
from tests.support.stores import digests
from tests.support.system import ROOT, SERVICES


def test_the_rows_and_figures_are_the_same_after(sample_system: AnySystem, tmp_path: Path) -> None:
    before = digests(sample_system)
    assert before["participation.records"].startswith("5978 ")
    for service in SERVICES:
        assert "events per second" in sample_system.qihang("rebuild", service)
    assert digests(sample_system) == before
    sample_system.matches(reported(sample_system, tmp_path), *FIGURES)


def test_reads_and_writes_go_on_meanwhile(sample_system: AnySystem, tmp_path: Path) -> None:
    board = sample_system.get("assessment", "/api/scoreboard", window="2023", as_of="2023-12-31")["units"]
    running = [
        Process([sys.executable, "-m", "cli.main", "rebuild", service], tmp_path / f"{service}.log", cwd=ROOT,
                env=sample_system.environment())
        for service in ("participation", "assessment")
    ]  # fmt: skip
    sent = 0
    while any(process.running for process in running):
        sent += 1
        deed = event("record.reported", f"meanwhile-{sent}", record_id=f"meanwhile-{sent}", record="inspection_visit",
                     unit_id="X001", occurred_at="2023-06-01")  # fmt: skip
        status, answer = sample_system.ask("POST", "participation", "/api/intake", deed,
                                          Content_Type="application/cloudevents+json")  # fmt: skip
        assert status == 200 and answer["receipts"][0]["data"]["outcome"] == "accepted"
        status, answer = sample_system.ask("GET", "assessment", "/api/scoreboard?window=2023&as_of=2023-12-31")
        assert status == 200 and answer["units"] == board
    assert [process.returncode for process in running] == [0, 0], [process.tail() for process in running]
    assert sent >= 1
    sample_system.qihang("settle")
    live = digests(sample_system)
    assert live["participation.records"].startswith(f"{5978 + sent} ")
    for service in SERVICES:
        sample_system.qihang("rebuild", service)
    assert digests(sample_system) == live
