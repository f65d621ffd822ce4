"""Projects exemptions (免计) into a read model: subject, duty and period; the reason stays in the log."""

from sqlalchemy import Column, Index, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.corrections import ExemptionCorrected
from contracts.participation import ExemptionGranted
from services.participation.tables import METADATA

exemptions = Table(
    "exemptions", METADATA,
    Column("exemption_id", Text, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("duty", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("voided", Integer, nullable=False),
    Index("exemptions_person", "person_id"),
    Index("exemptions_unit", "unit_id"),
)  # fmt: skip


def store_exemption(rows: Rows, event: ExemptionGranted, recorded: RecordedEvent) -> None:
    rows.put(exemptions, exemption_id=event.exemption_id, campaign=event.campaign, unit_id=event.unit_id,
             person_id=event.person_id, duty=event.duty, period=event.period, recorded_at=recorded.recorded_at,
             voided=0)  # fmt: skip


def correct_exemption(rows: Rows, event: ExemptionCorrected, _: RecordedEvent) -> None:
    rows.amend(exemptions, {"exemption_id": event.exemption_id}, unit_id=event.unit_id, person_id=event.person_id,
               duty=event.duty, period=event.period, voided=int(event.voided))  # fmt: skip
