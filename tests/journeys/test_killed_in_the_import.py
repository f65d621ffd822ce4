"""The power fails in the middle of an import, more than once; the same import again ends as if nothing had been."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.conftest import FIGURES, AnySystem, BuildSystem, reported
from tests.support.forks import forked_command
from tests.support.processes import Process, wait_until
from tests.support.system import SAMPLES

pytestmark = pytest.mark.endurance

MOMENTS = {"embedded": (2, 2500), "district": (600, 2500)}
"""Events in the log: 2, the files have just come in; 600, among the people; 2500, among the records (decision 0104)."""
LATER = 4500


def position(system: AnySystem) -> int:
    heads = system.get("participation", "/feed")["partitions"]
    return sum(int(head["position"]) for head in heads)


def importing(system: AnySystem, results: Path) -> Process:
    words = ["import", SAMPLES / "district", "--results", results]
    return forked_command(words, results / "clerk.log", system.environment())


def wait_until_in_the_middle(system: AnySystem, clerk: Process, at: int) -> None:
    wait_until(lambda: position(system) >= at, 60, lambda: f"the log reaches {at}\n{clerk.tail()}\n{system.logs()}")
    assert clerk.running, "the import ended before it could be cut off"


def test_an_import_cut_off_again_and_again_ends_as_one(build: BuildSystem, way: str, tmp_path: Path) -> None:
    system = build()
    system.start()
    system.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    for at in MOMENTS[way]:
        clerk = importing(system, tmp_path)
        wait_until_in_the_middle(system, clerk, at)
        system.kill()
        clerk.kill()
        system.start()
        assert position(system) >= at
    clerk = importing(system, tmp_path)
    wait_until_in_the_middle(system, clerk, LATER)
    system.stop()
    assert {process.returncode for process in system.processes.values()} == {0}, system.logs()
    system.start()
    assert clerk.wait(120) == 0, f"the command waits and goes on by itself\n{clerk.tail()}"
    system.matches(reported(system, tmp_path), "import.csv", "refused.csv", *FIGURES)
    assert "broken" not in system.qihang("verify")
