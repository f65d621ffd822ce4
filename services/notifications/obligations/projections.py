"""Events of participation and assessment -> rows of what is owed, with days and instants as `duties` takes them.

A day is a proleptic ordinal, an instant microseconds since 1970 UTC; 0 is `not given`."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.canonical_json import moment
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.assessment import FindingRaised, FindingRectified, SheetScored
from contracts.participation import CampaignLaunched, RecordSubmitted, RecordWithdrawn
from duties.days import microseconds
from services.notifications.tables import metadata
from services.registry.projections import day_or_zero

campaign_launches = Table(
    "campaign_launches", metadata,
    Column("campaign", Text, primary_key=True),
    Column("launched_at", BigInteger, nullable=False),
)  # fmt: skip

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
    Column("withdrawn", Integer, nullable=False),
    Index("records_person", "person_id"),
    Index("records_unit", "unit_id"),
)  # fmt: skip

findings = Table(
    "findings", metadata,
    Column("finding_id", Text, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("found_on", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("rectified_on", BigInteger, nullable=False),
    Column("learnt_at", BigInteger, nullable=False),
    Index("findings_unit", "unit_id"),
)  # fmt: skip

sheets = Table(
    "sheets", metadata,
    Column("sheet_id", Text, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("period", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("points", Text, nullable=False),
    Column("assessed_on", BigInteger, nullable=False),
    Column("learnt_at", BigInteger, nullable=False),
    Index("sheets_unit", "unit_id"),
)  # fmt: skip


def instant_of(text: str) -> int:
    """Microseconds since 1970 of a canonical instant."""
    return microseconds(moment(text))


def put_campaign_launch(rows: Rows, event: CampaignLaunched, recorded: RecordedEvent) -> None:
    rows.put(campaign_launches, campaign=event.campaign, launched_at=instant_of(recorded.recorded_at))


def put_record(rows: Rows, event: RecordSubmitted, _: RecordedEvent) -> None:
    rows.put(records, record_id=event.record_id, kind=event.kind, unit_id=event.unit_id, person_id=event.person_id,
             day=day_or_zero(event.day), done_at=instant_of(event.done_at), period=event.period,
             content=event.content, evidence=int(bool(event.evidence)), withdrawn=0)  # fmt: skip


def withdraw_record(rows: Rows, event: RecordWithdrawn, _: RecordedEvent) -> None:
    rows.amend(records, {"record_id": event.record_id}, withdrawn=1)


def put_finding(rows: Rows, event: FindingRaised, _: RecordedEvent) -> None:
    rows.put(findings, finding_id=event.finding_id, unit_id=event.unit_id, found_on=day_or_zero(event.found_on),
             deadline=day_or_zero(event.deadline), rectified_on=day_or_zero(event.rectified_on),
             learnt_at=instant_of(event.learnt_at))  # fmt: skip


def rectify_finding(rows: Rows, event: FindingRectified, _: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, rectified_on=day_or_zero(event.rectified_on))


def put_sheet_row(rows: Rows, event: SheetScored, _: RecordedEvent) -> None:
    rows.put(sheets, sheet_id=event.sheet_id, unit_id=event.unit_id, period=event.period, item=event.item,
             points=event.points, assessed_on=day_or_zero(event.assessed_on),
             learnt_at=instant_of(event.learnt_at))  # fmt: skip
