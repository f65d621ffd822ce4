"""How long it takes in a district with a year's records, embedded or on RabbitMQ and PostgreSQL, from sending a report
until a look at the scoreboard counts it, while somebody looks all the time."""

import csv
import hashlib
import json
import os
import statistics
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import district_rows, running
from benchmarks.district_rows import Cells, person_id, unit_id
from benchmarks.results import Results
from benchmarks.workspace import CAMPAIGN, PORTS, Workspace
from chassis.intake.cloudevents import SINGLE
from tests.support.processes import wait_until
from tests.support.system import EmbeddedSystem, System

SECONDS, RATE = 30.0, 10
"""How long reports are sent, and how many a second."""
LOOK = "/api/scoreboard?window=2023&as_of=2023-12-31"
ATTENDED_MONTHS = 6
SHOWN = ("base", "score", "completion", "on_time")


def run(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    """Embedded: one process, SQLite, no broker."""
    system = EmbeddedSystem(workspace.folder / "visible").start()
    try:
        measure(system, "embedded", results, count, scale)
        workspace.peaks["embedded"] = running.peak_of(system.processes["system"].pid)
    finally:
        system.discard()


def on_servers(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    """A process a service, between them RabbitMQ, under each a database of PostgreSQL."""
    with workspace.system() as system:
        measure(system.start(), "RabbitMQ and PostgreSQL", results, count, scale)


def measure(system: System, where: str, results: Results, count: int, scale: float) -> None:
    units, people = max(10, int(district_rows.UNITS * scale)), max(100, int(district_rows.PEOPLE * scale))
    records = settle(system, units, people)
    reports = one_more_each(units, people)
    result = running.rounds(count, {f"visible, {where}": lambda: visible(system, reports)})[f"visible, {where}"]
    place = f"{units} units, {people:,} people, {records:,} records, {where}"
    results.cost(f"first look at {place}", running.median(result[:1], "first"), "ms")
    for share, at_most in (("p50", 500), ("p99", 1000)):
        results.cost(f"sent until seen on the scoreboard, {where}, {RATE}/s, looking all the time: {share}",
                     running.median(result, share), "ms", running.spread(result, share), at_most=at_most)  # fmt: skip
    results.cost(f"a look meanwhile, {where}", running.median(result, "look"), "ms", running.spread(result, "look"))
    load = max(item["load"] for item in result)
    results.cost(f"processor time for a report and the looks meanwhile, {where} (load up to {load:.0f})",
                 running.median(result, "used"), "ms", running.spread(result, "used"))  # fmt: skip


def settle(system: System, units: int, people: int) -> int:
    """A launched campaign and its district, everything seen by assessment; the number of its records."""
    folder = system.data.parent / "visible-district"
    folder.mkdir(exist_ok=True)
    records = list(year_of_records(units, people))
    for name, rows in (district_rows.district(units, people) | {"records.csv": records}).items():
        write_csv(folder / name, rows)
    system.qihang("campaign", "launch", CAMPAIGN)
    system.qihang("import", folder, limit=1800)
    system.qihang("settle", "--timeout", "1800", limit=1900)
    return len(records)


def write_csv(path: Path, rows: list[Cells]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def year_of_records(units: int, people: int) -> Iterator[Cells]:
    """What was done in 2023: by each person a note, two summaries and attendance; by each unit three deeds a month."""
    for number in range(people):
        person, unit = person_id(number), unit_id(number % units)
        yield record(f"N{number}", "note", unit, person, "2023-05-10")
        for which in (1, 2):
            yield record(f"S{number}-{which}", "summary", unit, person, f"2023-06-{which:02}")
        for month in range(1, ATTENDED_MONTHS + 1):
            yield record(f"A{number}-{month}", "attendance", unit, person, f"2023-{month:02}-15")
    for number in range(units):
        for month in range(1, 12):
            for kind in ("study_session", "discussion_day", "video"):
                yield record(f"{kind}{number}-{month}", kind, unit_id(number), "", f"2023-{month:02}-20")


def one_more_each(units: int, people: int) -> Iterator[tuple[str, bytes]]:
    """(unit, body) of a report that moves the unit's figures: its people's notes of autumn, unit after unit."""
    for number in range(people):
        unit, person = unit_id(number % units), person_id(number)
        data = record(f"M{number}", "note", unit, person, "2023-10-10")
        yield unit, json.dumps({"specversion": "1.0", "type": "qihang.record.reported.v1", "source": "bench",
                                "id": data["record_id"], "data": data}).encode()  # fmt: skip


def record(record_id: str, kind: str, unit: str, person: str, day: str) -> Cells:
    content = hashlib.sha256(record_id.encode()).hexdigest()
    return {"record_id": record_id, "record": kind, "unit_id": unit, "person_id": person,
            "occurred_at": f"{day}T10:00:00", "content_sha256": content, "evidence": "evidence/scan.pdf"}  # fmt: skip


class Reader(threading.Thread):
    """Looks at the scoreboard all the time, and notes when each unit's figures moved."""

    def __init__(self, system: System) -> None:
        super().__init__(daemon=True)
        self._system, self._ended = system, threading.Event()
        self.shown, self.moved, self.looks = dict[str, Any](), dict[str, float](), list[float]()
        self.look()

    def look(self) -> None:
        began = time.monotonic()
        lines = get(self._system, LOOK)["units"]
        now = time.monotonic()
        self.looks.append(1000 * (now - began))
        for line in lines:
            figures = [line[name] for name in SHOWN]
            if self.shown.get(line["unit_id"]) != figures:
                self.shown[line["unit_id"]] = figures
                self.moved[line["unit_id"]] = now

    def run(self) -> None:
        while not self._ended.is_set():
            self.look()

    def end(self) -> None:
        self._ended.set()
        self.join(running.LIMIT)


def visible(system: System, reports: Iterator[tuple[str, bytes]]) -> running.Figures:
    """Sends reports at a steady rate, never a second one of a unit before the first was seen."""
    reader = Reader(system)
    first, sent, waited = reader.looks.pop(), dict[str, float](), list[float]()
    used = running.processor_seconds(system.processes.values())
    reader.start()
    began = time.monotonic()
    for number in range(int(SECONDS * RATE)):
        time.sleep(max(0.0, began + number / RATE - time.monotonic()))
        unit, body = next(reports)
        if unit in sent:
            waited.append(seen(reader, unit, sent.pop(unit)))
        sent[unit] = time.monotonic()
        submit(system, body)
    waited += [seen(reader, unit, moment) for unit, moment in sent.items()]
    reader.end()
    waited.sort()
    used = running.processor_seconds(system.processes.values()) - used
    return {"first": first, "used": 1000 * used / len(waited), "load": os.getloadavg()[0],
            "p50": statistics.median(waited), "p99": waited[len(waited) * 99 // 100],
            "look": statistics.median(reader.looks), "looks": len(reader.looks)}  # fmt: skip


def seen(reader: Reader, unit: str, sent: float) -> float:
    """How long after sending the unit's figures were seen to move, in ms."""
    wait_until(lambda: reader.moved[unit] > sent, running.LIMIT, f"the figures of {unit} to move", interval=0.005)
    return 1000 * (reader.moved[unit] - sent)


def get(system: System, path: str) -> Any:
    request = urllib.request.Request(f"http://127.0.0.1:{system.base + PORTS['assessment']}{path}",
                                     headers={"Authorization": f"Bearer {system.token}"})  # fmt: skip
    with urllib.request.urlopen(request, timeout=running.LIMIT) as answer:
        return json.loads(answer.read())


def submit(system: System, body: bytes) -> None:
    address = f"http://127.0.0.1:{system.base + PORTS['participation']}/api/intake"
    request = urllib.request.Request(address, body, method="POST", headers={
        "Authorization": f"Bearer {system.token}", "Content-Type": SINGLE})  # fmt: skip
    with urllib.request.urlopen(request, timeout=60) as answer:
        receipts = json.loads(answer.read())["receipts"]
    if receipts[0]["data"]["outcome"] != "accepted":
        raise running.SubjectFailed(f"not accepted: {receipts[0]}")
