"""Decider of a unit's quarter sheet: drafted, completed, confirmed by a second person, corrected.  Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.quarter_sheets import (
    QuarterSheetCompleted,
    QuarterSheetConfirmed,
    QuarterSheetDrafted,
    QuarterSheetReopened,
    QuarterSheetReturned,
)

Status: TypeAlias = Literal["", "draft", "completed", "confirmed"]
Points: TypeAlias = Mapping[str, str]
"""Points as text, by item."""


@dataclass(frozen=True)
class QuarterSheet:
    """The state of a sheet.  `correction`: why counting points are being corrected; empty: they are not."""

    status: Status = ""
    revision: int = 0
    points: Points = field(default_factory=dict)
    assessor_id: str = ""
    assessed_on: str = ""
    completed_by: str = ""
    correction: str = ""


class SheetRefused(Exception):
    """The command is not possible now: `code`, and what it is about."""

    def __init__(self, code: str, items: Collection[str] = ()) -> None:
        super().__init__(code)
        self.code, self.items = code, tuple(items)


@dataclass(frozen=True)
class SheetCommand:
    """`revision`: the one that the caller has seen; 0: not checked."""

    unit_id: str
    period: str
    revision: int

    @property
    def stream(self) -> str:
        return f"quarter_sheet-{self.period}-{self.unit_id}"


@dataclass(frozen=True)
class DraftSheet(SheetCommand):
    """`points`: of some items, the others stay; empty: the item is not assessed after all.  `counting`: the points that
    count now, for items that the sheet lacks."""

    points: Points
    counting: Points


@dataclass(frozen=True)
class CompleteSheet(SheetCommand):
    """`items`: all that must be assessed; `by`: the person; `counting`: as in DraftSheet."""

    items: tuple[str, ...]
    assessor_id: str
    assessed_on: str
    by: str
    counting: Points


@dataclass(frozen=True)
class ReturnSheet(SheetCommand):
    reason: str


@dataclass(frozen=True)
class ConfirmSheet(SheetCommand):
    campaign: str
    campaign_version: int
    by: str


@dataclass(frozen=True)
class ReopenSheet(SheetCommand):
    """`counting`: the points that count now, from any source."""

    reason: str
    counting: Points


def decide_sheet(state: QuarterSheet, command: SheetCommand) -> list[Event]:
    """Raises SheetRefused: `changed`, `not_now`, `incomplete` with the items, `same_hand`.  No event if it is in that
    state already."""
    name = (command.unit_id, command.period)
    if _is_repeated(state, command):
        return []
    if command.revision and command.revision != state.revision:
        raise SheetRefused("changed")
    match command:
        case DraftSheet(points=points, counting=counting) if _is_open(state, counting):
            drafted = _merge_points(state, points, counting)
            return [] if drafted == dict(state.points) else [QuarterSheetDrafted(*name, drafted)]
        case CompleteSheet() if state.status in ("", "draft"):
            return _complete(state, command)
        case ReturnSheet(reason=reason) if state.status == "completed":
            return [QuarterSheetReturned(*name, reason)]
        case ConfirmSheet(by=by) if state.status == "completed":
            if by == state.completed_by:
                raise SheetRefused("same_hand")
            return [QuarterSheetConfirmed(*name, command.campaign, command.campaign_version)]
        case ReopenSheet(reason=reason, counting=counting) if counting and not state.correction:
            if state.status != "completed":
                return [QuarterSheetReopened(*name, dict(counting), reason)]
    raise SheetRefused("not_now")


def _is_open(state: QuarterSheet, counting: Points) -> bool:
    """Whether points may be entered; also if everything confirmed has been voided since."""
    return state.status in ("", "draft") or (state.status == "confirmed" and not counting)


def _complete(state: QuarterSheet, command: CompleteSheet) -> list[Event]:
    name = (command.unit_id, command.period)
    points = _merge_points(state, {}, command.counting)
    if missing := [item for item in command.items if item not in points]:
        raise SheetRefused("incomplete", missing)
    drafted: list[Event] = [] if points == dict(state.points) else [QuarterSheetDrafted(*name, points)]
    return [*drafted, QuarterSheetCompleted(*name, command.assessor_id, command.assessed_on, command.by)]


def _merge_points(state: QuarterSheet, points: Points, counting: Points) -> dict[str, Any]:
    whole = {**counting, **state.points, **points}
    return {item: value for item, value in sorted(whole.items()) if value}


def _is_repeated(state: QuarterSheet, command: SheetCommand) -> bool:
    match command:
        case CompleteSheet():
            return state.status == "completed"
        case ConfirmSheet():
            return state.status == "confirmed"
        case ReopenSheet(reason=reason):
            return state.correction == reason and state.status == "draft"
    return False


def evolve_sheet(state: QuarterSheet, event: Event) -> QuarterSheet:
    number = state.revision + 1
    match event:
        case QuarterSheetDrafted(points=points):
            return replace(state, status="draft", revision=number, points=points)
        case QuarterSheetCompleted(assessor_id=assessor_id, assessed_on=assessed_on, completed_by=by):
            return replace(state, status="completed", revision=number, assessor_id=assessor_id,
                           assessed_on=assessed_on, completed_by=by)  # fmt: skip
        case QuarterSheetReturned():
            return replace(state, status="draft", revision=number, completed_by="")
        case QuarterSheetConfirmed():
            return replace(state, status="confirmed", revision=number, correction="")
        case QuarterSheetReopened(points=points, reason=reason):
            return replace(state, status="draft", revision=number, points=points, correction=reason)
    return state


QUARTER_SHEETS: Final[Decider[QuarterSheet, SheetCommand, list[Event]]] = Decider(
    QuarterSheet, decide_sheet, evolve_sheet
)
