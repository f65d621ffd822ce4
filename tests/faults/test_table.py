"""The table grows by runs of some faults, and is replaced by a run of all."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import tests.faults.broker_faults
import tests.faults.process_faults  # noqa: F401 - each adds its faults
from tests.faults import table
from tests.faults.experiment import FAULTS, Result
from tests.faults.lanes import USUAL_SECONDS, assign_lanes
from tests.faults.ledger import Ledger
from tests.faults.table import Run

FIRST = Run("3.10.8", "15.14", "3.11.2", "aaaaaaaa", long=False)
LATER = replace(FIRST, commit="bbbbbbbb")
NEXT = replace(FIRST, rabbitmq="4.0.5")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "results.json"


def result(number: str, lost: int = 0) -> Result:
    return Result(number, "a fault", Ledger(340, Counter(applied=340 - lost), [f"n-{n}" for n in range(lost)]), 12.3)


def write(kept: Path, run: Run, *results: Result, whole: bool = False) -> str:
    page = kept.with_name("faults.md")
    table.write(list(results), run, whole, kept, page)
    return page.read_text("utf-8")


def test_some_faults_are_added_to_what_was_run_before(kept: Path) -> None:
    write(kept, FIRST, result("1a"), result("5a"))
    page = write(kept, LATER, result("5a"), result("1b"))
    assert [line[:7] for line in page.splitlines() if " a fault " in line] == ["| 1a | ", "| 1b | ", "| 5a | "]
    assert page.count(" aaaaaaaa |") == 1 and page.count(" bbbbbbbb |") == 2
    assert "commits aaaaaaaa, bbbbbbbb" in page and "3 of 3 passed" in page


def test_all_faults_replace_their_brokers_table_alone(kept: Path) -> None:
    write(kept, FIRST, result("1a"))
    write(kept, NEXT, result("1a"))
    page = write(kept, LATER, result("5a"), whole=True)
    tables = json.loads(kept.read_text())
    assert {name: list(lines) for name, lines in tables.items()} == {"3.10": ["5a"], "4.0": ["1a"]}
    assert page.index("## RabbitMQ 3.10") < page.index("## RabbitMQ 4.0")


def test_what_was_run_in_a_districts_own_time_stands_by_itself(kept: Path) -> None:
    write(kept, FIRST, result("1a"))
    page = write(kept, replace(FIRST, long=True), result("1a"))
    assert page.index("## RabbitMQ 3.10\n") < page.index("## RabbitMQ 3.10, in a district's own time\n")


def test_faults_are_dealt_so_that_lanes_end_together() -> None:
    lanes = assign_lanes(FAULTS, 2)
    assert sorted(item.number for lane in lanes for item in lane) == sorted(fault.number for fault in FAULTS)
    known = table.seconds()
    long, short = sorted((sum(known.get(item.number, USUAL_SECONDS) for item in lane) for lane in lanes), reverse=True)
    assert long - short < 60 and all(lane == sorted(lane, key=lambda item: item.place) for lane in lanes)


def test_what_did_not_hold_and_what_was_not_run_is_reported(kept: Path) -> None:
    page = write(kept, FIRST, result("1a", lost=2), result("5a"))
    assert "**FAILED**" in page and "1 of 2 passed; " in page and " not run." in page
