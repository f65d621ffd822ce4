"""Freezes and admissions -> rows."""

from sqlalchemy import Column, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.assessment import RowsAdmitted, WindowFrozen
from services.assessment.tables import metadata

freezes = Table(
    "freezes", metadata,
    Column("campaign", Key, primary_key=True),
    Column("window_id", Key, primary_key=True),
    Column("known_at", Text, nullable=False),
)  # fmt: skip
admissions = Table(
    "admissions", metadata,
    Column("campaign", Key, primary_key=True),
    Column("window_id", Key, primary_key=True),
    Column("row_id", Key, primary_key=True),
    Column("decision", Text, nullable=False),
)  # fmt: skip


def store_freeze(rows: Rows, event: WindowFrozen, _: RecordedEvent) -> None:
    rows.put(freezes, campaign=event.campaign, window_id=event.window, known_at=event.known_at)


def store_admission(rows: Rows, event: RowsAdmitted, _: RecordedEvent) -> None:
    for row_id in event.rows:
        rows.put(admissions, campaign=event.campaign, window_id=event.window, row_id=row_id, decision=event.decision)
