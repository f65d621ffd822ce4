"""Projects records into versions of rows, which scores are calculated from by person and by unit."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from chassis.store.row_versions import VersionStamp
from contracts.corrections import RecordCorrected
from contracts.participation import RecordSubmitted, RecordWithdrawn
from services.assessment.tables import metadata
from services.registry.projections import day_or_zero
from services.registry.versions import correction_values, fact_version_columns, instant_of, stamp_of

records = Table(
    "records", metadata,
    Column("record_id", Key, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("person_id", Key, nullable=False),
    Column("day", BigInteger, nullable=False),
    Column("done_at", BigInteger, nullable=False),
    Column("period", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("evidence", Integer, nullable=False),
    Column("reported_at", BigInteger, nullable=False),
    Column("unit_reported_at", BigInteger, nullable=False),
    *fact_version_columns(),
    Index("records_person", "person_id", "kind"),
    Index("records_unit", "unit_id", "kind"),
)  # fmt: skip
"""`unit_id`: as in the row; a person's record without one counts for the person only, even if later rules make its kind
a unit's.

`reported_at`: when the last event was recorded that set a cell saying what was done, by whom and when (scoring.md 3,
Reported in time); 0 for a late entry, to which the rule does not apply.  `unit_reported_at`: the same if the unit is
such a cell too, as it is unless the record is a person's."""

REPORTED_CELLS = frozenset({"record", "person_id", "occurred_at", "period", "content_sha256"})
UNIT = "unit_id"
WITHDRAWN = "withdrawn_at"
"""The value of `changed` for a withdrawal: it voids the row, but by a row of withdrawals.csv with an id of its own."""


def store_record(rows: Rows, event: RecordSubmitted, recorded: RecordedEvent) -> None:
    stamp = stamp_of(recorded)
    reported_at = _reported_at(event, stamp)
    rows.put_first_version(records, stamp, record_id=event.record_id, reported_at=reported_at,
                           unit_reported_at=reported_at, **_cells(event))  # fmt: skip


def withdraw_record(rows: Rows, event: RecordWithdrawn, recorded: RecordedEvent) -> None:
    rows.amend_version(records, stamp_of(recorded), {"record_id": event.record_id}, voided=1, changed=WITHDRAWN,
                       correction_id="")  # fmt: skip


def correct_record(rows: Rows, event: RecordCorrected, recorded: RecordedEvent) -> None:
    """The reporting time changes only if the correction sets a cell that it depends on."""
    stamp, columns, reported = stamp_of(recorded), set(event.columns), {}
    if columns & REPORTED_CELLS:
        reported = {"reported_at": _reported_at(event, stamp)}
    if columns & {*REPORTED_CELLS, UNIT}:
        reported["unit_reported_at"] = _reported_at(event, stamp)
    rows.amend_version(records, stamp, {"record_id": event.record_id}, **_cells(event), **correction_values(event),
                       **reported)  # fmt: skip


def _reported_at(event: RecordSubmitted | RecordCorrected, stamp: VersionStamp) -> int:
    return 0 if event.late_entry else stamp.known_from


def _cells(event: RecordSubmitted | RecordCorrected) -> dict[str, str | int]:
    return {"campaign": event.campaign, "kind": event.kind, "unit_id": event.unit_given, "person_id": event.person_id,
            "day": day_or_zero(event.day), "done_at": instant_of(event.done_at), "period": event.period,
            "content": event.content, "evidence": int(bool(event.evidence))}  # fmt: skip
