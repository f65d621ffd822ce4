"""A work that goes back to its author (退回修改) and comes again: what was marked before is marked anew.  Pure: no
clock, store or broker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chassis.events.definition import Event
from contracts.publicity import ConsentGiven, WorkReturned, WorkRevised
from services.publicity.domain.refusals import Refused
from services.publicity.domain.reviewing import Reader

if TYPE_CHECKING:
    from services.publicity.domain.works import NominateWork, Work


@dataclass(frozen=True, slots=True)
class ReturnWork:
    """A reader of the work, or (`reader` None) its unit, asks the author to revise it."""

    work_id: str
    reader: Reader | None
    author_units: frozenset[str]
    reason: str
    on: str


def decide_return(state: Work, command: ReturnWork) -> list[Event]:
    """Once until it comes again; never after it was selected.  Refused."""
    known = state.known
    if state.selected:
        raise Refused("already_selected", "work_id", known.work_id)
    if state.returned_on:
        return []
    by, reader_id = ("reader", command.reader.person_id) if command.reader else ("unit", "")
    if command.reader and reader_id not in state.readers:
        raise Refused("not_the_reader", "reader_id", reader_id)
    return [WorkReturned(known.work_id, known.author_id, known.unit_id, by, reader_id, command.on, command.reason)]


def decide_revision(state: Work, command: NominateWork, levels: tuple[str, ...]) -> list[Event]:
    """Another file under the id of a returned work, with what its author agrees to beside what was agreed to before."""
    revised = WorkRevised(command.work_id, command.author_id, command.kind, command.content, command.size, command.on,
                          command.by, command.title)  # fmt: skip
    if fresh := tuple(level for level in levels if level not in state.levels):
        return [revised, ConsentGiven(command.work_id, command.author_id, fresh, command.on, command.how)]
    return [revised]


def check_not_returned(state: Work) -> None:
    """Refused."""
    if state.returned_on:
        raise Refused("returned", "work_id", state.known.work_id)
