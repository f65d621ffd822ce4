"""Projects participation's events into rows of facts, with days and instants as `duties` takes them.  Only the current
state is kept: reminders never look back.

A day is a proleptic ordinal, an instant microseconds since 1970 UTC; 0 means "not given"."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.corrections import FindingCorrected, RecordCorrected, SheetCorrected
from contracts.findings import FindingAnswered, FindingClosed, FindingReturned
from contracts.participation import (
    CampaignLaunched,
    FindingReported,
    RecordSubmitted,
    RecordWithdrawn,
    RectificationReported,
    SheetReported,
)
from services.notifications.obligations.domain import ANSWERED, DONE, SENT_BACK
from services.notifications.tables import metadata
from services.registry.projections import day_or_zero
from services.registry.versions import instant_of

campaign_launches = Table(
    "campaign_launches", metadata,
    Column("campaign", Text, primary_key=True),
    Column("launched_at", BigInteger, nullable=False),
)  # fmt: skip

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
    Column("voided", Integer, nullable=False),
    Index("records_person", "person_id"),
    Index("records_unit", "unit_id"),
)  # fmt: skip

findings = Table(
    "findings", metadata,
    Column("finding_id", Text, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("assessor_id", Key, nullable=False),
    Column("found_on", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("rectified_on", BigInteger, nullable=False),
    Column("learnt_at", BigInteger, nullable=False),
    Column("stage", Text, nullable=False),  # empty, answered, returned or closed; since `stage_on`
    Column("stage_on", BigInteger, nullable=False),
    Column("stage_at", BigInteger, nullable=False),
    Column("voided", Integer, nullable=False),
    Index("findings_unit", "unit_id"),
)  # fmt: skip

sheets = Table(
    "sheets", metadata,
    Column("sheet_id", Text, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("period", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("points", Text, nullable=False),
    Column("assessed_on", BigInteger, nullable=False),
    Column("learnt_at", BigInteger, nullable=False),
    Column("voided", Integer, nullable=False),
    Index("sheets_unit", "unit_id"),
)  # fmt: skip


def put_campaign_launch(rows: Rows, event: CampaignLaunched, recorded: RecordedEvent) -> None:
    rows.put(campaign_launches, campaign=event.campaign, launched_at=instant_of(recorded.recorded_at))


def put_record(rows: Rows, event: RecordSubmitted, _: RecordedEvent) -> None:
    rows.put(records, record_id=event.record_id, **_record(event))


def withdraw_record(rows: Rows, event: RecordWithdrawn, _: RecordedEvent) -> None:
    rows.amend(records, {"record_id": event.record_id}, voided=1)


def correct_record(rows: Rows, event: RecordCorrected, _: RecordedEvent) -> None:
    rows.put(records, record_id=event.record_id, **_record(event), voided=int(event.voided))


def _record(event: RecordSubmitted | RecordCorrected) -> dict[str, str | int]:
    return {"campaign": event.campaign, "kind": event.kind, "unit_id": event.unit_id, "person_id": event.person_id,
            "day": day_or_zero(event.day), "done_at": instant_of(event.done_at), "period": event.period,
            "content": event.content, "evidence": int(bool(event.evidence))}  # fmt: skip


def put_finding(rows: Rows, event: FindingReported, recorded: RecordedEvent) -> None:
    learnt_at = instant_of(recorded.recorded_at)
    rows.put(findings, finding_id=event.finding_id, learnt_at=learnt_at, stage="", stage_on=0, stage_at=0,
             **_finding(event))  # fmt: skip


def answer_finding(rows: Rows, event: FindingAnswered, recorded: RecordedEvent) -> None:
    _put_stage(rows, event.finding_id, ANSWERED, event.answered_on, recorded)


def return_finding(rows: Rows, event: FindingReturned, recorded: RecordedEvent) -> None:
    _put_stage(rows, event.finding_id, SENT_BACK, event.returned_on, recorded)


def close_finding(rows: Rows, event: FindingClosed, recorded: RecordedEvent) -> None:
    _put_stage(rows, event.finding_id, DONE, event.closed_on, recorded)


def _put_stage(rows: Rows, finding_id: str, stage: str, day: str, recorded: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": finding_id}, stage=stage, stage_on=day_or_zero(day),
               stage_at=instant_of(recorded.recorded_at))  # fmt: skip


def rectify_finding(rows: Rows, event: RectificationReported, _: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, rectified_on=day_or_zero(event.rectified_on))


def correct_finding(rows: Rows, event: FindingCorrected, _: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, **_finding(event), voided=int(event.voided))


def _finding(event: FindingReported | FindingCorrected) -> dict[str, str | int]:
    return {"campaign": event.campaign, "unit_id": event.unit_id, "assessor_id": event.assessor_id,
            "found_on": day_or_zero(event.found_on), "deadline": day_or_zero(event.deadline),
            "rectified_on": day_or_zero(event.rectified_on)}  # fmt: skip


def put_sheet_row(rows: Rows, event: SheetReported, recorded: RecordedEvent) -> None:
    learnt_at = instant_of(recorded.recorded_at)
    rows.put(sheets, sheet_id=event.sheet_id, learnt_at=learnt_at, **_sheet_row(event))


def correct_sheet_row(rows: Rows, event: SheetCorrected, _: RecordedEvent) -> None:
    rows.amend(sheets, {"sheet_id": event.sheet_id}, **_sheet_row(event), voided=int(event.voided))


def _sheet_row(event: SheetReported | SheetCorrected) -> dict[str, str | int]:
    return {"campaign": event.campaign, "unit_id": event.unit_id, "period": event.period, "item": event.item,
            "points": event.points, "assessed_on": day_or_zero(event.assessed_on)}  # fmt: skip
