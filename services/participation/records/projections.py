"""Projects records and their withdrawals into a read model."""

from sqlalchemy import Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.corrections import RecordCorrected
from contracts.participation import PersonErased, RecordSubmitted, RecordWithdrawn
from services.participation.tables import METADATA

records = Table(
    "records", METADATA,
    Column("record_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("withdrawn_at", Text, nullable=False),
    Index("records_unit", "unit_id", "day"),
    Index("records_person", "person_id", "day"),
)  # fmt: skip


def store_record(rows: Rows, event: RecordSubmitted, recorded: RecordedEvent) -> None:
    rows.put(records, record_id=event.record_id, kind=event.kind, unit_id=event.unit_id, person_id=event.person_id,
             day=event.day, period=event.period, title=event.title, evidence=event.evidence,
             recorded_at=recorded.recorded_at, withdrawn_at="")  # fmt: skip


def correct_record(rows: Rows, event: RecordCorrected, recorded: RecordedEvent) -> None:
    withdrawn_at = recorded.recorded_at if event.voided else ""
    rows.amend(records, {"record_id": event.record_id}, kind=event.kind, unit_id=event.unit_id,
               person_id=event.person_id, day=event.day, period=event.period, title=event.title,
               evidence=event.evidence, withdrawn_at=withdrawn_at)  # fmt: skip


def withdraw_record(rows: Rows, event: RecordWithdrawn, recorded: RecordedEvent) -> None:
    rows.amend(records, {"record_id": event.record_id}, withdrawn_at=recorded.recorded_at)


def forget_texts(rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
    """The key is destroyed; the encrypted title and evidence are removed too."""
    rows.change(records, {"person_id": event.person_id}, title="", evidence="")
