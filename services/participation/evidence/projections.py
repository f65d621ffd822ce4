"""Projects evidence: which units have a file, and the records it is attached to."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.evidence import EvidenceAttached, EvidenceDetached, EvidenceDiscarded, EvidenceReceived
from contracts.participation import PersonErased
from services.participation.tables import METADATA

evidence_files = Table(
    "evidence_files", METADATA,
    Column("content", Text, primary_key=True),
    Column("unit_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("private", Integer, nullable=False),
    Column("name", Text, nullable=False),  # a person's file: encrypted under their key
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("uploaded", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("discarded_at", Text, nullable=False),
    Index("evidence_files_unit", "unit_id", "received_at"),
    Index("evidence_files_person", "person_id"),
)  # fmt: skip

evidence_records = Table(
    "evidence_records", METADATA,
    Column("content", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("attached_at", Text, nullable=False),
    Column("detached_at", Text, nullable=False),
    Index("evidence_records_record", "record_id"),
)  # fmt: skip


def store_file(rows: Rows, event: EvidenceReceived, recorded: RecordedEvent) -> None:
    rows.put(evidence_files, content=event.content, unit_id=event.unit_id, person_id=event.person_id,
             private=int(event.private), name=event.name, media_type=event.media_type, size=event.size,
             uploaded=event.uploaded, received_at=recorded.recorded_at, discarded_at="")  # fmt: skip


def discard_file(rows: Rows, event: EvidenceDiscarded, recorded: RecordedEvent) -> None:
    key = {"content": event.content, "unit_id": event.unit_id}
    rows.amend(evidence_files, key, discarded_at=recorded.recorded_at)


def attach_file(rows: Rows, event: EvidenceAttached, recorded: RecordedEvent) -> None:
    rows.put(evidence_records, content=event.content, record_id=event.record_id, unit_id=event.unit_id,
             person_id=event.person_id, attached_at=recorded.recorded_at, detached_at="")  # fmt: skip


def detach_file(rows: Rows, event: EvidenceDetached, recorded: RecordedEvent) -> None:
    key = {"content": event.content, "record_id": event.record_id}
    rows.amend(evidence_records, key, detached_at=recorded.recorded_at)


def forget_files(rows: Rows, event: PersonErased, recorded: RecordedEvent) -> None:
    """The key is destroyed: files encrypted with it are unreadable."""
    rows.change(evidence_files, {"person_id": event.person_id}, name="", uploaded="",
                discarded_at=recorded.recorded_at)  # fmt: skip
