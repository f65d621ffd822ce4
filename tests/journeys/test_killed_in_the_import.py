"""The power fails in the middle of an import, more than once; the same import again ends as if nothing had been."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.journeys.conftest import FIGURES, AnyHouse, BuildHouse, reported
from tests.support.house import ROOT, SAMPLES
from tests.support.processes import Process, wait_until

MOMENTS = (2, 600, 2500)  # events in the log: the files have just come in, among the people, among the records
LATER = 4500


def position(house: AnyHouse) -> int:
    heads = house.get("participation", "/feed")["partitions"]
    return sum(int(head["position"]) for head in heads)


def importing(house: AnyHouse, results: Path) -> Process:
    command = [sys.executable, "-m", "cli.main", "import", SAMPLES / "district", "--results", results]
    return Process(command, results / "clerk.log", cwd=ROOT, env=house.environment())


def wait_until_in_the_middle(house: AnyHouse, clerk: Process, at: int) -> None:
    wait_until(lambda: position(house) >= at, 60, lambda: f"the log reaches {at}\n{clerk.tail()}\n{house.logs()}")
    assert clerk.running, "the import ended before it could be cut off"


def test_an_import_cut_off_again_and_again_ends_as_one(build: BuildHouse, tmp_path: Path) -> None:
    house = build()
    house.start()
    house.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    for at in MOMENTS:
        clerk = importing(house, tmp_path)
        wait_until_in_the_middle(house, clerk, at)
        house.kill()
        clerk.kill()
        house.start()
        assert position(house) >= at
    clerk = importing(house, tmp_path)
    wait_until_in_the_middle(house, clerk, LATER)
    house.stop()
    assert {process.returncode for process in house.processes.values()} == {0}, house.logs()
    house.start()
    assert clerk.wait(120) == 0, f"the command waits and goes on by itself\n{clerk.tail()}"
    house.matches(reported(house, tmp_path), "import.csv", "refused.csv", *FIGURES)
    assert "broken" not in house.qihang("verify")
