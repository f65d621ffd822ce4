"""Findings -> rows, for scores to read by unit."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.assessment import FindingRaised, FindingRectified
from services.assessment.tables import metadata
from services.registry.projections import day_or_zero, instant_of

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


def store_finding(rows: Rows, event: FindingRaised, _: RecordedEvent) -> None:
    rows.put(findings, finding_id=event.finding_id, unit_id=event.unit_id, assessor_id=event.assessor_id,
             found_on=day_or_zero(event.found_on), deadline=day_or_zero(event.deadline), points=event.points,
             rectified_on=day_or_zero(event.rectified_on), recorded_at=instant_of(event.learnt_at))  # fmt: skip


def rectify_finding(rows: Rows, event: FindingRectified, _: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, rectified_on=day_or_zero(event.rectified_on),
               rectification_recorded_at=instant_of(event.learnt_at))  # fmt: skip
