"""Records -> rows, for scores to read by person and by unit."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.participation import RecordSubmitted, RecordWithdrawn
from services.assessment.tables import metadata
from services.registry.projections import day_or_zero, instant_of

records = Table(
    "records", metadata,
    Column("record_id", Key, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("person_id", Key, nullable=False),
    Column("day", BigInteger, nullable=False),
    Column("done_at", BigInteger, nullable=False),
    Column("period", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("evidence", Integer, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("withdrawal_recorded_at", BigInteger, nullable=False),
    Index("records_person", "person_id"),
    Index("records_unit", "unit_id"),
)  # fmt: skip


def store_record(rows: Rows, event: RecordSubmitted, recorded: RecordedEvent) -> None:
    rows.put(records, record_id=event.record_id, kind=event.kind, unit_id=event.unit_id, person_id=event.person_id,
             day=day_or_zero(event.day), done_at=instant_of(event.done_at), period=event.period, content=event.content,
             evidence=int(bool(event.evidence)), recorded_at=instant_of(recorded.recorded_at))  # fmt: skip


def withdraw_record(rows: Rows, event: RecordWithdrawn, recorded: RecordedEvent) -> None:
    rows.amend(records, {"record_id": event.record_id}, withdrawal_recorded_at=instant_of(recorded.recorded_at))
