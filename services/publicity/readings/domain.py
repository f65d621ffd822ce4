"""The three readings (三审三校): 初审、复审、终审 by three different people, of exactly what will be shown."""

from dataclasses import dataclass

from chassis.events.definition import Event
from contracts.articles import ReadingPassed, ReadingReturned
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
class PassReading(_ToSubject):
    """`subject`: article or anthology.  `content` is what the reader saw; `in_service`: they serve in some unit."""

    subject: str
    subject_id: str
    stage: str
    reader_id: str
    content: str
    on: str
    in_service: bool


@dataclass(frozen=True, slots=True)
class ReturnReading(_ToSubject):
    """Send the article or anthology back, with a reason."""

    subject: str
    subject_id: str
    stage: str
    reader_id: str
    reason: str
    on: str
    in_service: bool


@dataclass(frozen=True, slots=True)
class Readings:
    """What passed: (stage, reader, day), in order."""

    passed: tuple[tuple[str, str, str], ...] = ()

    @property
    def complete(self) -> bool:
        return len(self.passed) == len(STAGES)

    @property
    def next_stage(self) -> str:
        return "" if self.complete else STAGES[len(self.passed)]


def decide_reading(readings: Readings, content: str, command: PassReading | ReturnReading) -> list[Event]:
    """Refused: out of order, the same reader twice, or another content than is to be shown now."""
    repeat = next((item for item in readings.passed if item[0] == command.stage), None)
    if isinstance(command, PassReading) and repeat is not None and repeat[1] == command.reader_id:
        return []
    if command.stage != readings.next_stage:
        raise Refused("wrong_stage", "stage", readings.next_stage)
    if not command.in_service:
        raise Refused("not_in_service", "reader_id", command.reader_id)
    if command.reader_id in {reader for _, reader, _ in readings.passed}:
        raise Refused("same_reader", "reader_id", command.reader_id)
    if isinstance(command, ReturnReading):
        return [ReadingReturned(command.subject, command.subject_id, command.stage, command.reader_id, command.reason,
                                command.on)]  # fmt: skip
    if command.content != content:
        raise Refused("other_content", "content")
    if readings.passed and command.on < readings.passed[-1][2]:
        raise Refused("earlier_than_before", "read_on", readings.passed[-1][2])
    return [ReadingPassed(command.subject, command.subject_id, command.stage, command.reader_id, command.content,
                          command.on)]  # fmt: skip


def evolve_readings(readings: Readings, event: ReadingPassed) -> Readings:
    return Readings((*readings.passed, (event.stage, event.reader_id, event.read_on)))
