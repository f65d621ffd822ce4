"""Frames of the toys in this very process, on a store of one's own, and a wire between them that tests hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.events import envelope
from chassis.process.peers import PeerUnavailable
from chassis.process.settings import Settings
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import event_log
from chassis.store.schema import events, inbox, quarantine
from tests.chassis import toys


def installed(runtime: ServiceRuntime) -> ServiceRuntime:
    runtime.store.install(runtime.service, runtime.settings.district)
    return runtime


def append(runtime: ServiceRuntime, *events: Any, actor: str = "operator:test") -> list[str]:
    """Append; the positions."""
    with runtime.unit_of_work(actor) as work:
        work.append(*events)
        work.flush()
        return work.positions


def things(*pairs: str) -> list[toys.ThingReported]:
    """`things("a:1", "b:2")`: that text of that thing."""
    return [toys.ThingReported(*pair.split(":")) for pair in pairs]


def recorded(runtime: ServiceRuntime, partition: int = 0) -> list[event_log.RecordedEvent]:
    with runtime.store.reading() as connection:
        return event_log.read(connection, partition, 0, 100_000)


def texts(runtime: ServiceRuntime, partition: int = 0) -> list[str]:
    """The partition as it travels, one text an event."""
    return envelope.encode(runtime.settings.district, runtime.service, "", recorded(runtime, partition))


def message(runtime: ServiceRuntime, *positions: int, partition: int = 0) -> bytes:
    """A message with these positions of the partition; none: all of it."""
    result = texts(runtime, partition)
    chosen = [result[position - 1] for position in positions] if positions else result
    return ("[" + ",".join(chosen) + "]").encode()


def rows(runtime: ServiceRuntime, column: str = "text") -> dict[str, str]:
    table = next(iter(runtime.store.rows.tables.values()))
    with runtime.store.reading() as connection:
        return {row.thing_id: getattr(row, column) for row in connection.execute(sa.select(table))}


def kept(runtime: ServiceRuntime, table: sa.Table = inbox) -> int:
    with runtime.store.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def entries(runtime: ServiceRuntime) -> list[tuple[str, str, str]]:
    """(code, state, stream) of what stands in quarantine, oldest first."""
    query = sa.select(quarantine).where(quarantine.c.state.in_(("open", "parked"))).order_by(quarantine.c.entry)
    with runtime.store.reading() as connection:
        return [(row.code, row.state, row.stream) for row in connection.execute(query)]


def cursor(runtime: ServiceRuntime, partition: int = 0) -> Any:
    with runtime.store.reading() as connection:
        return runtime.inbox.cursor(connection, "participation", partition)


def events_of(runtime: ServiceRuntime, kind: str) -> list[event_log.RecordedEvent]:
    """What the log holds of events whose type contains this."""
    with runtime.store.reading() as connection:
        query = sa.select(events).where(events.c.type.contains(kind)).order_by(events.c.position)
        return [event_log.event_from_row(row) for row in connection.execute(query)]


@dataclass
class Line:
    """Stands for the HTTP between two services of one test: the same pages, and it can be cut."""

    source: ServiceRuntime
    cut: bool = False
    asked: list[int] = field(default_factory=list)

    def heads(self, _: str) -> dict[str, Any]:
        if self.cut:
            raise PeerUnavailable("cut")
        now = self.source.now()
        with self.source.store.reading() as connection:
            result = event_log.read_heads(connection)
        return {"source": self.source.service, "epoch": self.source.store.epoch, "now": now, "partitions": [
            {"partition": item.partition, "position": str(item.position), "hash": item.hash,
             "recorded_at": item.recorded_at} for item in result]}  # fmt: skip

    def feed(self, _: str, partition: int, after: int, limit: int = 100) -> dict[str, Any]:
        if self.cut:
            raise PeerUnavailable("cut")
        self.asked.append(after)
        with self.source.store.reading() as connection:
            before = event_log.read(connection, partition, after - 1, 1) if after else []
            page = event_log.read(connection, partition, after, limit)
        result = envelope.encode("district", self.source.service, before[0].hash if before else "", page)
        return {"events": [envelope.json.loads(item) for item in result]}


def pair(
    data: Path, urls: tuple[str, str], amqp: str = "memory://", partitions: int = 1, **more: Any
) -> tuple[ServiceRuntime, ServiceRuntime]:
    """(source, subscriber), installed, the subscriber's questions going over a Line."""
    common = {"data": str(data), "amqp_url": amqp, "partitions": partitions}
    appended_events = installed(toys.source(Settings(database_url=urls[0], **common)))  # type: ignore[arg-type]
    settings = Settings(database_url=urls[1], **common)  # type: ignore[arg-type]
    received = installed(toys.subscriber(settings, peers=Line(appended_events), **more))
    return appended_events, received
