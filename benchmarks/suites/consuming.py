"""One service consuming and projecting, and its rebuild, against P and against what broker and database give at all."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import district_rows, running
from benchmarks.results import Results
from benchmarks.workspace import System, Workspace, cursor, declare, declare_plain, fill, passed
from chassis.events import envelope
from chassis.messaging import broker

EVENTS, PLAIN = 60_000, 2_500


def run(workspace: Workspace, results: Results, count: int, scale: float) -> None:
    events, plain = int(EVENTS * scale), int(PLAIN * scale)
    path = workspace.folder / "consuming.bodies"
    running.subject("district_rows", path=str(path), events=events)
    result = running.rounds(count, {
        "P": lambda: consume_plain(workspace, plain),
        "ours": lambda: consume_ours(workspace, path, events),
        "kombu, batches": lambda: consume_raw(workspace, bodies(path), "quorum", events),
        "kombu, singles": lambda: consume_raw(workspace, singles(events // 5), "classic", events // 5),
        "rows": lambda: rows_raw(workspace, path),
    })  # fmt: skip
    results.rate("P: nameko, an event a message and a transaction", result["P"])
    results.rate("one service consuming and projecting", result["ours"], against=result["P"], at_least=15)
    results.rate("rebuild of its rows", result["ours"], key="rebuild", against=result["P"], at_least=30)
    results.rate("limit: kombu takes and acks, 200 events a message", result["kombu, batches"])
    results.rate("limit: kombu takes and acks, an event a message", result["kombu, singles"])
    for what, key in (("COPY of the inbox's rows", "copy"), ("executemany of the same rows", "executemany"),
                      ("reading them back", "read")):  # fmt: skip
        results.rate(f"limit: {what}", result["rows"], key=key)


def bodies(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            yield line.rstrip(b"\n")


def singles(count: int) -> Iterator[bytes]:
    for item in district_rows.submitted(0, count):
        yield json.dumps(item).encode()


def consume_plain(workspace: Workspace, events: int) -> running.Figures:
    """From the first to the last event handled, of a queue that was full before."""
    with workspace.vhost() as amqp_url, workspace.database() as database:
        declare_plain(amqp_url, "source", "plain")
        fill(amqp_url, "source.events", "record_submitted", singles(events), "application/json")
        result = running.subject(
            "plain", name="plain", source="source", events=events, amqp=amqp_url, database=database
        )
    return rated(result)


def rated(figures: running.Figures) -> running.Figures:
    return {**figures, "rate": figures["events"] / figures["seconds"]}


def consume_ours(workspace: Workspace, path: Path, events: int) -> running.Figures:
    """From the first batch's commit to the last's, as the cursor tells; then the same rows rebuilt."""
    queue = broker.events_queue("assessment", "participation", 0)
    with workspace.system() as system:
        declare(system.amqp_url, [queue])
        fill(system.amqp_url, broker.EVENTS, "participation.0", bodies(path), envelope.BATCH)
        system.start("assessment", wait=False)
        with system.look("assessment") as look:
            began, first = _await_first(look)
            ended = passed(look, events)
            rate = (events - first) / max(ended - began, 1e-3)
        return {"rate": rate, "rebuild": rebuild(system, events)}


def _await_first(look: Any) -> tuple[float, int]:
    passed(look, 1)
    return time.monotonic(), cursor(look)


def rebuild(system: System, events: int) -> float:
    """Events a second, as the service tells."""
    system.direct("POST", "assessment", "/api/rebuild")
    while (state := system.direct("GET", "assessment", "/api/rebuild"))["state"] == "running":
        time.sleep(0.1)
    if state["state"] != "done" or state["events"] != events:
        raise running.SubjectFailed(f"rebuild: {state}")
    return events / float(state["seconds"])


def consume_raw(workspace: Workspace, iterator: Iterator[bytes], kind: str, events: int) -> running.Figures:
    with workspace.vhost() as amqp_url:
        arguments = {"x-queue-type": kind}
        declare(amqp_url, [broker.QueueSpec("raw", "raw", "topic", ("raw",), arguments)])
        fill(amqp_url, "raw", "raw", iterator, "application/json")
        return rated(running.subject("raw_broker", amqp=amqp_url, queue="raw", events=events))


def rows_raw(workspace: Workspace, path: Path) -> running.Figures:
    with workspace.database() as database:
        return running.subject("raw_rows", database=database, path=str(path))
