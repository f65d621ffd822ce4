"""Events -> rows of assessment: what scores are reckoned from, days and instants as the reckoning takes them.

A day is a proleptic ordinal, an instant microseconds since 1970 UTC; 0 is `not given`."""

import functools

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from chassis.events.canonical_json import moment
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import ROWS, Key
from chassis.store.projections import Projections, Rows
from contracts import assessment, participation
from duties.days import microseconds
from services.registry.projections import day_or_zero, exemption_projections, registry_projections
from services.registry.tables import RegistryTables, exemption_table

metadata = MetaData(schema=ROWS)

registry = RegistryTables(metadata)
exemptions = exemption_table(metadata)
projects = Projections(registry_projections(registry), exemption_projections(exemptions))

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

findings = Table(
    "findings", metadata,
    Column("finding_id", Text, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("assessor_id", Text, nullable=False),
    Column("found_on", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("points", Text, nullable=False),
    Column("rectified_on", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("rectification_recorded_at", BigInteger, nullable=False),
    Index("findings_unit", "unit_id"),
)  # fmt: skip

sheets = Table(
    "sheets", metadata,
    Column("sheet_id", Text, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("assessor_id", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("points", Text, nullable=False),
    Column("assessed_on", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Index("sheets_unit", "unit_id"),
)  # fmt: skip


@functools.lru_cache(maxsize=4096)
def _instant(text: str) -> int:
    return microseconds(moment(text))


@projects(participation.RecordSubmitted)
def record(rows: Rows, event: participation.RecordSubmitted, about: RecordedEvent) -> None:
    rows.put(records, record_id=event.record_id, kind=event.kind, unit_id=event.unit_id, person_id=event.person_id,
             day=day_or_zero(event.day), done_at=_instant(event.done_at), period=event.period, content=event.content,
             evidence=int(bool(event.evidence)), recorded_at=_instant(about.recorded_at))  # fmt: skip


@projects(participation.RecordWithdrawn)
def withdrawal(rows: Rows, event: participation.RecordWithdrawn, about: RecordedEvent) -> None:
    rows.amend(records, {"record_id": event.record_id}, withdrawal_recorded_at=_instant(about.recorded_at))


@projects(assessment.FindingRaised)
def finding(rows: Rows, event: assessment.FindingRaised, _: RecordedEvent) -> None:
    rows.put(findings, finding_id=event.finding_id, unit_id=event.unit_id, assessor_id=event.assessor_id,
             found_on=day_or_zero(event.found_on), deadline=day_or_zero(event.deadline), points=event.points,
             rectified_on=day_or_zero(event.rectified_on), recorded_at=_instant(event.learnt_at))  # fmt: skip


@projects(assessment.FindingRectified)
def rectification(rows: Rows, event: assessment.FindingRectified, _: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, rectified_on=day_or_zero(event.rectified_on),
               rectification_recorded_at=_instant(event.learnt_at))  # fmt: skip


@projects(assessment.SheetScored)
def sheet(rows: Rows, event: assessment.SheetScored, _: RecordedEvent) -> None:
    rows.put(sheets, sheet_id=event.sheet_id, unit_id=event.unit_id, assessor_id=event.assessor_id,
             period=event.period, item=event.item, points=event.points, assessed_on=day_or_zero(event.assessed_on),
             recorded_at=_instant(event.learnt_at))  # fmt: skip
