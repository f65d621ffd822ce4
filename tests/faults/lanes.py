"""Faults in lanes: processes side by side, each with servers and systems of its own; most of a run is waiting."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.faults import table
from tests.faults.experiment import Fault, Result
from tests.faults.table import Run
from tests.support.system import ROOT

USUAL_SECONDS = 20


class LaneReport(NamedTuple):
    """The results of one lane."""

    run: Run
    results: list[Result]


def assign_lanes(chosen: Sequence[Fault], lanes: int) -> list[list[Fault]]:
    """Longest first, each to the lane with the least work; within a lane in the order of the table."""
    seconds = table.seconds()
    loads: list[tuple[int, list[Fault]]] = [(0, []) for _ in range(lanes)]
    for item in sorted(chosen, key=lambda item: -seconds.get(item.number, USUAL_SECONDS)):
        load, faults = min(loads, key=lambda each: each[0])
        loads[loads.index((load, faults))] = (load + seconds.get(item.number, USUAL_SECONDS), [*faults, item])
    return [sorted(faults, key=lambda item: item.place) for _, faults in loads if faults]


def run_lanes(chosen: Sequence[Fault], lanes: int, long: bool, folder: Path) -> LaneReport:
    """Runs them in parallel; each prints its own results."""
    places = [(folder / f"lane-{at}", faults) for at, faults in enumerate(assign_lanes(chosen, lanes))]
    children = [
        subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "TERM", "--"),
                *(sys.executable, "-m", "tests.faults", *(fault.number for fault in faults), "--lane", str(place)),
                *(["--long"] if long else []),
            ],
            cwd=ROOT,
        )
        for place, faults in places
    ]
    for child in children:
        child.wait()
    left = [place for place, _ in places if place.exists()]  # a lane that found no server leaves nothing
    reports: list[LaneReport] = [pickle.loads(place.read_bytes()) for place in left]  # noqa: S301 - our own, of just now
    return LaneReport(reports[0].run, [result for lane in reports for result in lane.results])


def write_report(place: Path, report: LaneReport) -> None:
    """Writes what `run_lanes` reads."""
    place.write_bytes(pickle.dumps(report))
