"""A work's way from nomination to selection, with the author's consent at every step.  Pure: no clock, store or broker.

集优宣传: 将干部教师的心得体会或优秀作品择优汇编。"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias

from chassis.events.definition import Event
from contracts.publicity import (
    ConsentGiven,
    ConsentWithdrawn,
    ReaderAssigned,
    WorkDeselected,
    WorkMarked,
    WorkNominated,
    WorkReturned,
    WorkRevised,
    WorkSelected,
)
from duties.publicity import Publicity
from services.publicity.domain.refusals import Refused
from services.publicity.domain.reviewing import Reader, decimal, may_review, passes, total_of
from services.publicity.domain.revising import ReturnWork, check_not_returned, decide_return, decide_revision


@dataclass(frozen=True, slots=True)
class Work:
    """What a work has come to.  `marks` maps its readers to their totals."""

    nomination: WorkNominated | None = None
    levels: frozenset[str] = frozenset()
    readers: tuple[str, ...] = ()
    marks: Mapping[str, tuple[Mapping[str, str], Fraction]] = field(default_factory=dict)
    selected: frozenset[str] = frozenset()
    deselected: frozenset[str] = frozenset()
    returned_on: str = ""

    @property
    def known(self) -> WorkNominated:
        if self.nomination is None:
            raise Refused("unknown_work", "work_id")
        return self.nomination


@dataclass(frozen=True, slots=True)
class NominateWork:
    """Put a work forward with its author's consent.  `in_service`: where the author serves on that day."""

    work_id: str
    author_id: str
    unit_id: str
    semester: str
    kind: str
    content: str
    size: int
    title: str
    on: str
    by: str
    levels: tuple[str, ...]
    how: str
    in_service: frozenset[str]


@dataclass(frozen=True, slots=True)
class GiveConsent:
    work_id: str
    levels: tuple[str, ...]
    on: str
    how: str


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """No levels: all of them.  `cause`: author or erased."""

    work_id: str
    levels: tuple[str, ...]
    on: str
    cause: str = "author"


@dataclass(frozen=True, slots=True)
class AssignReader:
    """`author_units`: where the author serves on that day."""

    work_id: str
    reader: Reader
    author_units: frozenset[str]
    on: str


@dataclass(frozen=True, slots=True)
class MarkWork:
    work_id: str
    reader: Reader
    author_units: frozenset[str]
    marks: Mapping[str, Fraction]
    on: str


@dataclass(frozen=True, slots=True)
class SelectWork:
    """`level`: unit or district."""

    work_id: str
    level: str
    at: str


@dataclass(frozen=True, slots=True)
class DeselectWork:
    work_id: str
    level: str
    reason: str
    at: str


WorkCommand: TypeAlias = (
    NominateWork | GiveConsent | WithdrawConsent | AssignReader | MarkWork | ReturnWork | SelectWork | DeselectWork
)


def decide_work(state: Work, command: WorkCommand, rules: Publicity) -> list[Event]:
    """Refused says why not; a repeat is nothing."""
    match command:
        case NominateWork():
            return _nominate(state, command, rules)
        case GiveConsent():
            fresh = tuple(sorted(_known(command.levels, rules) - state.levels))
            known = state.known
            return [ConsentGiven(known.work_id, known.author_id, fresh, command.on, command.how)] if fresh else []
        case WithdrawConsent():
            known = state.known
            gone = tuple(sorted(state.levels & (set(command.levels) or state.levels)))
            return [ConsentWithdrawn(known.work_id, known.author_id, gone, command.on, command.cause)] if gone else []
        case AssignReader():
            return _assign(state, command, rules)
        case MarkWork():
            return _mark(state, command, rules)
        case ReturnWork():
            if command.reader is not None:
                _check_reader(state, command.reader, command.author_units)
            _check_open(state)
            return decide_return(state, command)
        case SelectWork():
            return _select(state, command, rules)
        case DeselectWork():
            known = state.known
            if command.level not in state.selected:
                return []
            return [WorkDeselected(known.work_id, known.author_id, known.unit_id, command.level, command.reason,
                                   command.at)]  # fmt: skip


def _known(levels: tuple[str, ...], rules: Publicity) -> set[str]:
    for level in levels:
        if level not in rules.levels:
            raise Refused("unknown_level", "levels", level)
    return set(levels)


def _nominate(state: Work, command: NominateWork, rules: Publicity) -> list[Event]:
    if (known := state.nomination) is not None:
        if (known.author_id, known.unit_id) != (command.author_id, command.unit_id):
            raise Refused("conflict", "work_id", command.work_id)
        if known.content == command.content:
            return []
        if not state.returned_on:
            raise Refused("conflict", "work_id", command.work_id)
        return decide_revision(state, command, tuple(sorted(_known(command.levels, rules))))
    if not (levels := tuple(sorted(_known(command.levels, rules)))):
        raise Refused("consent_needed", "levels")
    if command.unit_id not in command.in_service:
        raise Refused("not_in_service", "unit_id", command.unit_id)
    return [
        WorkNominated(command.work_id, command.author_id, command.unit_id, command.semester, command.kind,
                      command.content, command.size, command.on, command.by, command.title),
        ConsentGiven(command.work_id, command.author_id, levels, command.on, command.how),
    ]  # fmt: skip


def _check_reader(state: Work, reader: Reader, author_units: frozenset[str]) -> None:
    if not reader.unit_ids:
        raise Refused("not_in_service", "reader_id", reader.person_id)
    if not may_review(reader, state.known.author_id, author_units | {state.known.unit_id}):
        raise Refused("reader_of_unit", "reader_id", reader.person_id)


def _assign(state: Work, command: AssignReader, rules: Publicity) -> list[Event]:
    _check_reader(state, command.reader, command.author_units)
    _check_open(state)
    if command.reader.person_id in state.readers:
        return []
    if len(state.readers) >= rules.readers:
        raise Refused("readers_complete", "reader_id")
    return [ReaderAssigned(command.work_id, command.reader.person_id, command.on)]


def _check_open(state: Work) -> None:
    if not state.levels:
        raise Refused("no_consent", "work_id")


def _mark(state: Work, command: MarkWork, rules: Publicity) -> list[Event]:
    reader = command.reader.person_id
    if state.known and reader not in state.readers:
        raise Refused("not_the_reader", "reader_id", reader)
    texts = {name: decimal(mark) for name, mark in command.marks.items()}
    if reader in state.marks:
        if state.marks[reader][0] != texts:
            raise Refused("conflict", "marks", reader)
        return []
    _check_open(state)
    check_not_returned(state)
    # A transfer since the assignment may have brought both under one roof.
    _check_reader(state, command.reader, command.author_units)
    total = total_of(command.marks, rules)
    return [WorkMarked(command.work_id, reader, texts, decimal(total), command.on)]


def _select(state: Work, command: SelectWork, rules: Publicity) -> list[Event]:
    known = state.known
    if command.level in state.selected:
        return []
    if command.level in state.deselected:
        raise Refused("deselected", "work_id", known.work_id)
    _check_open(state)
    check_not_returned(state)
    if command.level == "district" and "unit" not in state.selected:
        raise Refused("not_selected", "work_id", known.work_id)
    if len(state.marks) < rules.readers:
        raise Refused("reviews_missing", "work_id", f"{len(state.marks)}/{rules.readers}")
    if not passes([total for _, total in state.marks.values()], rules):
        raise Refused("below_pass_mark", "work_id", known.work_id)
    return [WorkSelected(known.work_id, known.author_id, known.unit_id, known.semester, command.level, command.at)]


def evolve_work(state: Work, event: Event) -> Work:
    match event:
        case WorkNominated():
            return replace(state, nomination=event)
        case ConsentGiven():
            return replace(state, levels=state.levels | set(event.levels))
        case ConsentWithdrawn():
            return replace(state, levels=state.levels - set(event.levels))
        case ReaderAssigned():
            return replace(state, readers=(*state.readers, event.reader_id))
        case WorkMarked():
            return replace(state, marks={**state.marks, event.reader_id: (event.marks, Fraction(event.total))})
        case WorkReturned():
            return replace(state, returned_on=event.returned_on)
        case WorkRevised():
            now = replace(state.known, kind=event.kind, content=event.content, size=event.size, title=event.title)
            return replace(state, nomination=now, marks={}, returned_on="")
        case WorkSelected():
            return replace(state, selected=state.selected | {event.level})
        case WorkDeselected():
            return replace(state, selected=state.selected - {event.level}, deselected=state.deselected | {event.level})
    return state
