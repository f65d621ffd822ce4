"""Decider of a filing: drafted, submitted, returned, confirmed, corrected, recalled, withdrawn.  Pure."""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.filings import (
    FilingConfirmed,
    FilingCorrected,
    FilingDrafted,
    FilingReturned,
    FilingSubmitted,
    FilingWithdrawn,
)

Status: TypeAlias = Literal["", "draft", "submitted", "returned", "confirmed", "withdrawn"]
STATUSES: Final = ("draft", "submitted", "returned", "confirmed", "withdrawn")
EDITABLE: Final = ("draft", "returned")
AWAITED: Final = ("", "head", "owner")
LABELS: Final = {
    "draft": "草稿",
    "submitted": "已提交",
    "returned": "退回修改",
    "confirmed": "已确认",
    "withdrawn": "已撤回",
}


@dataclass(frozen=True)
class Filing:
    """The state of a filing.  `revision`: the number of its events; `contents`: (revision, event) of those with
    content; `awaits`: who must confirm it, if it is submitted and does not count yet; `handed_in`: whether ever;
    `recalled`: it counted and was returned by the office that collects it."""

    status: Status = ""
    revision: int = 0
    begun: FilingDrafted | None = None
    contents: tuple[tuple[int, FilingDrafted | FilingCorrected], ...] = ()
    awaits: str = ""
    counts: bool = False
    handed_in: bool = False
    recalled: bool = False

    @property
    def unit_id(self) -> str:
        return self.begun.unit_id if self.begun else ""

    @property
    def person_id(self) -> str:
        return self.contents[-1][1].person_id if self.contents else ""

    @property
    def digest(self) -> str:
        return self.contents[-1][1].digest if self.contents else ""

    def content_at(self, revision: int) -> FilingDrafted | FilingCorrected | None:
        """The event with the content as of a revision."""
        return next((event for number, event in reversed(self.contents) if number <= revision), None)


class FilingRefused(Exception):
    """The command is not possible now: `code`; `changed`: somebody else changed the filing meanwhile."""

    def __init__(self, code: str, status: str = "") -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass(frozen=True)
class FilingCommand:
    """`revision`: the one that the caller has seen; 0: not checked."""

    filing_id: str
    revision: int

    @property
    def stream(self) -> str:
        return f"filing-{self.filing_id}"


@dataclass(frozen=True)
class DraftFiling(FilingCommand):
    """Create or change a draft.  `cells`: the content as an event's fields."""

    entry_id: str
    kind: str
    unit_id: str
    on_behalf: bool
    cells: dict[str, Any]


@dataclass(frozen=True)
class SubmitFiling(FilingCommand):
    awaits: str
    campaign: str
    campaign_version: int


@dataclass(frozen=True)
class ReturnFiling(FilingCommand):
    reason: str


@dataclass(frozen=True)
class RecallFiling(FilingCommand):
    """Return a filing that counts, as the office that collects it."""

    reason: str


@dataclass(frozen=True)
class ConfirmFiling(FilingCommand):
    campaign: str
    campaign_version: int


@dataclass(frozen=True)
class CorrectFiling(FilingCommand):
    reason: str
    cells: dict[str, Any]


@dataclass(frozen=True)
class WithdrawFiling(FilingCommand):
    reason: str


def decide_filing(state: Filing, command: FilingCommand) -> list[Event]:
    """Raises FilingRefused: `changed`, `unknown`, or `not_now` with the current status.  No event if it is in that
    state already."""
    if not state.status and not isinstance(command, DraftFiling):
        raise FilingRefused("unknown")
    if _is_repeated(state, command):
        return []
    if command.revision and command.revision != state.revision:
        raise FilingRefused("changed", state.status)
    match command:
        case DraftFiling() if state.status in ("", *EDITABLE):
            if state.begun and (command.kind, command.unit_id) != (state.begun.kind, state.begun.unit_id):
                raise FilingRefused("other_kind", state.status)
            return [FilingDrafted(command.filing_id, command.entry_id, command.kind, command.unit_id,
                                  on_behalf=command.on_behalf, **command.cells)]  # fmt: skip
        case SubmitFiling() if state.status in EDITABLE:
            return [FilingSubmitted(command.filing_id, command.awaits, command.campaign, command.campaign_version)]
        case ReturnFiling() if state.status == "submitted" and not state.counts:
            return [FilingReturned(command.filing_id, state.person_id, command.reason, unit_id=state.unit_id)]
        case RecallFiling() if state.counts:
            return [FilingReturned(command.filing_id, state.person_id, command.reason, True, state.unit_id)]
        case ConfirmFiling() if state.status == "submitted" and not state.counts:
            return [FilingConfirmed(command.filing_id, command.campaign, command.campaign_version)]
        case CorrectFiling() if state.counts:
            return [FilingCorrected(command.filing_id, reason=command.reason, **command.cells)]
        case WithdrawFiling() if state.status != "withdrawn":
            return [FilingWithdrawn(command.filing_id, state.person_id, command.reason)]
    raise FilingRefused("not_now", state.status)


def _is_repeated(state: Filing, command: FilingCommand) -> bool:
    match command:
        case DraftFiling() | CorrectFiling():
            return bool(state.digest) and state.digest == command.cells["digest"] and state.status != "withdrawn"
        case SubmitFiling():
            return state.status in ("submitted", "confirmed")
        case ConfirmFiling():
            return state.counts
        case ReturnFiling() | RecallFiling():
            return state.status == "returned"
        case WithdrawFiling():
            return state.status == "withdrawn"
    return False


def evolve_filing(state: Filing, event: Event) -> Filing:
    number = state.revision + 1
    match event:
        case FilingDrafted():
            contents = (*state.contents, (number, event))
            status: Status = "returned" if state.status == "returned" else "draft"
            return replace(state, status=status, revision=number, begun=state.begun or event, contents=contents)
        case FilingSubmitted(awaits=awaits):
            return replace(state, status="submitted", revision=number, awaits=awaits, counts=not awaits, handed_in=True,
                           recalled=False)  # fmt: skip
        case FilingReturned(counted=counted):
            return replace(state, status="returned", revision=number, awaits="", counts=False, recalled=counted)
        case FilingConfirmed():
            return replace(state, status="confirmed", revision=number, awaits="", counts=True)
        case FilingCorrected():
            return replace(state, revision=number, contents=(*state.contents, (number, event)))
        case FilingWithdrawn():
            return replace(state, status="withdrawn", revision=number, awaits="", counts=False)
    return state


FILINGS: Final[Decider[Filing, FilingCommand, list[Event]]] = Decider(Filing, decide_filing, evolve_filing)
