"""Participation in this process: several replicas over one store, and reports for them."""

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
from chassis.runtime.extensions import unstarted
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import event_log
from chassis.store.schema import intake_seen, pending_reports
from chassis.store.unit_of_work import UnitOfWork
from services.participation.campaign.handlers import launch_campaign
from services.participation.domain import ROW_KINDS
from services.participation.intake.report_batch import ReportBatch
from services.participation.records.projections import records
from services.participation.service import Service
from tests.support.campaigns import document_of
from tests.support.system import SAMPLES

OPERATOR = Actor("operator", "operator", frozenset({"operator"}))
DOCUMENT = document_of((SAMPLES / "campaign.yaml").read_bytes())


_numbers = itertools.count()


@dataclass
class Replica:
    """One process's view of the store."""

    service: Any

    @property
    def runtime(self) -> ServiceRuntime:
        runtime: ServiceRuntime = self.service.runtime
        return runtime

    def submit(
        self, kind: str, /, event_id: str = "", source: str = "clerk", actor: Actor = OPERATOR, **cells: str
    ) -> Receipt:
        """One report, as by HTTP."""
        body = event(kind, event_id, source, cells)
        receipts, _ = self.service.intake.submit_reports(body, SINGLE, actor, "")
        return receipts[0]

    def settle(self) -> None:
        """Decides pending reports until none is ready."""
        while self.service.pending_loop.decide_ready_reports():
            pass

    def log(self) -> list[RecordedEvent]:
        with self.runtime.store.reading() as connection:
            return event_log.read(connection, 0, 0, 100_000)

    def rows(self, table: sa.Table) -> Sequence[Any]:
        with self.runtime.store.reading() as connection:
            return connection.execute(sa.select(table).order_by(*table.primary_key.columns)).all()

    def kept(self) -> tuple[int, int, int]:
        """How many records, remembered reports and pending reports the store has."""
        return len(self.rows(records)), len(self.rows(intake_seen)), len(self.rows(pending_reports))


def event(kind: str, event_id: str, source: str, cells: dict[str, str]) -> bytes:
    """A row as a CloudEvent."""
    data = {column.rstrip("_"): cell for column, cell in cells.items() if cell}
    return json.dumps({"specversion": "1.0", "id": event_id or f"e{next(_numbers)}", "source": source,
                       "type": ROW_KINDS[kind].wire, "data": data}).encode()  # fmt: skip


def report(kind: str, /, **cells: str) -> Report:
    return read(event(kind, "", "clerk", cells), SINGLE)[0]


def batch(unit_of_work: UnitOfWork) -> ReportBatch:
    return ReportBatch(unit_of_work)


def publisher(name: str, sources: Sequence[str] = (), amqp: int = 0) -> dict[str, Any]:
    """A row of the registered publishers, of generation 1, which may report everything; its source is `/NAME` unless
    others are named."""
    rights = {"types": ["qihang.*"], "units": ["all"], "sources": list(sources) or [f"/{name}"]}
    return {"name": name, "amqp": amqp, "generation": 1, "hash": "", "expires_at": "", "unnamed": 0,
            "rows_a_minute": 0, "bytes_a_minute": 0, "answers": "receipts",
            **{column: json.dumps(value) for column, value in rights.items()}}  # fmt: skip


def make_replica(data: Path, url: str) -> Replica:
    service = unstarted(Service, Settings(data=str(data), database_url=url))
    service.runtime.store.install("participation", "district")
    return Replica(service)


def _launch(replica: Replica, document: dict[str, Any]) -> None:
    wake = replica.service.pending_loop.wake
    launch_campaign(replica.runtime.units_of_work, document, OPERATOR, "", wake)


def campaign(replica: Replica) -> None:
    _launch(replica, DOCUMENT)


def amend(replica: Replica, **changed: Any) -> None:
    _launch(replica, DOCUMENT | changed)


def district(replica: Replica) -> list[str]:
    return [
        replica.submit("unit", unit_id="S1", name="一小", kind="school", opened_on="2010-09-01").outcome,
        replica.submit(
            "membership", person_id="P1", name="许悦", role="teacher", unit_id="S1", from_="2020-09-01"
        ).outcome,
    ]


def attended(replica: Replica, record_id: str, person_id: str = "P1", **more: Any) -> str:
    """What became of the report that a person attended; a refusal with its code."""
    result = replica.submit("record", **{"record_id": record_id, "record": "attendance", "person_id": person_id,
                                  "occurred_at": "2022-12-01T09:00:00", "title": "集中学习", **more})  # fmt: skip
    return f"{result.outcome} {result.code if result.outcome == 'refused' else ''}".strip()
