"""Projects freezes and admissions into rows."""

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
    Column("actor", Text, nullable=False),
)  # fmt: skip
admissions = Table(
    "admissions", metadata,
    Column("campaign", Key, primary_key=True),
    Column("window_id", Key, primary_key=True),
    Column("position", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("row_name", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("admitted_at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("admitted_by", Text, nullable=False),
)  # fmt: skip
"""`position`: of the admitted event; `admitted_by`: of the event that admits it."""


def store_freeze(rows: Rows, event: WindowFrozen, recorded: RecordedEvent) -> None:
    rows.put(freezes, campaign=event.campaign, window_id=event.window, known_at=event.known_at, actor=recorded.actor)


def store_admission(rows: Rows, event: RowsAdmitted, recorded: RecordedEvent) -> None:
    for name, row_name, position in zip(event.names, event.rows, event.positions, strict=True):
        rows.put(admissions, campaign=event.campaign, window_id=event.window, position=position, name=name,
                 row_name=row_name, decision=event.decision, admitted_at=recorded.recorded_at, actor=recorded.actor,
                 admitted_by=f"assessment/{recorded.partition}/{recorded.position}")  # fmt: skip
