"""Appending events in batches, against the `eventsourcing` library."""

from benchmarks import running
from benchmarks.results import Results
from benchmarks.suites.consuming import rated
from benchmarks.workspace import Workspace

EVENTS, BATCH = 40_000, 500


def run(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    events = int(EVENTS * scale)

    def run_once(name: str, **order: object) -> running.Figures:
        with workspace.database() as database:
            return rated(running.subject(name, database=database, events=events, batch=BATCH, **order))

    result = running.rounds(count, {
        "E": lambda: run_once("library", functions=False),
        "log": lambda: run_once("appending", rows=False),
        "E, functions": lambda: run_once("library", functions=True),
        "log and rows": lambda: run_once("appending", rows=True),
    })  # fmt: skip
    results.rate("E: eventsourcing, as it comes", result["E"])
    results.rate("E: eventsourcing, functions in the database", result["E, functions"])
    results.rate("appending to the log", result["log"], against=result["E"], at_least=2)
    results.rate("appending to the log, against E with functions", result["log"], against=result["E, functions"])
    results.rate("appending to the log, and its rows", result["log and rows"], against=result["E"])
