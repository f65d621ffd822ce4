"""`python -m tests.faults [NUMBER ...] [--long]`: inject the faults (all, or these), print and keep the table."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults import brokers, databases, deaths, table, timers, times
from tests.faults.grounds import Grounds
from tests.faults.lanes import Told, leave, side_by_side
from tests.faults.scene import FAULTS, Fault, Options, Result, rehearse

assert deaths
assert brokers
assert databases
assert timers
assert times  # each adds its faults


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
        told = side_by_side(chosen, given.lanes, given.long, Path(folder))
    table.write(told.results, told.run, whole=len(told.results) == len(FAULTS))
    held = sum(result.held for result in told.results)
    sys.stdout.write(f"{held} of {len(chosen)} held, {(time.monotonic() - began) / 60:.1f} minutes\n")
    return 0 if held == len(chosen) else 1


def _alone(chosen: list[Fault], long: bool, place: Path) -> None:
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="qihang-faults-") as folder, Grounds(Path(folder)) as grounds:
        run = grounds.run(long)
        try:
            for item in chosen:
                scene = grounds.scene(item, Options(long))
                result = rehearse(item, scene)
                results.append(result)
                sys.stdout.write(table.told(result) + "\n")
                sys.stdout.flush()
                grounds.leave(scene, result)
        finally:  # also what was interrupted
            leave(place, Told(run, results))


def _named(number: str, asked: str) -> bool:
    return number == asked or number.rstrip("abcdefghijkl") == asked


if __name__ == "__main__":
    sys.exit(main())
