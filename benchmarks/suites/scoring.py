"""The scores of all units now: calculated whole, after one more record, and again; and, `--long`, a province's."""

import json
import time
import urllib.request
from itertools import count as count_module

from benchmarks import district_rows, running
from benchmarks.results import Results
from benchmarks.suites.chain import bodies
from benchmarks.workspace import PORTS, System, Workspace, passed
from chassis.intake.cloudevents import SINGLE

RECORDS = 20_000
ASK = "/api/scoreboard?window=2023&as_of=2023-12-31"


def run(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    units, people = max(10, int(district_rows.UNITS * scale)), max(100, int(district_rows.PEOPLE * scale))
    with workspace.system() as system:
        system.start()
        system.settle(units, people)
        records = max(100, int(RECORDS * scale))
        for body in bodies(0, records, 500, people, units):
            submit(system, body, "application/cloudevents-batch+json")
        system.caught_up()
        fresh = count_module(records)
        result = running.rounds(count, {"scores": lambda: scores(system, next(fresh), people, units)})["scores"]
    place = f"{units} units, {people:,} people"
    whole = running.median(result, "whole")
    results.cost(f"scores of all units now, {place}: calculated whole", whole, "ms", running.spread(result, "whole"))
    changed = running.median(result, "changed")
    results.cost("the same after one more record", changed, "ms", running.spread(result, "changed"), changed / whole)
    again = running.median(result, "again")
    results.cost("the same, nothing new", again, "ms", running.spread(result, "again"), again / whole)


def scores(system: System, number: int, people: int, units: int) -> running.Figures:
    whole = timed(system, f"{ASK[:-2]}{28 - number % 20:02}")  # a day not asked before
    timed(system, ASK)
    (body,) = bodies(number, 1, 1, people, units)
    submit(system, body, SINGLE)
    with system.look("assessment") as look:
        passed(look, system.head())
    return {"whole": whole, "changed": timed(system, ASK), "again": timed(system, ASK)}


def timed(system: System, path: str) -> float:
    began = time.perf_counter()
    if not system.direct("GET", "assessment", path)["units"]:
        raise running.SubjectFailed("no unit has a score")
    return 1000 * (time.perf_counter() - began)


def submit(system: System, body: bytes, kind: str) -> None:
    address = f"http://127.0.0.1:{system.base + PORTS['participation']}/api/intake"
    request = urllib.request.Request(address, body, method="POST",
                                     headers={"Authorization": f"Bearer {system.token}",
                                              "Content-Type": kind})  # fmt: skip
    with urllib.request.urlopen(request, timeout=60) as answer:
        receipts = json.loads(answer.read())["receipts"]
    if any(item["data"]["outcome"] != "accepted" for item in receipts):
        raise running.SubjectFailed(f"not all accepted: {receipts[0]}")
