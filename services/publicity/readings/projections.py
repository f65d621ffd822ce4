"""Projects events into rows of the readings that passed, and of appointed readers."""

from sqlalchemy import Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.articles import ReaderAppointed, ReadingPassed, ReadingReturned
from contracts.publicity import AnthologyCompiled
from services.publicity.tables import metadata

readings = Table(
    "readings", metadata,
    Column("subject", Text, primary_key=True),
    Column("subject_id", Key, primary_key=True),
    Column("content", Text, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("reader_id", Text, nullable=False),
    Column("read_on", Text, nullable=False),
)  # fmt: skip


appointed_readers = Table(
    "appointed_readers", metadata,
    Column("subject", Text, primary_key=True),
    Column("subject_id", Key, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("reader_id", Text, nullable=False),
    Column("appointed_on", Text, nullable=False),
    Index("appointed_readers_reader", "reader_id"),
)  # fmt: skip


def store_appointed_reader(rows: Rows, event: ReaderAppointed, _: RecordedEvent) -> None:
    rows.put(appointed_readers, subject=event.subject, subject_id=event.subject_id, stage=event.stage,
             reader_id=event.reader_id, appointed_on=event.appointed_on)  # fmt: skip


def store_reading(rows: Rows, event: ReadingPassed, _: RecordedEvent) -> None:
    rows.put(readings, subject=event.subject, subject_id=event.subject_id, content=event.content, stage=event.stage,
             reader_id=event.reader_id, read_on=event.read_on)  # fmt: skip


def void_readings(rows: Rows, event: ReadingReturned, _: RecordedEvent) -> None:
    """Earlier readings no longer count, even if the same content is submitted again; readers are appointed anew."""
    rows.change(readings, {"subject": event.subject, "subject_id": event.subject_id}, read_on="")
    rows.change(appointed_readers, {"subject": event.subject, "subject_id": event.subject_id}, reader_id="")


def forget_readers(rows: Rows, event: AnthologyCompiled, _: RecordedEvent) -> None:
    """Another edition has readers of its own."""
    rows.change(appointed_readers, {"subject": "anthology", "subject_id": event.anthology_id}, reader_id="")
