"""The scores of all units now: reckoned whole, after one more record, and asked again; and, `--long`, a province's."""

import json
import time
import urllib.request
from itertools import count as numbers

from benchmarks import material, running
from benchmarks.ground import PORTS, Ground, House, passed
from benchmarks.results import Results
from benchmarks.suites.chain import bodies
from chassis.intake import SINGLE

RECORDS = 20_000
ASK = "/api/scoreboard?window=2023&as_of=2023-12-31"


def run(ground: Ground, results: Results, count: int, scale: float) -> None:
    units, people = max(10, int(material.UNITS * scale)), max(100, int(material.PEOPLE * scale))
    with ground.house() as house:
        house.start()
        house.settle(units, people)
        records = max(100, int(RECORDS * scale))
        for body in bodies(0, records, 500, people, units):
            submit(house, body, "application/cloudevents-batch+json")
        house.caught_up()
        fresh = numbers(records)
        found = running.rounds(count, {"scores": lambda: scores(house, next(fresh), people, units)})["scores"]
    place = f"{units} units, {people:,} people"
    whole = running.median(found, "whole")
    results.cost(f"scores of all units now, {place}: reckoned whole", whole, "ms", running.spread(found, "whole"))
    changed = running.median(found, "changed")
    results.cost("the same after one more record", changed, "ms", running.spread(found, "changed"), changed / whole)
    again = running.median(found, "again")
    results.cost("the same, nothing new", again, "ms", running.spread(found, "again"), again / whole)


def scores(house: House, number: int, people: int, units: int) -> running.Figures:
    whole = timed(house, f"{ASK[:-2]}{28 - number % 20:02}")  # a day not asked before
    timed(house, ASK)
    (body,) = bodies(number, 1, 1, people, units)
    submit(house, body, SINGLE)
    with house.look("assessment") as look:
        passed(look, house.head())
    return {"whole": whole, "changed": timed(house, ASK), "again": timed(house, ASK)}


def timed(house: House, path: str) -> float:
    began = time.perf_counter()
    if not house.direct("GET", "assessment", path)["units"]:
        raise running.SubjectFailed("no unit has a score")
    return 1000 * (time.perf_counter() - began)


def submit(house: House, body: bytes, kind: str) -> None:
    address = f"http://127.0.0.1:{house.base + PORTS['participation']}/api/intake"
    request = urllib.request.Request(address, body, method="POST",
                                     headers={"Authorization": f"Bearer {house.token}",
                                              "Content-Type": kind})  # fmt: skip
    with urllib.request.urlopen(request, timeout=60) as answer:
        told = json.loads(answer.read())["receipts"]
    if any(one["data"]["outcome"] != "accepted" for one in told):
        raise running.SubjectFailed(f"not all accepted: {told[0]}")
