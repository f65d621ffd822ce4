"""The power fails in the middle of an import, more than once; the same import again ends as if nothing had been."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.journeys.conftest import FIGURES, AnyHouse, BuildHouse, reported
from tests.support.house import ROOT, SAMPLES
from tests.support.processes import Process, wait_until

MOMENTS = (2, 600, 3500)  # events in the log: the files have just come in, among the people, among the records


def position(house: AnyHouse) -> int:
    heads = house.get("participation", "/feed")["partitions"]
    return sum(int(head["position"]) for head in heads)


def cut_off(house: AnyHouse, at: int, log: Path) -> None:
    """Begin the import and kill -9 everything, the clerk's command too, once the log has come so far."""
    command = [sys.executable, "-m", "cli.main", "import", SAMPLES / "district"]
    clerk = Process(command, log, cwd=ROOT, env=house.environment())
    wait_until(lambda: position(house) >= at, 60, lambda: f"the log reaches {at}\n{clerk.tail()}\n{house.logs()}")
    assert clerk.running, "the import ended before it could be cut off"
    house.kill()
    clerk.kill()


def test_an_import_cut_off_again_and_again_ends_as_one(build: BuildHouse, tmp_path: Path) -> None:
    house = build()
    house.start()
    house.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    for at in MOMENTS:
        cut_off(house, at, tmp_path / "clerk.log")
        house.start()
        assert position(house) >= at
    house.qihang("import", SAMPLES / "district", "--results", tmp_path)
    house.matches(reported(house, tmp_path), "import.csv", "refused.csv", *FIGURES)
    assert "broken" not in house.qihang("verify")
    house.stop()
