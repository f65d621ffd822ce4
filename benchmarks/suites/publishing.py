"""One publisher until its last receipt, by AMQP and by HTTP, against a bare publish with confirms at that broker."""

from collections.abc import Mapping
from typing import Any

from benchmarks import running
from benchmarks.results import Results
from benchmarks.workspace import PORTS, System, Workspace, declare
from chassis.messaging import broker

EVENTS, BATCH = 12_000, 1000
UNITS, PEOPLE = 50, 1000
RAW = broker.QueueSpec("raw", "raw", "topic", ("#",), {"x-queue-type": "quorum"})


def run(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    events = max(BATCH, int(EVENTS * scale))
    with workspace.system() as system:
        system.start()
        system.settle(UNITS, PEOPLE)
        for name in ("assessment", "publicity", "notifications"):  # measured are receipts, not what follows them
            system.processes[name].stop()
        publisher = system.publisher()
        by_amqp = {"amqp": publisher.amqp_url, "exchange": f"{broker.INTAKE}.{publisher.name}", "receipts": True}
        by_http = {"port": system.base + PORTS["participation"], "token": publisher.token, "batch": BATCH}
        result = running.rounds(count, {
            "bare": lambda: bare(workspace, events),
            "bare, waits": lambda: bare(workspace, events // 4, waits=True),
            "AMQP": lambda: published(system, events, by_amqp),
            "HTTP": lambda: published(system, events, by_http),
        })  # fmt: skip
    results.rate("limit: bare publish, an event a message, confirms as they come", result["bare"])
    results.rate("limit: bare publish, each confirm awaited", result["bare, waits"])
    by_batches = f"by HTTP, {BATCH:,} events a body"
    by_amqp_whole = "a publisher by AMQP until its last receipt"
    results.rate(f"{by_amqp_whole}, against each confirm awaited", result["AMQP"], against=result["bare, waits"],
                 at_least=0.4)  # fmt: skip
    results.rate(f"{by_batches}, against the same", result["HTTP"], against=result["bare, waits"], at_least=0.6)
    results.rate(f"{by_amqp_whole}, against confirms as they come", result["AMQP"], against=result["bare"])
    results.rate(f"{by_batches}, against the same", result["HTTP"], against=result["bare"])
    for way in ("AMQP", "HTTP"):
        runs = running.spread(result[way], "processor")
        results.cost(
            f"processor of the service for an event, {way}", running.median(result[way], "processor"), "ms", runs
        )


def bare(workspace: Workspace, events: int, waits: bool = False) -> running.Figures:
    """Nobody reads the queue, and nothing is answered but the confirms; `waits`: each before the next message, as pika
    and kombu do where they are not told otherwise."""
    with workspace.vhost() as amqp_url:
        declare(amqp_url, [RAW])
        return running.subject("publishing", amqp=amqp_url, exchange=RAW.exchange, receipts=False, first=0,
                               events=events, people=PEOPLE, units=UNITS, waits=waits)  # fmt: skip


def published(system: System, events: int, way: Mapping[str, Any]) -> running.Figures:
    """`processor`: milliseconds of the service for each event, which a busy machine moves little."""
    service, first = [system.processes["participation"]], system.head()
    before = running.processor_seconds(service)
    figures = running.subject("publishing", first=first, events=events, people=PEOPLE, units=UNITS, **way)
    return figures | {"processor": 1000 * (running.processor_seconds(service) - before) / events}
