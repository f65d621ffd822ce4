"""Projects events into rows of works: nominations, consent, returns, selections."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.participation import PersonErased
from contracts.publicity import (
    ConsentGiven,
    ConsentWithdrawn,
    WorkDeselected,
    WorkNominated,
    WorkPutForward,
    WorkReturned,
    WorkRevised,
    WorkSelected,
)
from services.publicity.tables import metadata

works = Table(
    "works", metadata,
    Column("work_id", Key, primary_key=True),
    Column("author_id", Key, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("semester", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("nominated_on", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("left_out", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("put_forward_on", Text, nullable=False),
    Index("works_fingerprint", "fingerprint"),
    Index("works_unit", "unit_id", "semester"),
    Index("works_author", "author_id"),
)  # fmt: skip

consents = Table(
    "consents", metadata,
    Column("work_id", Key, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("given_on", Text, nullable=False),
    Column("withdrawn_on", Text, nullable=False),
)  # fmt: skip

returned_works = Table(
    "returned_works", metadata,
    Column("work_id", Key, primary_key=True),
    Column("author_id", Key, nullable=False),
    Column("by", Text, nullable=False),
    Column("returned_on", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("revised_on", Text, nullable=False),
)  # fmt: skip

selections = Table(
    "selections", metadata,
    Column("work_id", Key, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("selected_at", Text, nullable=False),
    Column("deselected_at", Text, nullable=False),
    Column("author_id", Key, nullable=False),
    Column("reason", Text, nullable=False),
)  # fmt: skip


def store_nomination(rows: Rows, event: WorkNominated, _: RecordedEvent) -> None:
    rows.put(works, work_id=event.work_id, author_id=event.author_id, unit_id=event.unit_id, semester=event.semester,
             kind=event.kind, content=event.content, size=event.size, nominated_on=event.nominated_on, by=event.by,
             title=event.title, left_out=event.left_out, fingerprint=event.fingerprint,
             put_forward_on=event.nominated_on if event.by == "unit" else "")  # fmt: skip


def put_work_forward(rows: Rows, event: WorkPutForward, _: RecordedEvent) -> None:
    rows.amend(works, {"work_id": event.work_id}, put_forward_on=event.put_forward_on)


def store_consent(rows: Rows, event: ConsentGiven, _: RecordedEvent) -> None:
    for level in event.levels:
        rows.put(consents, work_id=event.work_id, level=level, given_on=event.given_on)


def withdraw_consent(rows: Rows, event: ConsentWithdrawn, _: RecordedEvent) -> None:
    for level in event.levels:
        rows.amend(consents, {"work_id": event.work_id, "level": level}, withdrawn_on=event.withdrawn_on)


def store_return(rows: Rows, event: WorkReturned, _: RecordedEvent) -> None:
    rows.put(returned_works, work_id=event.work_id, author_id=event.author_id, by=event.by,
             returned_on=event.returned_on, reason=event.reason)  # fmt: skip


def revise_work(rows: Rows, event: WorkRevised, _: RecordedEvent) -> None:
    rows.amend(works, {"work_id": event.work_id}, kind=event.kind, content=event.content, size=event.size,
               title=event.title, left_out=event.left_out, fingerprint=event.fingerprint)  # fmt: skip
    rows.amend(returned_works, {"work_id": event.work_id}, revised_on=event.revised_on)


def store_selection(rows: Rows, event: WorkSelected, _: RecordedEvent) -> None:
    rows.put(selections, work_id=event.work_id, level=event.level, selected_at=event.selected_at,
             author_id=event.author_id, reason=event.reason)  # fmt: skip


def end_selection(rows: Rows, event: WorkDeselected, _: RecordedEvent) -> None:
    rows.amend(selections, {"work_id": event.work_id, "level": event.level}, deselected_at=event.deselected_at)


def erase_titles_and_reasons(rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
    """The key is destroyed; the ciphertext is removed as well."""
    rows.change(works, {"author_id": event.person_id}, title="", left_out="", fingerprint="")
    rows.change(returned_works, {"author_id": event.person_id}, reason="")
    rows.change(selections, {"author_id": event.person_id}, reason="")
