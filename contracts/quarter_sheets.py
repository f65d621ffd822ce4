"""Events of a unit's sheet of a quarter (季考核) as the supervision office makes it; a stream of its own.

When somebody else of the office has confirmed it, its items are rows of sheets.csv (`participation.sheet_reported`,
`participation.sheet_corrected`), from which the score is calculated.  Points are text as in sheets.csv, by item.
"""

from typing import Any

from chassis.events.definition import Event, event, meaning


class _OfQuarterSheet(Event):
    unit_id: str
    period: str

    @property
    def stream(self) -> str:
        return f"quarter_sheet-{self.period}-{self.unit_id}"


@event("participation.quarter_sheet_drafted", label="季考核表草稿")
class QuarterSheetDrafted(_OfQuarterSheet):
    """Points were entered or changed; the event bears all of the sheet that is entered."""

    unit_id: str = meaning("the unit that is assessed")
    period: str = meaning("the quarter, such as `2022-Q4`")
    points: dict[str, Any] = meaning("points by item; an item that is not here is not assessed yet")


@event("participation.quarter_sheet_completed", label="季考核表提交复核")
class QuarterSheetCompleted(_OfQuarterSheet):
    """Every item is assessed, and the sheet waits for somebody else of the office."""

    unit_id: str = meaning("the unit that is assessed")
    period: str = meaning("the quarter")
    assessor_id: str = meaning("the unit that assesses")
    assessed_on: str = meaning("the day, by which windows count it")
    completed_by: str = meaning("the person, who may not confirm it")


@event("participation.quarter_sheet_returned", label="季考核表退回")
class QuarterSheetReturned(_OfQuarterSheet):
    """It was given back before it was confirmed, and is a draft again."""

    unit_id: str = meaning("the unit that is assessed")
    period: str = meaning("the quarter")
    reason: str = meaning("why")


@event("participation.quarter_sheet_confirmed", label="季考核表复核")
class QuarterSheetConfirmed(_OfQuarterSheet):
    """Somebody else confirmed it: its items are rows from now on."""

    unit_id: str = meaning("the unit that is assessed")
    period: str = meaning("the quarter")
    campaign: str = meaning("id of the campaign")
    campaign_version: int = meaning("version of the rules that decided")


@event("participation.quarter_sheet_reopened", label="季考核表更正")
class QuarterSheetReopened(_OfQuarterSheet):
    """What counts is to be corrected: a draft begins from it, and counts when it is completed and confirmed."""

    unit_id: str = meaning("the unit that is assessed")
    period: str = meaning("the quarter")
    points: dict[str, Any] = meaning("points by item as they count now")
    reason: str = meaning("why")
