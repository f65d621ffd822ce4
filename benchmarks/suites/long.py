"""What takes many minutes (`--long`): a log of a million events, and a province's scores."""

from benchmarks import running
from benchmarks.results import Results
from benchmarks.workspace import Workspace

EVENTS, SMALL, ROUNDS = 1_000_000, 10_000, 7
PROVINCE = {"units": 30_000, "people": 1_000_000, "records": 4_000_000}


def grown(workspace: Workspace, results: Results, _count: int, scale: float) -> None:
    databases = [workspace.postgres.create_database() for _ in range(4)]
    events = int(EVENTS * scale)
    result = running.rounds(1, {
        "grown": lambda: running.subject("growing", events=events, small=min(SMALL, events), rounds=ROUNDS,
                                         databases=databases),
    })["grown"]  # fmt: skip
    for what, key, column in (("appending", "append", 0), ("consuming", "consume", 1)):
        runs = sorted(item[column] for item in result[0]["ratios"])
        ratio = running.median(result, key)
        results.cost(f"{what}: an event after {events:,}, against one after {SMALL:,}", ratio, "", runs, ratio, 1.2)
    for database in databases:
        workspace.postgres.drop_database(database)


def province(workspace: Workspace, results: Results, _count: int, scale: float) -> None:
    numbers = {what: max(100, int(number * scale)) for what, number in PROVINCE.items()}
    with workspace.database() as database:
        result = running.rounds(1, {
            "province": lambda: running.subject("province", database=database, numbers=numbers),
        })["province"]  # fmt: skip
    place = f"{numbers['units']:,} units, {numbers['people']:,} people, {numbers['records']:,} records"
    results.cost(f"scores of all units now, {place}: calculated whole", result[0]["seconds"], "s")
    changed = result[0]["changed"]
    results.cost("the same after one more record", changed, "s", ratio=changed / result[0]["seconds"])
    results.cost("most memory: calculating a province", result[0]["peak"], "MiB", at_most=300)
