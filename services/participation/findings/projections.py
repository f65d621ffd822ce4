"""Projects findings into rows for lists: content, who is to act, since when; and the files that they refer to."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.corrections import FindingCorrected
from contracts.findings import FindingAnswered, FindingClosed, FindingRaised, FindingReturned
from contracts.participation import FindingReported, RectificationReported
from services.participation.tables import METADATA

findings = Table(
    "findings", METADATA,
    Column("finding_id", Text, primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("assessor_id", Text, nullable=False),
    Column("found_on", Text, nullable=False),
    Column("deadline", Text, nullable=False),
    Column("points", Text, nullable=False),
    Column("rectified_on", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("answered_on", Text, nullable=False),
    Column("voided", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("begun_at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Index("findings_unit", "unit_id", "begun_at"),
    Index("findings_assessor", "assessor_id", "begun_at"),
)  # fmt: skip

finding_files = Table(
    "finding_files", METADATA,
    Column("content", Text, primary_key=True),
    Column("finding_id", Text, primary_key=True),
    Column("unit_id", Text, primary_key=True),
)  # fmt: skip
"""`unit_id`: the owner of the file, office or unit."""


def store_finding(rows: Rows, event: FindingReported, recorded: RecordedEvent) -> None:
    rows.put(findings, finding_id=event.finding_id, stage="open", answered_on="", voided=0,
             begun_at=recorded.recorded_at, **_row(event), **_state(recorded))  # fmt: skip


def correct_finding(rows: Rows, event: FindingCorrected, recorded: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, voided=int(event.voided), **_row(event), **_state(recorded))


def rectify_finding(rows: Rows, event: RectificationReported, recorded: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, rectified_on=event.rectified_on, **_state(recorded))


def raise_finding(rows: Rows, event: FindingRaised, recorded: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, **_state(recorded))
    _put_files(rows, event.finding_id, event.assessor_id, event.evidence)


def answer_finding(rows: Rows, event: FindingAnswered, recorded: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, stage="answered", answered_on=event.answered_on,
               **_state(recorded))  # fmt: skip
    _put_files(rows, event.finding_id, event.unit_id, event.evidence)


def return_finding(rows: Rows, event: FindingReturned, recorded: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, stage="returned", **_state(recorded))


def close_finding(rows: Rows, event: FindingClosed, recorded: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, **_state(recorded))


def _row(event: FindingReported | FindingCorrected) -> dict[str, str]:
    columns = ("unit_id", "assessor_id", "found_on", "deadline", "points", "rectified_on", "category", "description")
    return {column: getattr(event, column) for column in columns}


def _state(recorded: RecordedEvent) -> dict[str, object]:
    return {"revision": recorded.version, "recorded_at": recorded.recorded_at}


def _put_files(rows: Rows, finding_id: str, unit_id: str, contents: tuple[str, ...]) -> None:
    for content in contents:
        rows.put(finding_files, content=content, finding_id=finding_id, unit_id=unit_id)
