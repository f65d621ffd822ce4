"""Sheet items -> rows, for scores to read by unit."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.assessment import SheetScored
from services.assessment.tables import metadata
from services.registry.projections import day_or_zero, instant_of

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


def store_sheet(rows: Rows, event: SheetScored, _: RecordedEvent) -> None:
    rows.put(sheets, sheet_id=event.sheet_id, unit_id=event.unit_id, assessor_id=event.assessor_id,
             period=event.period, item=event.item, points=event.points, assessed_on=day_or_zero(event.assessed_on),
             recorded_at=instant_of(event.learnt_at))  # fmt: skip
