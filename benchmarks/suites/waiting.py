"""How long an outside system waits, at a tenth of the top rate, until its row stands in assessment and until a look at
the scoreboard counts it."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks import running
from benchmarks.results import Results
from benchmarks.suites.chain import PEOPLE, UNITS, chain_ours
from benchmarks.workspace import System, Workspace, cursor

EVENTS, SECONDS = 6000, 10.0


def run(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    with workspace.system() as system:
        system.start()
        system.settle(UNITS, PEOPLE)
        result = running.rounds(count, {"latency": lambda: latency(system, scale)})["latency"]
    results.rate("top rate of single messages, just before", result, key="top")
    for what, prefix in (("its row stands in assessment", ""), ("its score is seen, looking all the time", "score ")):
        for share in ("p50", "p99"):
            key = f"{prefix}{share}"
            results.cost(f"sent until {what}, at a tenth of it: {share}", running.median(result, key), "ms",
                         running.spread(result, key))  # fmt: skip


def latency(system: System, scale: float) -> running.Figures:
    top = chain_ours(system, max(1500, int(EVENTS * scale)), 1)["rate"]
    events = max(50, int(top / 10 * SECONDS * scale))
    before, publisher = system.head(), system.publisher()
    child = running.begin("steady", amqp=publisher.amqp_url, user=publisher.name, first=before, events=events,
                          rate=top / 10, people=PEOPLE, units=UNITS)  # fmt: skip
    with ThreadPoolExecutor(1) as defer_write:
        looking = defer_write.submit(look_on, system, before, before + events)
        seen = watch(system, before, before + events)
        scored = looking.result()
    sent = running.finish(child, "steady")["sent"]
    with system.look("participation") as look:
        places = look.execute("SELECT position, stream FROM log_events WHERE position > %s", (before,)).fetchall()
    begun = [(position, sent[stream.removeprefix("record-")]) for position, stream in places]
    figures: running.Figures = {"top": top}
    for prefix, times in (("", seen), ("score ", scored)):
        waited = sorted(1000 * (times[position] - moment) for position, moment in begun)
        figures |= {f"{prefix}p50": statistics.median(waited), f"{prefix}p99": waited[len(waited) * 99 // 100]}
    return figures


def look_on(system: System, before: int, until: int) -> dict[int, float]:
    """When a look at the scoreboard, begun with assessment's cursor past a position, was answered; look after look."""
    seen: dict[int, float] = {}
    limit = time.monotonic() + running.LIMIT
    with system.look("assessment") as look:
        at = before
        while at < until and time.monotonic() < limit:
            here = cursor(look)
            system.direct("GET", "assessment", "/api/scoreboard?window=2023&as_of=2023-12-31")
            seen.update(dict.fromkeys(range(at + 1, here + 1), time.monotonic()))
            at = max(at, here)
    return seen


def watch(system: System, before: int, until: int) -> dict[int, float]:
    """When assessment's cursor was first seen past each position; looked at every 2 ms."""
    seen: dict[int, float] = {}
    limit = time.monotonic() + running.LIMIT
    with system.look("assessment") as look:
        at = before
        while at < until and time.monotonic() < limit:
            now, here = time.monotonic(), cursor(look)
            seen.update(dict.fromkeys(range(at + 1, here + 1), now))
            at = max(at, here)
            time.sleep(0.002)
    return seen
