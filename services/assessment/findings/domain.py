"""Which findings stand in assessment's own log.  Pure: no clock, store or broker."""

from dataclasses import dataclass
from typing import Final

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.assessment import FindingRaised, FindingRectified


@dataclass(frozen=True)
class RaiseFinding:
    """Take in a finding that was reported at the intake, which has checked it (scoring.md 1)."""

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


Command = RaiseFinding | RectifyFinding


@dataclass(frozen=True)
class Finding:
    """The state of a finding's stream."""

    exists: bool = False
    rectified_on: str = ""


class UnknownFinding(Exception):
    """A rectification of what was never raised: its stream is broken."""


def decide(finding: Finding, command: Command) -> list[Event]:
    """A command that was carried out before gives no events, so a redelivery changes nothing."""
    match command:
        case RaiseFinding() if finding.exists:
            return []
        case RaiseFinding():
            return [FindingRaised(**vars(command))]
        case RectifyFinding() if not finding.exists:
            raise UnknownFinding(command.finding_id)
        case RectifyFinding(rectified_on=day) if finding.rectified_on == day:
            return []
        case RectifyFinding():
            return [FindingRectified(**vars(command))]


def evolve(finding: Finding, event: Event) -> Finding:
    match event:
        case FindingRaised(rectified_on=day) | FindingRectified(rectified_on=day):
            return Finding(True, day)
    return finding


FINDINGS: Final = Decider(Finding, decide, evolve)
"""A finding's stream."""
