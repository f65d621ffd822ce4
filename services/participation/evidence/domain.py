"""Decider of stored files: received, attached to a record, detached, discarded.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.evidence import EvidenceAttached, EvidenceDetached, EvidenceDiscarded, EvidenceReceived


class Refused(ValueError):
    """The text is the code."""


@dataclass(frozen=True)
class KeptFile:
    """The units that have a file (whose it is there, and whether it is private), and the records it is attached to."""

    units: Mapping[str, EvidenceReceived] = field(default_factory=dict)
    records: Mapping[str, EvidenceAttached] = field(default_factory=dict)


@dataclass(frozen=True)
class OfRecord:
    """What is known of the record that a file is attached to."""

    record_id: str
    unit_id: str
    person_id: str
    withdrawn: bool


@dataclass(frozen=True)
class _OfFile:
    content: str

    @property
    def stream(self) -> str:
        return f"evidence-{self.content}"


@dataclass(frozen=True)
class ReceiveFile(_OfFile):
    """A file is taken in."""

    unit_id: str
    person_id: str
    private: bool
    name: str
    media_type: str
    size: int
    uploaded: str


@dataclass(frozen=True)
class AttachFile(_OfFile):
    """A file is put to a record."""

    record: OfRecord


@dataclass(frozen=True)
class DetachFile(_OfFile):
    """A file is taken from a record."""

    record: OfRecord
    reason: str


@dataclass(frozen=True)
class DiscardFile(_OfFile):
    """Delete a unit's file, if no record has it."""

    unit_id: str


Command = ReceiveFile | AttachFile | DetachFile | DiscardFile


def decide_file(state: KeptFile, command: Command) -> list[Event]:
    """Raises Refused: file_of_another, record_withdrawn, not_attached."""
    match command:
        case ReceiveFile(unit_id=unit_id):
            return [] if unit_id in state.units else [EvidenceReceived(**vars(command))]
        case AttachFile(record=record):
            return _attach_events(state, command.content, record)
        case DetachFile(record=record) if record.record_id not in state.records:
            raise Refused("not_attached")
        case DetachFile(content=content, record=record, reason=reason):
            return [EvidenceDetached(content, record.record_id, record.unit_id, record.person_id, reason)]
        case DiscardFile(content=content, unit_id=unit_id):
            is_used = any(link.unit_id == unit_id for link in state.records.values())
            return [] if is_used or unit_id not in state.units else [EvidenceDiscarded(content, unit_id)]


def _attach_events(state: KeptFile, content: str, record: OfRecord) -> list[Event]:
    """A file may be attached to records of its own unit; a person's only to that person's."""
    file = state.units.get(record.unit_id)
    if file is None or (file.person_id and file.person_id != record.person_id):
        raise Refused("file_of_another")
    if record.withdrawn:
        raise Refused("record_withdrawn")
    if record.record_id in state.records:
        return []
    return [EvidenceAttached(content, record.record_id, record.unit_id, record.person_id)]


def evolve_file(state: KeptFile, event: Event) -> KeptFile:
    match event:
        case EvidenceReceived():
            return replace(state, units={**state.units, event.unit_id: event})
        case EvidenceAttached():
            return replace(state, records={**state.records, event.record_id: event})
        case EvidenceDetached(record_id=gone):
            return replace(state, records={name: link for name, link in state.records.items() if name != gone})
        case EvidenceDiscarded(unit_id=gone):
            return replace(state, units={name: file for name, file in state.units.items() if name != gone})
    return state


FILES = Decider(KeptFile, decide_file, evolve_file)
