"""Projects what each sheet and each signed decision claims (`claim_of`), by which its rivals are found."""

from sqlalchemy import Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.corrections import DecisionCorrected, SheetCorrected
from contracts.participation import DecisionSigned, SheetReported
from services.participation.domain.ledger import claim_of
from services.participation.domain.rows import DecisionRow, SheetRow
from services.participation.tables import METADATA

claims = Table(
    "claims", METADATA,
    Column("stream", Text, primary_key=True),
    Column("claim", Text, nullable=False),
    Index("claims_claim", "claim"),
)  # fmt: skip


def claim_sheet(rows: Rows, event: SheetReported | SheetCorrected, _: RecordedEvent) -> None:
    row = SheetRow(event.sheet_id, event.unit_id, "", event.period, event.item, "", "")
    rows.put(claims, stream=event.stream, claim=claim_of(row))


def claim_decision(rows: Rows, event: DecisionSigned | DecisionCorrected, _: RecordedEvent) -> None:
    row = DecisionRow(event.decision_id, event.kind, event.year, event.unit_id, event.person_id, "", "", "")
    rows.put(claims, stream=event.stream, claim=claim_of(row))
