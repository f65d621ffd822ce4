"""The decider of a unit's anthology of a semester (优秀成果汇编), edition by edition.  Pure: no clock, store or
broker."""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.articles import ProofFetched, ReaderAppointed, ReadingPassed, ReadingReturned
from contracts.publicity import AnthologyCompiled, AnthologyOutdated, AnthologyTakenDown
from services.publicity.domain.refusals import Refused
from services.publicity.domain.shown_works import ShownWork, check_shown
from services.publicity.readings.domain import (
    AppointReader,
    FetchProof,
    PassReading,
    ReadingCommand,
    Readings,
    ReturnReading,
    decide_fetch,
    decide_reading,
    evolve_readings,
)


@dataclass(frozen=True, slots=True)
class Anthology:
    """The state: `edition` is in force unless `outdated` (a consent was withdrawn) or `taken_down`."""

    edition: AnthologyCompiled | None = None
    outdated: frozenset[str] = frozenset()
    taken_down: bool = False
    returned: bool = False
    readings: Readings = field(default_factory=Readings)

    @property
    def known(self) -> AnthologyCompiled:
        if self.edition is None:
            raise Refused("unknown_anthology", "anthology_id")
        return self.edition

    @property
    def may_be_handed_out(self) -> bool:
        return self.edition is not None and not self.outdated and not self.taken_down


class _ToAnthology:
    __slots__ = ()
    anthology_id: str

    @property
    def stream(self) -> str:
        return f"anthology-{self.anthology_id}"


@dataclass(frozen=True, slots=True)
class CompileAnthology(_ToAnthology):
    """`content` is the keyed hash of the manuscripts in order, with title and level."""

    anthology_id: str
    unit_id: str
    semester: str
    level: str
    title: str
    works: tuple[ShownWork, ...]
    content: str
    size: int
    at: str
    may_show: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ApplyConsentWithdrawal(_ToAnthology):
    """Consent to show a work at these levels was withdrawn."""

    anthology_id: str
    work_id: str
    levels: frozenset[str]


@dataclass(frozen=True, slots=True)
class TakeDownAnthology(_ToAnthology):
    anthology_id: str
    reason: str
    at: str


AnthologyCommand: TypeAlias = CompileAnthology | ApplyConsentWithdrawal | TakeDownAnthology | ReadingCommand


def decide_anthology(state: Anthology, command: AnthologyCommand) -> list[Event]:
    match command:
        case CompileAnthology():
            return _compile(state, command)
        case ApplyConsentWithdrawal():
            known = state.known
            gone = command.work_id in known.works and known.level in command.levels and not state.taken_down
            if not gone or command.work_id in state.outdated:
                return []
            return [AnthologyOutdated(known.anthology_id, command.work_id, known.edition)]
        case TakeDownAnthology():
            known = state.known
            if state.taken_down:
                return []
            return [
                AnthologyTakenDown(known.anthology_id, known.unit_id, known.first_edition, command.reason, command.at)
            ]
        case FetchProof():
            is_read = state.may_be_handed_out and not state.returned
            return decide_fetch(state.readings, state.known.content, command) if is_read else []
        case AppointReader() | PassReading() | ReturnReading():
            if not state.may_be_handed_out or state.returned:
                raise Refused("not_in_force", "anthology_id")
            return decide_reading(state.readings, state.known.content, state.known.authors, command)


def _compile(state: Anthology, command: CompileAnthology) -> list[Event]:
    if not command.works:
        raise Refused("no_works", "works")
    for work in command.works:
        if work.semester != command.semester:
            raise Refused("other_semester", "works", work.work_id)
        check_shown(work, command.unit_id, command.level, command.may_show)
    known = state.edition
    if known is not None and state.may_be_handed_out and not state.returned and known.content == command.content:
        return []
    edition = known.edition + 1 if known else 1
    first_edition = known.first_edition if known and not state.taken_down else edition
    return [
        AnthologyCompiled(command.anthology_id, command.unit_id, command.semester, edition, first_edition,
                          command.level, command.title, tuple(work.work_id for work in command.works),
                          tuple(sorted({work.author_id for work in command.works})), command.content, command.size,
                          command.at)
    ]  # fmt: skip


def evolve_anthology(state: Anthology, event: Event) -> Anthology:
    match event:
        case AnthologyCompiled():
            return Anthology(edition=event)
        case AnthologyOutdated():
            return replace(state, outdated=state.outdated | {event.work_id})
        case AnthologyTakenDown():
            return replace(state, taken_down=True)
        case ReaderAppointed() | ReadingPassed() | ProofFetched():
            return replace(state, readings=evolve_readings(state.readings, event))
        case ReadingReturned():
            return replace(state, returned=True)
    return state


ANTHOLOGIES = Decider(Anthology, decide_anthology, evolve_anthology)
