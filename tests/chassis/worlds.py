"""Frames of the toys in this very process, on a store of one's own, and a wire between them that tests hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis import log, wire
from chassis.frame import Frame
from chassis.handling import About, working
from chassis.peers import Away
from chassis.settings import Settings
from chassis.tables import events, inbox, quarantine
from tests.chassis import toys


def installed(frame: Frame) -> Frame:
    frame.store.install(frame.service, frame.settings.district)
    frame.installed = True
    return frame


def tell(frame: Frame, *happened: Any, actor: str = "operator:test") -> list[str]:
    """Append; the positions."""
    with working(frame, About(actor)) as work:
        work.append(*happened)
        work.finish()
        return work.positions


def things(*pairs: str) -> list[toys.ThingTold]:
    """`things("a:1", "b:2")`: that text of that thing."""
    return [toys.ThingTold(*pair.split(":")) for pair in pairs]


def recorded(frame: Frame, partition: int = 0) -> list[log.Recorded]:
    with frame.store.reading() as connection:
        return log.read(connection, partition, 0, 100_000)


def texts(frame: Frame, partition: int = 0) -> list[str]:
    """The partition as it travels, one text an event."""
    return wire.encode(frame.settings.district, frame.service, "", recorded(frame, partition))


def message(frame: Frame, *positions: int, partition: int = 0) -> bytes:
    """A message with these positions of the partition; none: all of it."""
    found = texts(frame, partition)
    chosen = [found[position - 1] for position in positions] if positions else found
    return ("[" + ",".join(chosen) + "]").encode()


def rows(frame: Frame, column: str = "text") -> dict[str, str]:
    table = next(iter(frame.store.rows.tables.values()))
    with frame.store.reading() as connection:
        return {row.thing_id: getattr(row, column) for row in connection.execute(sa.select(table))}


def kept(frame: Frame, table: sa.Table = inbox) -> int:
    with frame.store.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def standing(frame: Frame) -> list[tuple[str, str, str]]:
    """(code, state, stream) of what stands in quarantine, oldest first."""
    query = sa.select(quarantine).where(quarantine.c.state.in_(("open", "parked"))).order_by(quarantine.c.entry)
    with frame.store.reading() as connection:
        return [(row.code, row.state, row.stream) for row in connection.execute(query)]


def cursor(frame: Frame, partition: int = 0) -> Any:
    with frame.store.reading() as connection:
        return frame.inbox.cursor(connection, "participation", partition)


def said(frame: Frame, kind: str) -> list[log.Recorded]:
    """What the log holds of events whose type contains this."""
    with frame.store.reading() as connection:
        query = sa.select(events).where(events.c.type.contains(kind)).order_by(events.c.position)
        return [log.recorded(row) for row in connection.execute(query)]


@dataclass
class Line:
    """Stands for the HTTP between two services of one test: the same pages, and it can be cut."""

    source: Frame
    cut: bool = False
    asked: list[int] = field(default_factory=list)

    def heads(self, _: str) -> dict[str, Any]:
        if self.cut:
            raise Away("cut")
        now = self.source.now()
        with self.source.store.reading() as connection:
            found = log.look(connection)
        return {"source": self.source.service, "epoch": self.source.store.epoch, "now": now, "partitions": [
            {"partition": one.partition, "position": str(one.position), "hash": one.hash,
             "recorded_at": one.recorded_at} for one in found]}  # fmt: skip

    def feed(self, _: str, partition: int, after: int, limit: int = 100) -> dict[str, Any]:
        if self.cut:
            raise Away("cut")
        self.asked.append(after)
        with self.source.store.reading() as connection:
            before = log.read(connection, partition, after - 1, 1) if after else []
            page = log.read(connection, partition, after, limit)
        found = wire.encode("district", self.source.service, before[0].hash if before else "", page)
        return {"events": [wire.json.loads(one) for one in found]}


def pair(
    data: Path, urls: tuple[str, str], amqp: str = "memory://", partitions: int = 1, **more: Any
) -> tuple[Frame, Frame]:
    """(source, hearer), installed, the hearer's questions going over a Line."""
    common = {"data": str(data), "amqp_url": amqp, "partitions": partitions}
    told = installed(toys.source(Settings(database_url=urls[0], **common)))  # type: ignore[arg-type]
    heard = installed(toys.hearer(Settings(database_url=urls[1], **common), **more))  # type: ignore[arg-type]
    heard.peers = Line(told)  # type: ignore[assignment]
    return told, heard
