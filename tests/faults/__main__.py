"""`python -m tests.faults [NUMBER ...] [--long]`: inject the faults (all, or these), print and keep the table."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults import broker_faults, database_faults, process_faults, table, time_faults, timer_faults
from tests.faults.environments import Environments
from tests.faults.experiment import FAULTS, Fault, Options, Result, run_experiment
from tests.faults.lanes import LaneReport, run_lanes, write_report

assert process_faults
assert broker_faults
assert database_faults
assert timer_faults
assert time_faults  # importing a module registers its faults


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("numbers", nargs="*", help="as in docs/faults.md; `1` means 1a, 1b ...")
    parser.add_argument("--long", action="store_true", help="a district's own heartbeats, five minutes without a store")
    parser.add_argument("--lanes", type=int, default=2, help="how many are run side by side")
    parser.add_argument("--lane", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    chosen = [fault for fault in FAULTS if not given.numbers or any(_named(fault.number, n) for n in given.numbers)]
    chosen.sort(key=lambda item: item.place)
    if given.lane:
        _alone(chosen, given.long, given.lane)
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="qihang-lanes-") as folder:
        report = run_lanes(chosen, given.lanes, given.long, Path(folder))
    table.write(report.results, report.run, whole=len(report.results) == len(FAULTS))
    passed = sum(result.passed for result in report.results)
    sys.stdout.write(f"{passed} of {len(chosen)} passed, {(time.monotonic() - began) / 60:.1f} minutes\n")
    return 0 if passed == len(chosen) else 1


def _alone(chosen: list[Fault], long: bool, place: Path) -> None:
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="qihang-faults-") as folder, Environments(Path(folder)) as environments:
        run = environments.run(long)
        try:
            for item in chosen:
                experiment = environments.experiment(item, Options(long))
                result = run_experiment(item, experiment)
                results.append(result)
                sys.stdout.write(table.format_result(result) + "\n")
                sys.stdout.flush()
                environments.release(experiment, result)
        finally:  # also what was interrupted
            write_report(place, LaneReport(run, results))


def _named(number: str, asked: str) -> bool:
    return number == asked or number.rstrip("abcdefghijkl") == asked


if __name__ == "__main__":
    sys.exit(main())
