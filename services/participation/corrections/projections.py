"""Projects the claim of each sheet and signed decision (`claim_of`), to find rivals; and the units and persons that
exemptions, findings, sheets and decisions refer to, so that these are not undone while in use."""

from sqlalchemy import Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.corrections import DecisionCorrected, ExemptionCorrected, FindingCorrected, SheetCorrected
from contracts.decision_proposals import DecisionProposed
from contracts.participation import DecisionSigned, ExemptionGranted, FindingReported, SheetReported
from services.participation.domain.ledger import claim_of
from services.participation.domain.rows import DecisionRow, SheetRow
from services.participation.tables import METADATA

claims = Table(
    "claims", METADATA,
    Column("stream", Text, primary_key=True),
    Column("claim", Text, nullable=False),
    Index("claims_claim", "claim"),
)  # fmt: skip

mentions = Table(
    "mentions", METADATA,
    Column("stream", Text, primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("assessor_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Index("mentions_unit", "unit_id"),
    Index("mentions_assessor", "assessor_id"),
    Index("mentions_person", "person_id"),
)  # fmt: skip
"""A void row refers to nobody: its ids are empty."""

_Naming = (
    ExemptionGranted | ExemptionCorrected | FindingReported | FindingCorrected | SheetReported | SheetCorrected
    | DecisionSigned | DecisionCorrected | DecisionProposed
)  # fmt: skip


def mention_subjects(rows: Rows, event: _Naming, _: RecordedEvent) -> None:
    void = getattr(event, "voided", False)
    named = {name: "" if void else getattr(event, name, "") for name in ("unit_id", "assessor_id", "person_id")}
    rows.put(mentions, stream=event.stream, **named)


def claim_sheet(rows: Rows, event: SheetReported | SheetCorrected, _: RecordedEvent) -> None:
    row = SheetRow(event.sheet_id, event.unit_id, "", event.period, event.item, "", "")
    rows.put(claims, stream=event.stream, claim=claim_of(row))


def claim_decision(rows: Rows, event: DecisionSigned | DecisionCorrected, _: RecordedEvent) -> None:
    row = DecisionRow(event.decision_id, event.kind, event.year, event.unit_id, event.person_id, "", "", "")
    rows.put(claims, stream=event.stream, claim=claim_of(row))
