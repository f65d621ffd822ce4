"""Decider of a finding's life: raised, answered, sent back, closed; its row is decided by the rules of rows.  Pure."""

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.corrections import FindingCorrected
from contracts.findings import FindingAnswered, FindingClosed, FindingRaised, FindingReturned
from contracts.participation import FindingReported, RectificationReported

Status: TypeAlias = Literal["", "open", "answered", "returned", "closed", "withdrawn"]
Stage: TypeAlias = Literal["", "open", "answered", "returned"]
STATUSES: Final = ("open", "answered", "returned", "closed", "withdrawn")
LABELS: Final = {
    "open": "待整改", "answered": "待复查", "returned": "退回整改", "closed": "已销号", "withdrawn": "已撤销",
}  # fmt: skip
AWAITS: Final = {"open": "unit", "returned": "unit", "answered": "office"}
"""Who is to act, by status."""


@dataclass(frozen=True)
class FindingLife:
    """The state of a finding.  `revision`: the number of its events; `stage`: what the unit and the office did last;
    `is_raised`: raised at the page, by `raised_by`; `answer`: the latest one."""

    row: FindingReported | FindingCorrected | None = None
    revision: int = 0
    stage: Stage = ""
    rectified_on: str = ""
    is_raised: bool = False
    raised_by: str = ""
    answer: FindingAnswered | None = None

    @property
    def status(self) -> Status:
        return status_of(self.stage, self.rectified_on, isinstance(self.row, FindingCorrected) and self.row.voided)

    def is_own(self, person_id: str) -> bool:
        """Whether this person raised or answered it, and so may not close it; an empty `person_id` cannot be
        distinguished from another's."""
        answered = self.answer is not None and self.answer.answered_by == person_id
        return (self.is_raised and self.raised_by == person_id) or answered


def status_of(stage: str, rectified_on: str, voided: bool) -> Status:
    """The status from a row and its stage: a rectified finding is closed, however that was reported."""
    if voided:
        return "withdrawn"
    return "closed" if stage and rectified_on else stage  # type: ignore[return-value]


class FindingRefused(Exception):
    """The command is not possible: `unknown`, `changed`, `not_now`, `same_person`."""

    def __init__(self, code: str, status: str = "") -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass(frozen=True)
class _ToFinding:
    """`revision`: the one that the caller has seen; 0: not checked."""

    finding_id: str
    revision: int

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@dataclass(frozen=True)
class RaiseFinding(_ToFinding):
    """Its row was accepted just before in the same transaction."""

    raised_by: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class AnswerFinding(_ToFinding):
    answered_by: str
    answered_on: str
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class ReturnFinding(_ToFinding):
    returned_on: str
    reason: str


@dataclass(frozen=True)
class CloseFinding(_ToFinding):
    closed_by: str
    closed_on: str
    note: str


Command: TypeAlias = RaiseFinding | AnswerFinding | ReturnFinding | CloseFinding


def decide_finding_life(state: FindingLife, command: Command) -> list[Event]:
    """Raises FindingRefused.  No event if it is in that state already."""
    if state.row is None:
        raise FindingRefused("unknown")
    if _is_repeated(state, command):
        return []
    if command.revision and command.revision != state.revision:
        raise FindingRefused("changed", state.status)
    unit_id, assessor_id = state.row.unit_id, state.row.assessor_id
    match command:
        case RaiseFinding(name, _, raised_by, evidence) if state.status == "open":
            return [FindingRaised(name, unit_id, assessor_id, raised_by, evidence)]
        case AnswerFinding(name, _, answered_by, answered_on, text, evidence) if state.status in AWAITS:
            return [FindingAnswered(name, unit_id, assessor_id, answered_by, answered_on, text, evidence)]
        case ReturnFinding(name, _, returned_on, reason) if state.status == "answered":
            return [FindingReturned(name, unit_id, returned_on, reason)]
        case CloseFinding(name, _, closed_by, closed_on, note) if state.status in AWAITS:
            if state.is_own(closed_by):
                raise FindingRefused("same_person", state.status)
            return [FindingClosed(name, unit_id, closed_by, closed_on, note)]
    raise FindingRefused("not_now", state.status)


def _is_repeated(state: FindingLife, command: Command) -> bool:
    match command:
        case RaiseFinding():
            return state.is_raised
        case AnswerFinding(text=text, evidence=evidence):
            last = state.answer
            return state.status == "answered" and last is not None and (last.text, last.evidence) == (text, evidence)
        case ReturnFinding():
            return state.status == "returned"
        case CloseFinding():
            return state.status == "closed"


def evolve_finding_life(state: FindingLife, event: Event) -> FindingLife:
    state = replace(state, revision=state.revision + 1)
    match event:
        case FindingReported(rectified_on=rectified_on):
            return replace(state, row=event, stage="open", rectified_on=rectified_on)
        case FindingCorrected(rectified_on=rectified_on):
            return replace(state, row=event, rectified_on=rectified_on)
        case RectificationReported(rectified_on=rectified_on):
            return replace(state, rectified_on=rectified_on)
        case FindingRaised(raised_by=raised_by):
            return replace(state, is_raised=True, raised_by=raised_by)
        case FindingAnswered():
            return replace(state, stage="answered", answer=event)
        case FindingReturned():
            return replace(state, stage="returned")
    return state


FINDING_LIVES: Final[Decider[FindingLife, Command, list[Event]]] = Decider(
    FindingLife, decide_finding_life, evolve_finding_life
)
