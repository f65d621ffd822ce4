"""One unit's and one person's duties and figures as of now, by assessment's routes: time in the handler."""

from benchmarks import district_rows, running
from benchmarks.results import Results
from benchmarks.workspace import Workspace

RECORDS_OF_A_PERSON, RECORDS_OF_A_UNIT, LOOKS = 40, 400, 300
LIMIT_MS = 30
ASKED = {
    "unit": "duties and figures of one unit",
    "person": "duties and figures of one person",
    "people": "what each of a unit's people has open",
}


def run(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    units, people = max(10, int(district_rows.UNITS * scale)), max(500, int(district_rows.PEOPLE * scale))
    order = {"units": units, "people": people, "of_persons": people * RECORDS_OF_A_PERSON,
             "of_units": units * RECORDS_OF_A_UNIT, "looks": max(20, int(LOOKS * scale))}  # fmt: skip

    def measured() -> running.Figures:
        with workspace.database() as database:
            return running.subject("progress", database=database, **order)

    result = running.rounds(count, {"progress": measured})["progress"]
    place = f"{units} units, {people:,} people, a year's {order['of_persons'] + order['of_units']:,} records"
    for what, line in ASKED.items():
        for share in ("p50", "p99"):
            key = f"{what} {share}"
            results.cost(f"{line}, {place}: {share}", running.median(result, key), "ms", running.spread(result, key),
                         at_most=LIMIT_MS if share == "p50" else None)  # fmt: skip
        results.cost(f"{line}: processor time of the service", running.median(result, f"{what} processor"), "ms",
                     running.spread(result, f"{what} processor"))  # fmt: skip
    load = max(item["load"] for item in result)
    results.cost(f"SELECT 1 at the same time (load up to {load:.0f})", running.median(result, "SELECT 1"), "ms")
