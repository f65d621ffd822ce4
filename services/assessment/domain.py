"""Findings and score sheets.  Pure: no clock, store or broker."""

from dataclasses import dataclass
from typing import Final

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.assessment import FindingRaised, FindingRectified, SheetScored


@dataclass(frozen=True)
class RaiseFinding:
    """Make a finding that came in by the intake our own; it was judged there (scoring.md 1)."""

    finding_id: str
    unit_id: str
    assessor_id: str
    found_on: str
    deadline: str
    points: str
    rectified_on: str
    learnt_at: str

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@dataclass(frozen=True)
class RectifyFinding:
    """A finding was put right."""

    finding_id: str
    rectified_on: str
    learnt_at: str

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@dataclass(frozen=True)
class ScoreSheet:
    """Make one item of a quarter's sheet our own."""

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


Command = RaiseFinding | RectifyFinding | ScoreSheet


@dataclass(frozen=True)
class State:
    """What a finding's or sheet's stream has come to."""

    exists: bool = False
    rectified_on: str = ""


class UnknownFinding(Exception):
    """A rectification of what was never raised: its stream is broken."""


def decide(state: State, command: Command) -> list[Event]:
    """A repeat gives no event."""
    match command:
        case RectifyFinding() if not state.exists:
            raise UnknownFinding(command.finding_id)
        case RectifyFinding(rectified_on=day) if state.rectified_on == day:
            return []
        case RectifyFinding():
            return [FindingRectified(**vars(command))]
        case _ if state.exists:
            return []
        case RaiseFinding():
            return [FindingRaised(**vars(command))]
        case ScoreSheet():
            return [SheetScored(**vars(command))]


def evolve(state: State, event: Event) -> State:
    match event:
        case FindingRaised(rectified_on=day) | FindingRectified(rectified_on=day):
            return State(True, day)
        case SheetScored():
            return State(True)
    return state


ASSESSMENTS: Final = Decider(State, decide, evolve)
"""A finding's or sheet's stream."""
