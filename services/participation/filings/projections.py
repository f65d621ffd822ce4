"""Projects filings into rows for lists: who, what, when, status; without the form's own fields."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.filings import (
    FilingConfirmed,
    FilingCorrected,
    FilingDrafted,
    FilingReturned,
    FilingSubmitted,
    FilingWithdrawn,
)
from contracts.participation import PersonErased
from services.participation.tables import METADATA

filings = Table(
    "filings", METADATA,
    Column("filing_id", Text, primary_key=True),
    Column("entry_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("people_count", BigInteger, nullable=False),
    Column("day", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("file_count", BigInteger, nullable=False),
    Column("refers_to", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("awaits", Text, nullable=False),
    Column("counts", Integer, nullable=False),
    Column("on_behalf", Integer, nullable=False),
    Column("own", Integer, nullable=False),
    Column("recalled", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("begun_at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Index("filings_unit", "unit_id", "begun_at"),
    Index("filings_person", "person_id", "begun_at"),
    Index("filings_awaits", "unit_id", "awaits"),
    Index("filings_entry", "entry_id"),
    Index("filings_refers_to", "refers_to"),
)  # fmt: skip
"""`own`: begun by the person whose deed it is, and visible only to that person until submitted; `recalled`: returned by
the office that collects it."""


def store_draft(rows: Rows, event: FilingDrafted, recorded: RecordedEvent) -> None:
    values = _content(event) | _state(recorded)
    if recorded.version > 1:
        rows.amend(filings, {"filing_id": event.filing_id}, **values)
        return
    own = recorded.actor == f"person:{event.person_id}"
    rows.put(filings, filing_id=event.filing_id, entry_id=event.entry_id, kind=event.kind, unit_id=event.unit_id,
             status="draft", awaits="", counts=0, on_behalf=int(event.on_behalf), own=int(own), recalled=0,
             begun_at=recorded.recorded_at, **values)  # fmt: skip


def _content(event: FilingDrafted | FilingCorrected) -> dict[str, object]:
    return {"person_id": event.person_id, "people_count": len(event.people) or int(bool(event.person_id)),
            "day": event.occurred_at[:10], "period": event.period, "title": event.title,
            "file_count": len(event.evidence), "refers_to": event.refers_to}  # fmt: skip


def _state(recorded: RecordedEvent) -> dict[str, object]:
    return {"revision": recorded.version, "recorded_at": recorded.recorded_at}


def submit_filing(rows: Rows, event: FilingSubmitted, recorded: RecordedEvent) -> None:
    rows.amend(filings, {"filing_id": event.filing_id}, status="submitted", awaits=event.awaits,
               counts=int(not event.awaits), recalled=0, **_state(recorded))  # fmt: skip


def return_filing(rows: Rows, event: FilingReturned, recorded: RecordedEvent) -> None:
    rows.amend(filings, {"filing_id": event.filing_id}, status="returned", awaits="", counts=0,
               recalled=int(event.counted), **_state(recorded))  # fmt: skip


def confirm_filing(rows: Rows, event: FilingConfirmed, recorded: RecordedEvent) -> None:
    rows.amend(filings, {"filing_id": event.filing_id}, status="confirmed", awaits="", counts=1, **_state(recorded))


def correct_filing(rows: Rows, event: FilingCorrected, recorded: RecordedEvent) -> None:
    rows.amend(filings, {"filing_id": event.filing_id}, **_content(event), **_state(recorded))


def withdraw_filing(rows: Rows, event: FilingWithdrawn, recorded: RecordedEvent) -> None:
    rows.amend(filings, {"filing_id": event.filing_id}, status="withdrawn", awaits="", counts=0, recalled=0,
               **_state(recorded))  # fmt: skip


def forget_title(rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
    """The key is destroyed: the encrypted title is removed too."""
    rows.change(filings, {"person_id": event.person_id}, title="")
