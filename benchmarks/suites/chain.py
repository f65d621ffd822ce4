"""An outside message until its rows stand in all four services, against four plain services chained."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

from benchmarks import district_rows, running
from benchmarks.results import Results
from benchmarks.suites.consuming import singles
from benchmarks.workspace import System, Workspace, declare_plain, fill, passed
from chassis.intake import cloudevents
from chassis.messaging import broker

EVENTS, PLAIN, BATCH = 12_000, 600, 100
UNITS, PEOPLE = 50, 1000
SUBSCRIBERS = ("assessment", "publicity", "notifications")


def run(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    events, plain = int(EVENTS * scale), int(PLAIN * scale)
    with workspace.system() as system:
        system.start()
        system.settle(UNITS, PEOPLE)
        result = running.rounds(count, {
            "P4": lambda: chain_plain(workspace, plain),
            "ours": lambda: chain_ours(system, events, 1),
            "ours, batches": lambda: chain_ours(system, events, BATCH),
        })  # fmt: skip
    results.rate("P4: four plain services chained", result["P4"])
    results.rate("outside message to rows in all four services", result["ours"], against=result["P4"], at_least=10)
    results.rate(f"the same, {BATCH} rows a message", result["ours, batches"], against=result["P4"])


def chain_plain(workspace: Workspace, events: int) -> running.Figures:
    """From the first event handled by the first service to the last handled by the fourth."""
    names = [f"plain{n}" for n in range(5)]
    hops = list(pairwise(names))
    with workspace.vhost() as amqp_url:
        for source, name in hops:
            declare_plain(amqp_url, source, name)
        fill(amqp_url, f"{names[0]}.events", "record_submitted", singles(events), "application/json")
        databases = [workspace.postgres.create_database() for _ in hops]
        children = [running.begin("plain", name=name, source=source, tells=True, events=events, amqp=amqp_url,
                                  database=database) for (source, name), database in zip(hops, databases, strict=True)
                    ]  # fmt: skip
        figures = [running.finish(child, "plain") for child in children]
        for database in databases:
            workspace.postgres.drop_database(database)
    return {"rate": events / (figures[-1]["ended"] - figures[0]["began"])}


def chain_ours(system: System, events: int, batch: int) -> running.Figures:
    """From the first rows in participation's log to the last cursor past them; the intake was full before."""
    before, publisher = system.head(), system.publisher()
    system.processes["participation"].stop()
    fill(publisher.amqp_url, broker.INTAKE, "records", bodies(before, events, batch),
         cloudevents.SINGLE if batch == 1 else cloudevents.BATCH, user_id=publisher.name)  # fmt: skip
    system.start("participation", wait=False)
    began, first = system.moved(before)
    with system.looking(*SUBSCRIBERS) as looks:
        ended = max(passed(look, before + events) for look in looks)
    return {"rate": (before + events - first) / (ended - began)}


def bodies(first: int, events: int, batch: int, people: int = PEOPLE, units: int = UNITS) -> Iterator[bytes]:
    rows = district_rows.reports(first, events, people=people, units=units)
    if batch == 1:
        yield from map(_encode, rows)
    else:
        while page := list(islice(rows, batch)):
            yield _encode(page)


def _encode(value: Iterable[object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
