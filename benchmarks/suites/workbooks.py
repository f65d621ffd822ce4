"""A workbook of each of 200 units, brought in by one command, embedded: seconds from its start to its end."""

import sys
import time

import openpyxl

from benchmarks import district_rows, running
from benchmarks.district_rows import district, unit_id
from benchmarks.results import Results
from benchmarks.suites.importing import Memory
from benchmarks.suites.visible import write_csv
from benchmarks.workspace import CAMPAIGN, Workspace
from tests.support.processes import Process
from tests.support.system import EmbeddedSystem

ROWS = 40
"""In each of them."""


def run(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    units = max(5, int(district_rows.UNITS * scale))
    system = EmbeddedSystem(workspace.folder / "workbooks").start()
    try:
        memory = Memory(system)
        taken = [import_all(system, units, number, memory) for number in range(count)]
    finally:
        system.discard()
    what = f"{units} workbooks of {units} units, {ROWS} rows each, by one command, embedded"
    results.cost(what, sorted(taken)[count // 2], "s", taken, at_most=100)
    for name, peak in sorted(memory.peaks.items()):
        results.cost(f"most memory meanwhile: {name}", peak, "MiB", at_most=300)


def import_all(system: EmbeddedSystem, units: int, round_number: int, memory: Memory) -> float:
    folder = system.data.parent / f"workbooks{round_number}"
    people = units * 10
    if round_number == 0:
        settled = system.data.parent / "workbooks-district"
        settled.mkdir()
        for name, cells in district(units, people).items():
            write_csv(settled / name, cells)
        system.qihang("campaign", "launch", CAMPAIGN)
        system.qihang("import", settled, limit=600)
    folder.mkdir()
    rows = list(district_rows.records(round_number * units * ROWS, units * ROWS, people, units))
    for number in range(units):
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("records")
        sheet.append(list(rows[0]))
        for row in rows[number * ROWS : (number + 1) * ROWS]:
            sheet.append(list(row.values()))
        book.save(folder / f"{unit_id(number)}.xlsx")
    began = time.monotonic()
    command = Process([sys.executable, "-m", "cli.main", "import", str(folder)], system.data.parent / "import.log",
                      cwd=running.ROOT, env=system.environment())  # fmt: skip
    while command.running:
        memory.look()
        time.sleep(0.1)
    if command.wait(5) != 0:
        raise running.SubjectFailed(f"the import ended with {command.returncode}: {command.tail()}")
    running.log(command.tail(5))
    return time.monotonic() - began
