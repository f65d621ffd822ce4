"""Projects quarter sheets into rows: their state, and the points that count, from any source."""

import json

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.corrections import SheetCorrected
from contracts.participation import SheetReported
from contracts.quarter_sheets import (
    QuarterSheetCompleted,
    QuarterSheetConfirmed,
    QuarterSheetDrafted,
    QuarterSheetReopened,
    QuarterSheetReturned,
)
from services.participation.tables import METADATA

quarter_sheets = Table(
    "quarter_sheets", METADATA,
    Column("period", Text, primary_key=True),
    Column("unit_id", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("points", Text, nullable=False),
    Column("assessor_id", Text, nullable=False),
    Column("completed_by", Text, nullable=False),
    Column("correcting", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("recorded_at", Text, nullable=False),
)  # fmt: skip

assessed_items = Table(
    "assessed_items", METADATA,
    Column("sheet_id", Text, primary_key=True),
    Column("period", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("assessor_id", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("points", Text, nullable=False),
    Column("assessed_on", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("voided", Integer, nullable=False),
    Index("assessed_items_unit", "unit_id", "period"),
    Index("assessed_items_period", "period"),
)  # fmt: skip
"""The rows of sheets.csv, from files, events and the office's page."""


def store_item(rows: Rows, event: SheetReported, recorded: RecordedEvent) -> None:
    rows.put(assessed_items, sheet_id=event.sheet_id, voided=0, **_cells(event, recorded))


def correct_item(rows: Rows, event: SheetCorrected, recorded: RecordedEvent) -> None:
    rows.put(assessed_items, sheet_id=event.sheet_id, voided=int(event.voided), **_cells(event, recorded))


def _cells(event: SheetReported | SheetCorrected, recorded: RecordedEvent) -> dict[str, str]:
    return {"period": event.period, "unit_id": event.unit_id, "assessor_id": event.assessor_id, "item": event.item,
            "points": event.points, "assessed_on": event.assessed_on, "recorded_at": recorded.recorded_at}  # fmt: skip


def draft_sheet(rows: Rows, event: QuarterSheetDrafted | QuarterSheetReopened, recorded: RecordedEvent) -> None:
    change = {"status": "draft", "points": _text(event.points), "completed_by": "", **_state(recorded)}
    change |= {"correcting": 1} if isinstance(event, QuarterSheetReopened) else {}
    if recorded.version == 1:
        begun = {"period": event.period, "unit_id": event.unit_id, "assessor_id": "", "correcting": 0}
        rows.put(quarter_sheets, **begun | change)
    else:
        rows.amend(quarter_sheets, _key(event), **change)


def complete_sheet(rows: Rows, event: QuarterSheetCompleted, recorded: RecordedEvent) -> None:
    rows.amend(quarter_sheets, _key(event), status="completed", assessor_id=event.assessor_id,
               completed_by=event.completed_by, **_state(recorded))  # fmt: skip


def return_sheet(rows: Rows, event: QuarterSheetReturned, recorded: RecordedEvent) -> None:
    rows.amend(quarter_sheets, _key(event), status="draft", completed_by="", **_state(recorded))


def confirm_sheet(rows: Rows, event: QuarterSheetConfirmed, recorded: RecordedEvent) -> None:
    rows.amend(quarter_sheets, _key(event), status="confirmed", correcting=0, **_state(recorded))


def _key(event: QuarterSheetDrafted | QuarterSheetReopened | QuarterSheetCompleted | QuarterSheetReturned
         | QuarterSheetConfirmed) -> dict[str, str]:  # fmt: skip
    return {"period": event.period, "unit_id": event.unit_id}


def _state(recorded: RecordedEvent) -> dict[str, object]:
    return {"revision": recorded.version, "recorded_at": recorded.recorded_at}


def _text(points: dict[str, str]) -> str:
    return json.dumps(points, sort_keys=True, separators=(",", ":"))
