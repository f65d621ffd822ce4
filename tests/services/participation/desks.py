"""Participation's frame in this process: several desks over one store, as replicas are, and what they may be told."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.events.recorded_event import RecordedEvent
from chassis.intake.cloudevents import SINGLE, Receipt, Report, read
from chassis.process.settings import Settings
from chassis.process.tokens import Actor
from chassis.store import event_log
from chassis.store.schema import intake_seen, waiting
from chassis.store.unit_of_work import UnitOfWork
from services.participation.campaign_file import load
from services.participation.campaigns import launch
from services.participation.desk import Desk as RowDesk
from services.participation.domain import ROW_KINDS
from services.participation.projections import records
from services.participation.service import Participation
from tests.support.system import SAMPLES

OPERATOR = Actor("operator", "operator", frozenset({"operator"}))
DOCUMENT = load((SAMPLES / "campaign.yaml").read_bytes())


_numbers = itertools.count()


@dataclass
class Desk:
    """One process's view of the store."""

    runtime: Participation

    def take(
        self, kind: str, /, event_id: str = "", source: str = "clerk", actor: Actor = OPERATOR, **cells: str
    ) -> Receipt:
        """One row by HTTP's way."""
        body = event(kind, event_id, source, cells)
        receipts, _ = self.runtime.reception.take(body, SINGLE, actor, "")
        return receipts[0]

    def settle(self) -> None:
        """Everybody whose turn has come has it."""
        while self.runtime.reception._turn(lambda desk: desk.take_ready(500)):
            pass

    def log(self) -> list[RecordedEvent]:
        with self.runtime.store.reading() as connection:
            return event_log.read(connection, 0, 0, 100_000)

    def rows(self, table: sa.Table) -> Sequence[Any]:
        with self.runtime.store.reading() as connection:
            return connection.execute(sa.select(table).order_by(*table.primary_key.columns)).all()

    def kept(self) -> tuple[int, int, int]:
        """How many records, remembered rows and waiting rows the store has."""
        return len(self.rows(records)), len(self.rows(intake_seen)), len(self.rows(waiting))


def event(kind: str, event_id: str, source: str, cells: dict[str, str]) -> bytes:
    """A row as a CloudEvent."""
    data = {column.rstrip("_"): cell for column, cell in cells.items() if cell}
    return json.dumps({"specversion": "1.0", "id": event_id or f"e{next(_numbers)}", "source": source,
                       "type": ROW_KINDS[kind].wire, "data": data}).encode()  # fmt: skip


def report(kind: str, /, **cells: str) -> Report:
    return read(event(kind, "", "clerk", cells), SINGLE)[0]


def at(work: UnitOfWork) -> RowDesk:
    """The desk of a transaction."""
    return RowDesk(work, work.store.secret)


def desk(data: Path, url: str) -> Desk:
    runtime = Participation(Settings(data=str(data), database_url=url))
    runtime.store.install("participation", "district")
    return Desk(runtime)


def campaign(item: Desk) -> None:
    launch(item.runtime, DOCUMENT, OPERATOR, "")


def amend(item: Desk, **changed: Any) -> None:
    launch(item.runtime, DOCUMENT | changed, OPERATOR, "")


def district(item: Desk) -> list[str]:
    return [
        item.take("unit", unit_id="S1", name="一小", kind="school", opened_on="2010-09-01").outcome,
        item.take("membership", person_id="P1", name="许悦", role="teacher", unit_id="S1", from_="2020-09-01").outcome,
    ]  # fmt: skip


def attended(item: Desk, record_id: str, person_id: str = "P1", **more: Any) -> str:
    """What became of the report that a person attended; a refusal with its code."""
    result = item.take("record", **{"record_id": record_id, "record": "attendance", "person_id": person_id,
                                  "occurred_at": "2022-12-01T09:00:00", "title": "集中学习", **more})  # fmt: skip
    return f"{result.outcome} {result.code}".strip()
