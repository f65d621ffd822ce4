"""`python -m tests.faults [NUMBER ...] [--long]`: inject the faults (all, or these), print and keep the table."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults import brokers, databases, deaths, table, timers, times
from tests.faults.grounds import Grounds
from tests.faults.scene import FAULTS, Options, Result, rehearse

assert deaths
assert brokers
assert databases
assert timers
assert times  # each adds its faults


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("numbers", nargs="*", help="as in docs/faults.md; `1` means 1a, 1b ...")
    parser.add_argument("--long", action="store_true", help="a district's own heartbeats, five minutes without a store")
    given = parser.parse_args()
    chosen = [one for one in FAULTS if not given.numbers or any(_named(one.number, n) for n in given.numbers)]
    chosen.sort(key=lambda one: one.place)
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="qihang-faults-") as folder, Grounds(Path(folder)) as grounds:
        run = grounds.run(given.long)
        try:
            for one in chosen:
                scene = grounds.scene(one, Options(given.long))
                result = rehearse(one, scene)
                results.append(result)
                sys.stdout.write(table.told(result) + "\n")
                sys.stdout.flush()
                grounds.leave(scene, result)
        finally:  # also what was interrupted
            table.write(results, run, whole=len(results) == len(FAULTS))
    return 0 if all(one.held for one in results) else 1


def _named(number: str, asked: str) -> bool:
    return number == asked or number.rstrip("abcdefghijkl") == asked


if __name__ == "__main__":
    sys.exit(main())
