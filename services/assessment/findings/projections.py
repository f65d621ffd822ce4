"""Projects findings into versions of rows, which scores are calculated from by unit."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.corrections import FindingCorrected
from contracts.participation import FindingReported, RectificationReported
from services.assessment.tables import metadata
from services.registry.projections import day_or_zero
from services.registry.versions import correction_values, fact_version_columns, stamp_of

findings = Table(
    "findings", metadata,
    Column("finding_id", Key, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("assessor_id", Text, nullable=False),
    Column("found_on", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("points", Text, nullable=False),
    Column("rectified_on", BigInteger, nullable=False),
    *fact_version_columns(),
    Index("findings_unit", "unit_id"),
)  # fmt: skip


def store_finding(rows: Rows, event: FindingReported, recorded: RecordedEvent) -> None:
    rows.put_first_version(findings, stamp_of(recorded), **_cells(event))


def rectify_finding(rows: Rows, event: RectificationReported, recorded: RecordedEvent) -> None:
    rows.amend_version(findings, stamp_of(recorded), {"finding_id": event.finding_id}, changed="rectified_on",
                       correction_id="", rectified_on=day_or_zero(event.rectified_on))  # fmt: skip


def correct_finding(rows: Rows, event: FindingCorrected, recorded: RecordedEvent) -> None:
    rows.put_next_version(findings, stamp_of(recorded), **_cells(event), **correction_values(event))


def _cells(event: FindingReported | FindingCorrected) -> dict[str, str | int]:
    return {"finding_id": event.finding_id, "campaign": event.campaign, "unit_id": event.unit_id,
            "assessor_id": event.assessor_id, "found_on": day_or_zero(event.found_on),
            "deadline": day_or_zero(event.deadline), "points": event.points,
            "rectified_on": day_or_zero(event.rectified_on)}  # fmt: skip
