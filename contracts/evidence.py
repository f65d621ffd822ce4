"""Events of participation on evidence (印证资料): files that were handed in, and the records that they belong to."""

from chassis.events.definition import Event, event, meaning, personal


class _OfFile(Event):
    """An event of one kept file."""

    content: str

    @property
    def stream(self) -> str:
        return f"evidence-{self.content}"


@event("participation.evidence_received", label="印证资料上传")
class EvidenceReceived(_OfFile):
    """A file was taken in for a unit: its type found from the bytes, pictures upright and without a place."""

    content: str = meaning("SHA-256 of the file as it is kept; of a person's file keyed")
    unit_id: str = meaning("the unit that it is of")
    person_id: str = meaning("the person whose it is; empty: the unit's")
    private: bool = meaning("whether only the person may read it")
    name: str = personal("person_id", "the file's name as it was given")
    media_type: str = meaning("what it is, found from its bytes")
    size: int = meaning("bytes of the file as it is kept")
    uploaded: str = personal("person_id", "SHA-256 of the file as it was uploaded")


@event("participation.evidence_attached", label="印证资料归档")
class EvidenceAttached(_OfFile):
    """A file was put to a record, when it was filed or later, as paper scans are."""

    content: str = meaning("the file")
    record_id: str = meaning("the record")
    unit_id: str = meaning("the unit of the record")
    person_id: str = meaning("the person of the record; empty: none")


@event("participation.evidence_detached", label="印证资料移除")
class EvidenceDetached(_OfFile):
    """A file does not belong to a record any more; the file itself stays for as long as anything names it."""

    content: str = meaning("the file")
    record_id: str = meaning("the record")
    unit_id: str = meaning("the unit of the record")
    person_id: str = meaning("the person of the record; empty: none")
    reason: str = personal("person_id", "why")


@event("participation.evidence_discarded", label="印证资料清理")
class EvidenceDiscarded(_OfFile):
    """A unit's file that nothing named for long was removed."""

    content: str = meaning("the file")
    unit_id: str = meaning("the unit that it was of")
