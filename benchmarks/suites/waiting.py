"""How long an outside system waits, at a tenth of the top rate, until its row stands in assessment."""

import statistics
import time

from benchmarks import running
from benchmarks.ground import Ground, House, cursor
from benchmarks.results import Results
from benchmarks.suites.chain import PEOPLE, UNITS, chain_ours

EVENTS, SECONDS = 6000, 10.0


def run(ground: Ground, results: Results, count: int, scale: float) -> None:
    with ground.house() as house:
        house.start()
        house.settle(UNITS, PEOPLE)
        found = running.rounds(count, {"latency": lambda: latency(house, scale)})["latency"]
    results.rate("top rate of single messages, just before", found, key="top")
    for what, key in (("p50", "p50"), ("p99", "p99")):
        results.cost(f"sent until its row stands in assessment, at a tenth of it: {what}", running.median(found, key),
                     "ms", running.spread(found, key))  # fmt: skip


def latency(house: House, scale: float) -> running.Figures:
    top = chain_ours(house, max(1500, int(EVENTS * scale)), 1)["rate"]
    events = max(50, int(top / 10 * SECONDS * scale))
    before = house.head()
    child = running.begin("steady", amqp=house.amqp_url, user=house.rabbitmq.user, first=before, events=events,
                          rate=top / 10, people=PEOPLE, units=UNITS)  # fmt: skip
    seen = watch(house, before, before + events)
    sent = running.finish(child, "steady")["sent"]
    with house.look("participation") as look:
        places = look.execute("SELECT position, stream FROM log_events WHERE position > %s", (before,)).fetchall()
    waited = sorted(1000 * (seen[position] - sent[stream.removeprefix("record-")]) for position, stream in places)
    return {"top": top, "p50": statistics.median(waited), "p99": waited[len(waited) * 99 // 100]}


def watch(house: House, before: int, until: int) -> dict[int, float]:
    """When assessment's cursor was first seen past each position; looked at every 2 ms."""
    seen: dict[int, float] = {}
    limit = time.monotonic() + running.LIMIT
    with house.look("assessment") as look:
        at = before
        while at < until and time.monotonic() < limit:
            now, here = time.monotonic(), cursor(look)
            seen.update(dict.fromkeys(range(at + 1, here + 1), now))
            at = max(at, here)
            time.sleep(0.002)
    return seen
