"""`python -m benchmarks [suite ...]`: runs the suites (all of them by default) and prints the table."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import running
from benchmarks.results import Results
from benchmarks.suites import (
    appending,
    chain,
    consuming,
    importing,
    long,
    pages,
    progress,
    publishing,
    scoring,
    submitting,
    visible,
    waiting,
    workbooks,
)
from benchmarks.workspace import Workspace

SUITES = {
    "consuming": consuming.run, "appending": appending.run, "chain": chain.run, "waiting": waiting.run,
    "submitting": submitting.run, "publishing": publishing.run, "scoring": scoring.run, "visible": visible.run,
    "visible-on-servers": visible.on_servers, "progress": progress.run,
    "importing": importing.run, "importing-on-servers": importing.on_servers,
    "workbooks": workbooks.run, "pages": pages.run, "pages-on-servers": pages.on_servers,
}  # fmt: skip
LONG = {"grown": long.grown, "province": long.province}


def main(words: Sequence[str] | None = None, workspace: Workspace | None = None) -> int:
    """`words`: the command's, by default those of this process; `workspace`: where its subjects run, by default one of
    its own.  It is discarded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="suite", help=", ".join([*SUITES, *LONG]))
    parser.add_argument("--rounds", type=int, default=3, help="runs of each subject; the median counts")
    parser.add_argument("--scale", type=float, default=1.0, help="how many events, as a share of the usual")
    parser.add_argument("--long", action="store_true", help="also what takes many minutes: " + ", ".join(LONG))
    parser.add_argument("--out", type=Path, default=running.ROOT / "var" / "bench", help="folder of the figures")
    given = parser.parse_args(words)
    suites = SUITES | LONG
    if unknown := set(given.suites) - suites.keys():
        parser.error(f"there is no suite {', '.join(sorted(unknown))}")
    results, began = Results(), time.monotonic()
    workspace = workspace or Workspace()
    try:
        for name in given.suites or (suites if given.long else SUITES):
            running.log(name)
            suites[name](workspace, results, given.rounds, given.scale)
    finally:
        workspace.discard()
    for name, peak in sorted(workspace.peaks.items()):
        results.cost(f"most memory: {name}", peak, "MiB", at_most=300)
    sys.stdout.write(results.table() + "\n")
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    results.write(given.out / f"{stamp}.json", seconds=time.monotonic() - began,
                  **running.machine())  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
