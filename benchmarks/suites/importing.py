"""A workbook of 100,000 rows is imported, embedded or on RabbitMQ and PostgreSQL, while others read and write at a
steady rate: how long they wait meanwhile and when nothing is imported, the memory of each process, rows a second."""

import itertools
import json
import os
import statistics
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl

from benchmarks import district_rows, running
from benchmarks.district_rows import district, person_id, unit_id
from benchmarks.results import Results
from benchmarks.suites.visible import record, submit, write_csv
from benchmarks.workspace import CAMPAIGN, PORTS, Workspace
from tests.support.processes import Process
from tests.support.system import EmbeddedSystem, System

ROWS = 100_000
LOOK_SECONDS = 0.1
"""Between two looks at an import: a phase that is shorter may not be seen."""
IDLE_SECONDS, PAUSE = 20.0, 0.05
"""How long nothing is imported, and between two requests of one client."""
OTHERS = {"read": "people of a unit", "write": "a report"}
OF_THE_IMPORT = {"services.reading.read_file": "reader", "services.participation.imports.deciding_process": "decider"}


def run(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    """Embedded: one process, SQLite, no broker."""
    for number in range(count):
        system = EmbeddedSystem(workspace.folder / f"importing{number}").start()
        try:
            measure(system, "embedded", results, scale)
        finally:
            system.discard()


def on_servers(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    """A process a service, between them RabbitMQ, under each a database of PostgreSQL."""
    for _ in range(count):
        with workspace.system() as system:
            measure(system.start(), "RabbitMQ and PostgreSQL", results, scale)


def measure(system: System, where: str, results: Results, scale: float) -> None:
    units, people = max(10, int(district_rows.UNITS * scale)), max(100, int(district_rows.PEOPLE * scale))
    rows = max(1000, int(ROWS * scale))
    workbook = settle(system, units, people, rows)
    others = Others(system, units, people)
    idle = others.during(lambda: time.sleep(IDLE_SECONDS * min(1.0, 5 * scale)))
    memory = Memory(system)
    busy = others.during(lambda: import_whole(system, workbook, memory, others))
    reading, seconds = (max(memory.seconds.get(phase, 0.0), LOOK_SECONDS) for phase in ("reading", "deciding"))
    results.cost(f"{rows:,} rows of .xlsx read, {where}", reading, "s")
    results.cost(
        f"the same decided, {where}: {rows / seconds:,.0f} rows/s (load {os.getloadavg()[0]:.0f})", seconds, "s"
    )
    for what, label in OTHERS.items():
        for phase in ("reading", "deciding"):
            for name, share in (("p50", 50), ("p99", 99)):
                before, now = percentile(idle["", what], share), percentile(busy[phase, what], share)
                results.cost(f"{label}, {where}, {phase}: {name} of {len(busy[phase, what])}, idle {before:.3g} ms",
                             now, "ms", ratio=now / before, at_most=2 if share == 99 else None)  # fmt: skip
    for name, peak in sorted(memory.peaks.items()):
        results.cost(f"most memory importing {rows:,} rows, {where}: {name}", peak, "MiB",
                     at_most=200 if name in OF_THE_IMPORT.values() else 300)  # fmt: skip


def percentile(waited: list[float], share: int) -> float:
    ordered = sorted(waited) or [float("nan")]
    return statistics.median(ordered) if share == 50 else ordered[len(ordered) * share // 100]


def settle(system: System, units: int, people: int, rows: int) -> Path:
    """A launched campaign and its district, seen by all; the workbook of records, half of them due to people's
    attendance of each day."""
    folder = system.data.parent / f"{system.data.name}-district"
    folder.mkdir(exist_ok=True)
    for name, cells in district(units, people).items():
        write_csv(folder / name, cells)
    system.qihang("campaign", "launch", CAMPAIGN)
    system.qihang("import", folder, limit=600)
    system.qihang("settle", "--timeout", "600", limit=700)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("records")
    for number, row in enumerate(district_rows.records(0, rows, people, units)):
        if number == 0:
            sheet.append(list(row))
        sheet.append(list(row.values()))
    (folder / "xlsx").mkdir()
    book.save(folder / "xlsx" / "records.xlsx")
    return folder / "xlsx" / "records.xlsx"


def import_whole(system: System, workbook: Path, memory: "Memory", others: "Others") -> None:
    """As a clerk does it, by the command."""
    command = Process([sys.executable, "-m", "cli.main", "import", str(workbook.parent)],
                      workbook.parent / "import.log", cwd=running.ROOT, env=system.environment())  # fmt: skip
    passed = time.monotonic()
    while command.running:
        memory.look()
        progress = get(system, "/api/imports?limit=1")["imports"][0]
        others.phase = {"reading": "reading", "deciding": "deciding"}.get(progress["state"], "ending")
        time.sleep(LOOK_SECONDS)
        before, passed = passed, time.monotonic()
        memory.seconds[others.phase] = memory.seconds.get(others.phase, 0.0) + passed - before
    if command.wait(5) != 0:
        raise running.SubjectFailed(f"the import ended with {command.returncode}: {command.tail()}")
    others.phase = ""


class Memory:
    """The most memory of the services and of the processes that an import starts, in MiB; seconds of each phase."""

    def __init__(self, system: System) -> None:
        self._parents = {process.pid: name for name, process in system.processes.items()}
        self.peaks: dict[str, float] = {}
        self.seconds: dict[str, float] = {}

    def look(self) -> None:
        for path in Path("/proc").glob("[0-9]*"):
            try:
                name = self._name_of(int(path.name), (path / "stat").read_text(), (path / "cmdline").read_bytes())
                if name:
                    self.peaks[name] = max(self.peaks.get(name, 0.0), running.peak_of(int(path.name)))
            except (OSError, LookupError):  # it ended meanwhile
                continue

    def _name_of(self, pid: int, stat: str, command: bytes) -> str:
        if pid in self._parents:
            return self._parents[pid]
        parent = _parent_of(stat)
        if parent not in self._parents and _parent_of(Path(f"/proc/{parent}/stat").read_text()) not in self._parents:
            return ""
        words = command.decode(errors="replace").split("\0")
        return next((name for module, name in OF_THE_IMPORT.items() if module in words), "")


def _parent_of(stat: str) -> int:
    return int(stat.rpartition(")")[2].split()[1])


class Others:
    """Two clients, each at a steady rate: one reads, one writes; how long each request took, in ms, by phase."""

    def __init__(self, system: System, units: int, people: int) -> None:
        self._system, self._units, self._people = system, units, people
        self._numbers: Iterator[int] = itertools.count()
        self.phase = ""

    def during(self, work: Any) -> dict[tuple[str, str], list[float]]:
        waited: dict[tuple[str, str], list[float]] = {}
        ended = threading.Event()
        clients = [
            threading.Thread(target=self._request_until_ended, args=(what, waited, ended), daemon=True)
            for what in OTHERS
        ]
        for client in clients:
            client.start()
        try:
            work()
        finally:
            ended.set()
            for client in clients:
                client.join(running.LIMIT)
        return waited

    def _request_until_ended(
        self, what: str, waited: dict[tuple[str, str], list[float]], ended: threading.Event
    ) -> None:
        while not ended.wait(PAUSE):
            phase, began = self.phase, time.monotonic()
            if what == "read":
                get(self._system, f"/api/people?unit_id={unit_id(next(self._numbers) % self._units)}")
            else:
                submit(self._system, self._report(next(self._numbers)))
            waited.setdefault((phase, what), []).append(1000 * (time.monotonic() - began))

    def _report(self, number: int) -> bytes:
        person = number % self._people
        data = record(f"N{number}", "note", unit_id(person % self._units), person_id(person), "2023-05-10")
        return json.dumps({"specversion": "1.0", "type": "qihang.record.reported.v1", "source": "bench",
                           "id": data["record_id"], "data": data}).encode()  # fmt: skip


def get(system: System, path: str) -> Any:
    request = urllib.request.Request(f"http://127.0.0.1:{system.base + PORTS['participation']}{path}",
                                     headers={"Authorization": f"Bearer {system.token}"})  # fmt: skip
    with urllib.request.urlopen(request, timeout=running.LIMIT) as answer:
        return json.loads(answer.read())
