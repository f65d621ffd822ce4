"""Projects signed decisions into versions of rows, which the awards of a year are calculated from."""

from sqlalchemy import BigInteger, Column, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.corrections import DecisionCorrected
from contracts.participation import DecisionSigned
from services.assessment.tables import metadata
from services.registry.versions import correction_values, fact_version_columns, stamp_of

decisions = Table(
    "decisions", metadata,
    Column("decision_id", Key, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("year", BigInteger, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("person_id", Key, nullable=False),
    Column("document", Text, nullable=False),  # number of the meeting's minutes
    *fact_version_columns(),
)  # fmt: skip


def store_decision(rows: Rows, event: DecisionSigned, recorded: RecordedEvent) -> None:
    rows.put_first_version(decisions, stamp_of(recorded), **_cells(event))


def correct_decision(rows: Rows, event: DecisionCorrected, recorded: RecordedEvent) -> None:
    rows.put_next_version(decisions, stamp_of(recorded), **_cells(event), **correction_values(event))


def _cells(event: DecisionSigned | DecisionCorrected) -> dict[str, str | int]:
    return {"decision_id": event.decision_id, "campaign": event.campaign, "kind": event.kind, "year": int(event.year),
            "unit_id": event.unit_id, "person_id": event.person_id, "document": event.document}  # fmt: skip
