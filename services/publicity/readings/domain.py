"""The three readings (三审三校): 初审、复审、终审 by three different people, of exactly the content that will be
shown."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from chassis.events.definition import Event
from contracts.articles import ProofFetched, ReaderAppointed, ReadingPassed, ReadingReturned
from duties.publicity import STAGES
from services.publicity.domain.refusals import Refused


class _ToSubject:
    __slots__ = ()
    subject: str
    subject_id: str

    @property
    def stream(self) -> str:
        return f"{self.subject}-{self.subject_id}"


@dataclass(frozen=True, slots=True)
class AppointReader(_ToSubject):
    """`appointed_by`: a person; empty: the operator or a unit's account.  `in_service`: whether the reader is."""

    subject: str
    subject_id: str
    stage: str
    reader_id: str
    appointed_by: str
    on: str
    in_service: bool


@dataclass(frozen=True, slots=True)
class FetchProof(_ToSubject):
    """A reader has downloaded this content to read it."""

    subject: str
    subject_id: str
    reader_id: str
    content: str
    on: str


@dataclass(frozen=True, slots=True)
class PassReading(_ToSubject):
    """`subject`: article or anthology.  `content`: what the reader claims to have read, empty: what they fetched last;
    `in_service`: whether they serve in some unit."""

    subject: str
    subject_id: str
    stage: str
    reader_id: str
    content: str
    on: str
    in_service: bool


@dataclass(frozen=True, slots=True)
class ReturnReading(_ToSubject):
    """Return the article or anthology, with a reason."""

    subject: str
    subject_id: str
    stage: str
    reader_id: str
    reason: str
    on: str
    in_service: bool


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings passed: (stage, reader, day), in order.  `appointed`: stage -> reader; `fetched`: reader ->
    (content, day) of the last download."""

    passed: tuple[tuple[str, str, str], ...] = ()
    appointed: Mapping[str, str] = field(default_factory=dict)
    fetched: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return len(self.passed) == len(STAGES)

    @property
    def readers(self) -> frozenset[str]:
        """Everybody who is appointed or has read: to anybody else the article does not exist."""
        return frozenset((*self.appointed.values(), *(reader for _, reader, _ in self.passed)))

    @property
    def next_stage(self) -> str:
        return "" if self.complete else STAGES[len(self.passed)]


ReadingCommand = AppointReader | FetchProof | PassReading | ReturnReading


def decide_fetch(readings: Readings, content: str, command: FetchProof) -> list[Event]:
    """Recorded only for an appointed reader and for the current content; otherwise no events."""
    reader = command.reader_id
    known = readings.fetched.get(reader, ("", ""))[0] == content
    if reader not in readings.appointed.values() or command.content != content or known:
        return []
    return [ProofFetched(command.subject, command.subject_id, reader, content, command.on)]


def decide_reading(
    readings: Readings, content: str, authors: Collection[str], command: AppointReader | PassReading | ReturnReading
) -> list[Event]:
    """Readers are appointed, read themselves, and are neither an author nor appointed by one.  Raises Refused."""
    if isinstance(command, AppointReader):
        return _appoint(readings, authors, command)
    return _read(readings, content, authors, command)


def _appoint(readings: Readings, authors: Collection[str], command: AppointReader) -> list[Event]:
    """Raises Refused if an author reads or appoints, a reader has two stages, or the stage is over."""
    reader = command.reader_id
    if command.stage in {stage for stage, _, _ in readings.passed}:
        raise Refused("wrong_stage", "stage", readings.next_stage)
    if reader in authors:
        raise Refused("reader_is_author", "reader_id", reader)
    if command.appointed_by and command.appointed_by in (*authors, reader):
        raise Refused("appoints_own_reader", "reader_id", reader)
    if not command.in_service:
        raise Refused("not_in_service", "reader_id", reader)
    if reader in {other for stage, other in readings.appointed.items() if stage != command.stage}:
        raise Refused("same_reader", "reader_id", reader)
    if readings.appointed.get(command.stage) == reader:
        return []
    return [ReaderAppointed(command.subject, command.subject_id, command.stage, reader, command.appointed_by,
                            command.on)]  # fmt: skip


def _read(
    readings: Readings, content: str, authors: Collection[str], command: PassReading | ReturnReading
) -> list[Event]:
    """Raises Refused if it is not the appointed reader, not the next stage, or not the current content."""
    repeat = next((item for item in readings.passed if item[0] == command.stage), None)
    if isinstance(command, PassReading) and repeat is not None and repeat[1] == command.reader_id:
        return []
    if command.stage != readings.next_stage:
        raise Refused("wrong_stage", "stage", readings.next_stage)
    if not command.in_service:
        raise Refused("not_in_service", "reader_id", command.reader_id)
    if command.reader_id in authors:
        raise Refused("reader_is_author", "reader_id", command.reader_id)
    if command.reader_id in {reader for _, reader, _ in readings.passed}:
        raise Refused("same_reader", "reader_id", command.reader_id)
    if readings.appointed.get(command.stage) != command.reader_id:
        raise Refused("not_appointed", "reader_id", command.reader_id)
    if isinstance(command, ReturnReading):
        return [ReadingReturned(command.subject, command.subject_id, command.stage, command.reader_id, command.reason,
                                command.on)]  # fmt: skip
    fetched, fetched_on = readings.fetched.get(command.reader_id, ("", ""))
    if not fetched:
        raise Refused("not_fetched", "content")
    if fetched != content or command.content not in ("", content):
        raise Refused("other_content", "content")
    if command.on < fetched_on:
        raise Refused("earlier_than_before", "read_on", fetched_on)
    if readings.passed and command.on < readings.passed[-1][2]:
        raise Refused("earlier_than_before", "read_on", readings.passed[-1][2])
    return [ReadingPassed(command.subject, command.subject_id, command.stage, command.reader_id, fetched,
                          command.on)]  # fmt: skip


def evolve_readings(readings: Readings, event: ReaderAppointed | ProofFetched | ReadingPassed) -> Readings:
    if isinstance(event, ProofFetched):
        return replace(readings, fetched={**readings.fetched, event.reader_id: (event.content, event.fetched_on)})
    if isinstance(event, ReaderAppointed):
        return replace(readings, appointed={**readings.appointed, event.stage: event.reader_id})
    return replace(readings, passed=(*readings.passed, (event.stage, event.reader_id, event.read_on)))
