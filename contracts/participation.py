"""What participation says happened: the campaign, the district's units and people, and every deed on record.

Days are `YYYY-MM-DD`, instants UTC as `canonical_json.instant` writes them; text that was not given is empty.
`digest` is what a later row of the same id is compared with (unchanged or conflict), keyed where it covers a person.
"""

from dataclasses import field
from typing import Any

from chassis.events.definition import Event, event, personal


@event("participation.campaign_launched")
class CampaignLaunched(Event):
    """The district's one campaign began under these rules (`document`: duties.campaign's plain normal form)."""

    campaign: str
    campaign_version: int
    document: dict[str, Any]

    @property
    def stream(self) -> str:
        return f"campaign-{self.campaign}"


@event("participation.campaign_amended")
class CampaignAmended(Event):
    """A higher version of the campaign file replaced the rules; what was decided before stays decided."""

    campaign: str
    campaign_version: int
    document: dict[str, Any]

    @property
    def stream(self) -> str:
        return f"campaign-{self.campaign}"


@event("participation.unit_registered")
class UnitRegistered(Event):
    """A row of units.csv was accepted."""

    unit_id: str
    name: str
    kind: str
    tags: tuple[str, ...]
    zone_id: str
    community_id: str
    liaison_id: str
    opened_on: str
    closed_on: str
    digest: str

    @property
    def stream(self) -> str:
        return f"unit-{self.unit_id}"


@event("participation.unit_closed")
class UnitClosed(Event):
    """A unit is not in service from `closed_on` on."""

    unit_id: str
    closed_on: str

    @property
    def stream(self) -> str:
        return f"unit-{self.unit_id}"


@event("participation.unit_related")
class UnitRelated(Event):
    """From the day `since` the unit stands in this zone, this community, under this liaison office; a relation
    that was not given (empty) stays as it was.  Of two changes from one day the later told is in force."""

    unit_id: str
    zone_id: str
    community_id: str
    liaison_id: str
    since: str

    @property
    def stream(self) -> str:
        return f"unit-{self.unit_id}"


@event("participation.membership_started")
class MembershipStarted(Event):
    """A row of people.csv was accepted: a person serves in a unit from `since` until the day before `until`."""

    person_id: str
    unit_id: str
    role: str
    since: str
    until: str
    digest: str
    name: str = personal("person_id")

    @property
    def stream(self) -> str:
        return f"person-{self.person_id}"


@event("participation.membership_ended")
class MembershipEnded(Event):
    """The membership (person_id, unit_id, since) ends: `until` is its first day out of service."""

    person_id: str
    unit_id: str
    since: str
    until: str

    @property
    def stream(self) -> str:
        return f"person-{self.person_id}"


@event("participation.person_erased")
class PersonErased(Event):
    """The person's key was destroyed; ids and scores stay, everything personal is unreadable for good."""

    person_id: str

    @property
    def stream(self) -> str:
        return f"person-{self.person_id}"


@event("participation.exemption_granted")
class ExemptionGranted(Event):
    """A row of exemptions.csv was accepted; `reason` may speak of illness and stays under the person's key."""

    exemption_id: str
    person_id: str
    unit_id: str
    duty: str
    period: str
    digest: str
    reason: str = personal("person_id")

    @property
    def stream(self) -> str:
        return f"exemption-{self.exemption_id}"


@event("participation.record_submitted")
class RecordSubmitted(Event):
    """A row of records.csv was accepted.  `unit_id` is the unit that the record is of (filled in from the person's
    membership of that day when the row named none); `content` equals for equal files of one subject and is keyed
    where the work is a person's."""

    record_id: str
    kind: str
    unit_id: str
    person_id: str
    day: str
    done_at: str
    period: str
    content: str
    evidence: str
    campaign: str
    campaign_version: int
    digest: str
    title: str = personal("person_id")

    @property
    def stream(self) -> str:
        return f"record-{self.record_id}"

    @property
    def occurred(self) -> str:
        return self.done_at


@event("participation.record_withdrawn")
class RecordWithdrawn(Event):
    """A row of withdrawals.csv was accepted: the record counts for nothing from the moment that we learnt of it."""

    record_id: str
    withdrawn_at: str
    digest: str
    person_id: str = ""
    reason: str = field(default="", metadata={"personal": "person_id"})

    @property
    def stream(self) -> str:
        return f"record-{self.record_id}"

    @property
    def occurred(self) -> str:
        return self.withdrawn_at


@event("participation.finding_reported")
class FindingReported(Event):
    """A row of findings.csv was accepted at the intake; assessment makes it its own.  `points` is a decimal text."""

    finding_id: str
    unit_id: str
    assessor_id: str
    found_on: str
    deadline: str
    points: str
    rectified_on: str
    digest: str

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@event("participation.rectification_reported")
class RectificationReported(Event):
    """The finding was put right on that day."""

    finding_id: str
    rectified_on: str

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@event("participation.sheet_reported")
class SheetReported(Event):
    """A row of sheets.csv was accepted at the intake; assessment makes it its own.  `points` is a decimal text."""

    sheet_id: str
    unit_id: str
    assessor_id: str
    period: str
    item: str
    points: str
    assessed_on: str
    digest: str

    @property
    def stream(self) -> str:
        return f"sheet-{self.sheet_id}"


@event("participation.import_started")
class ImportStarted(Event):
    """Somebody began to import these files (name, SHA-256 of the bytes, size in bytes), in that order."""

    import_id: str
    files: tuple[tuple[str, ...], ...]

    @property
    def stream(self) -> str:
        return f"import-{self.import_id}"


@event("participation.import_advanced")
class ImportAdvanced(Event):
    """A batch of rows of one file was decided.  The figures are those of the whole file so far; `refused_rows` lists
    [line, column, code] of the rows that this batch refused; `done_bytes` is how much of the spooled file is done."""

    import_id: str
    file: str
    rows: int
    accepted: int
    unchanged: int
    refused: int
    refused_rows: tuple[tuple[str, ...], ...]
    done_bytes: int
    file_done: bool

    @property
    def stream(self) -> str:
        return f"import-{self.import_id}"


@event("participation.import_finished")
class ImportFinished(Event):
    """Every row of the import was decided."""

    import_id: str

    @property
    def stream(self) -> str:
        return f"import-{self.import_id}"
