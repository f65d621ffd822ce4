"""A single submit by HTTP, against one bare commit plus one bare nameko answer."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import running
from benchmarks.results import Results
from benchmarks.workspace import PORTS, Workspace
from tests.support.processes import free_ports, wait_until

REQUESTS = 200
UNITS, PEOPLE = 50, 1000


def run(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    with workspace.system() as system, workspace.database() as database, bare() as bare_port:
        system.start()
        system.settle(UNITS, PEOPLE)
        for name in ("assessment", "publicity", "notifications"):  # measured is the answer, not what follows it
            system.processes[name].stop()

        def run_once() -> running.Figures:
            return running.subject(
                "submitting", database=database, bare_port=bare_port, port=system.base + PORTS["participation"],
                token=system.token, first=system.head(), requests=max(20, int(REQUESTS * scale)), units=UNITS,
                people=PEOPLE,
            )  # fmt: skip

        def after_a_start() -> running.Figures:
            system.processes["participation"].stop()
            system.start("participation")
            return run_once()

        result = running.rounds(count, {"submit": run_once})["submit"]
        cold = running.rounds(count, {"after a start": after_a_start})["after a start"]
    bar = running.median(result, "commit") + running.median(result, "answer")
    for what, key in (("limit: one bare commit", "commit"), ("limit: one bare nameko answer", "answer")):
        results.cost(what, running.median(result, key), "ms", running.spread(result, key))
    submit = running.median(result, "submit")
    results.cost("a single submit by HTTP", submit, "ms", running.spread(result, "submit"), submit / bar, at_most=3)
    submit, bar = running.median(cold, "submit"), running.median(cold, "commit") + running.median(cold, "answer")
    results.cost("of people not heard of since a start", submit, "ms", running.spread(cold, "submit"), submit / bar)


@contextmanager
def bare() -> Iterator[int]:
    (port,) = free_ports(1)
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.subjects.bare_http", str(port)]
    child = subprocess.Popen(command, cwd=running.ROOT, stdin=subprocess.PIPE)
    try:
        wait_until(lambda: running.listens(port), 30, "the bare service to listen")
        yield port
    finally:
        assert child.stdin is not None
        child.stdin.close()
        child.wait(10)
