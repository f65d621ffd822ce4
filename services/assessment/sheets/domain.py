"""Which sheet items stand in assessment's own log.  Pure: no clock, store or broker."""

from dataclasses import dataclass
from typing import Final

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.assessment import SheetScored


@dataclass(frozen=True)
class ScoreSheet:
    """Take in one item of a quarter's sheet that was reported at the intake, which has checked it (scoring.md 1)."""

    sheet_id: str
    unit_id: str
    assessor_id: str
    period: str
    item: str
    points: str
    assessed_on: str
    learnt_at: str

    @property
    def stream(self) -> str:
        return f"sheet-{self.sheet_id}"


@dataclass(frozen=True)
class Sheet:
    """The state of a sheet item's stream."""

    exists: bool = False


def decide(sheet: Sheet, command: ScoreSheet) -> list[Event]:
    """A sheet item that exists gives no events, so a redelivery changes nothing."""
    return [] if sheet.exists else [SheetScored(**vars(command))]


def evolve(sheet: Sheet, event: Event) -> Sheet:
    return Sheet(True) if isinstance(event, SheetScored) else sheet


SHEETS: Final = Decider(Sheet, decide, evolve)
"""A sheet item's stream."""
