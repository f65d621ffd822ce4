"""Projects sheet items into versions of rows, which scores are calculated from by unit."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.corrections import SheetCorrected
from contracts.participation import SheetReported
from services.assessment.tables import metadata
from services.registry.projections import day_or_zero
from services.registry.versions import correction_values, fact_version_columns, stamp_of

sheets = Table(
    "sheets", metadata,
    Column("sheet_id", Key, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("assessor_id", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("points", Text, nullable=False),
    Column("assessed_on", BigInteger, nullable=False),
    *fact_version_columns(),
    Index("sheets_unit", "unit_id"),
)  # fmt: skip


def store_sheet(rows: Rows, event: SheetReported, recorded: RecordedEvent) -> None:
    rows.put_first_version(sheets, stamp_of(recorded), **_cells(event))


def correct_sheet(rows: Rows, event: SheetCorrected, recorded: RecordedEvent) -> None:
    rows.put_next_version(sheets, stamp_of(recorded), **_cells(event), **correction_values(event))


def _cells(event: SheetReported | SheetCorrected) -> dict[str, str | int]:
    return {"sheet_id": event.sheet_id, "campaign": event.campaign, "unit_id": event.unit_id,
            "assessor_id": event.assessor_id, "period": event.period, "item": event.item, "points": event.points,
            "assessed_on": day_or_zero(event.assessed_on)}  # fmt: skip
