"""The state of a work, and how events change it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from chassis.events.definition import Event
from contracts.publicity import (
    ConsentGiven,
    ConsentWithdrawn,
    ReviewerAssigned,
    ReviewerReleased,
    WorkDeselected,
    WorkMarked,
    WorkNominated,
    WorkPutForward,
    WorkReturned,
    WorkRevised,
    WorkSelected,
)
from services.publicity.domain.refusals import Refused
from services.publicity.works.domain.commands import OFFICE


@dataclass(frozen=True, slots=True)
class Work:
    """`levels`: the uses that its author consents to now; `withdrawn`: those withdrawn, which only the author may give
    again.  `put_forward`: by its unit, for review.  `reviewers`: reviewer -> assignment; `declined`: those who did.
    `marks`: reviewer -> their sheet and its total.  `turns`: level -> how often it was selected."""

    nomination: WorkNominated | None = None
    levels: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()
    put_forward: bool = False
    reviewers: Mapping[str, ReviewerAssigned] = field(default_factory=dict)
    declined: frozenset[str] = frozenset()
    marks: Mapping[str, tuple[Mapping[str, str], Fraction]] = field(default_factory=dict)
    selected: frozenset[str] = frozenset()
    deselected: frozenset[str] = frozenset()
    turns: Mapping[str, int] = field(default_factory=dict)
    returned_on: str = ""

    @property
    def known(self) -> WorkNominated:
        """The nomination, with its latest file and title.  Raises Refused if there is none."""
        if self.nomination is None:
            raise Refused("unknown_work", "work_id")
        return self.nomination

    def check_open(self) -> None:
        """Raises Refused if there is no consent."""
        if not self.levels:
            raise Refused("no_consent", "work_id")

    def check_not_returned(self) -> None:
        """Raises Refused if it was returned."""
        if self.returned_on:
            raise Refused("returned", "work_id", self.known.work_id)


def evolve_work(state: Work, event: Event) -> Work:
    match event:
        case WorkNominated():
            return replace(state, nomination=event, put_forward=event.by == "unit")
        case WorkPutForward():
            return replace(state, put_forward=True)
        case ConsentGiven():
            given = frozenset(event.levels)
            return replace(state, levels=state.levels | given, withdrawn=state.withdrawn - given)
        case ConsentWithdrawn():
            gone = frozenset(event.levels)
            return replace(state, levels=state.levels - gone, withdrawn=state.withdrawn | gone)
        case ReviewerAssigned():
            return replace(state, reviewers={**state.reviewers, event.reviewer_id: event})
        case ReviewerReleased():
            left = {name: asked for name, asked in state.reviewers.items() if name != event.reviewer_id}
            declined = state.declined if event.cause == OFFICE else state.declined | {event.reviewer_id}
            return replace(state, reviewers=left, declined=declined)
        case WorkMarked():
            return replace(state, marks={**state.marks, event.reviewer_id: (event.marks, Fraction(event.total))})
        case WorkReturned():
            return replace(state, returned_on=event.returned_on)
        case WorkRevised():
            revised = replace(state.known, kind=event.kind, content=event.content, size=event.size, title=event.title)
            return replace(state, nomination=revised, marks={}, returned_on="", deselected=frozenset())
        case WorkSelected():
            turns = {**state.turns, event.level: event.turn}
            return replace(state, selected=state.selected | {event.level}, turns=turns)
        case WorkDeselected():
            return replace(state, selected=state.selected - {event.level}, deselected=state.deselected | {event.level})
    return state
