"""Events of participation that mend what was accepted: a row corrected, voided or restored.

Each bears its row whole, as it stands from now on, in the fields of the event that accepted it; what a correction
changed is the difference to the event before it in the same stream.  `digest` is keyed where it covers a person.
"""

from chassis.events.definition import Event, event, meaning, personal


@event("participation.unit_corrected", label="单位更正")
class UnitCorrected(Event):
    """A row of units.csv was corrected, voided or restored: from now on it stands as this event says it, whole."""

    unit_id: str = meaning("the unit")
    name: str = meaning("its name")
    kind: str = meaning("bureau, office, secondary, school or kindergarten")
    tags: tuple[str, ...] = meaning("central_school, community_core, research_office, supervision_office")
    zone_id: str = meaning("the central school that leads its zone")
    community_id: str = meaning("the core school of its community")
    liaison_id: str = meaning("the office that supervises it")
    opened_on: str = meaning("first day in service")
    closed_on: str = meaning("first day out of service; empty: open")
    digest: str = meaning("of the row as it stands now")
    tags_given: str = meaning("the tags as the row says them")
    voided: bool = meaning("whether the row is void from now on: it counts for nothing, its id is spent")
    columns: tuple[str, ...] = meaning("the file's columns that this correction changed; `*`: voided or restored")
    correction_id: str = meaning("its id in corrections.csv; empty: it was reported as an event")
    correction_reason: str = meaning("why the row was corrected")

    @property
    def stream(self) -> str:
        return f"unit-{self.unit_id}"


@event("participation.membership_corrected", label="任职更正")
class MembershipCorrected(Event):
    """A row of people.csv was corrected, voided or restored: from now on it stands as this event says it, whole."""

    person_id: str = meaning("the person; empty: none")
    unit_id: str = meaning("the unit")
    role: str = meaning("cadre, teacher or other")
    since: str = meaning("first day in service")
    until: str = meaning("first day out of service; empty: open")
    digest: str = meaning("of the row as it stands now")
    name: str = personal("person_id", "the person's name")
    voided: bool = meaning("whether the row is void from now on: it counts for nothing, its id is spent")
    columns: tuple[str, ...] = meaning("the file's columns that this correction changed; `*`: voided or restored")
    correction_id: str = meaning("its id in corrections.csv; empty: it was reported as an event")
    correction_reason: str = personal("person_id", "why the row was corrected")

    @property
    def stream(self) -> str:
        return f"person-{self.person_id}"


@event("participation.post_corrected", label="岗位职务更正")
class PostCorrected(Event):
    """A row of posts.csv was corrected, voided or restored: from now on it stands as this event says it, whole."""

    unit_id: str = meaning("the unit; of an inspector the one that is inspected")
    post: str = meaning("head, clerk, leader, campaign_office or inspector")
    person_id: str = meaning("who holds it")
    since: str = meaning("first day in the post")
    until: str = meaning("first day out of the post; empty: open")
    digest: str = meaning("of the row as it stands now")
    voided: bool = meaning("whether the row is void from now on: it counts for nothing, its id is spent")
    columns: tuple[str, ...] = meaning("the file's columns that this correction changed; `*`: voided or restored")
    correction_id: str = meaning("its id in corrections.csv; empty: it was reported as an event")
    correction_reason: str = personal("person_id", "why the row was corrected")

    @property
    def stream(self) -> str:
        return f"person-{self.person_id}"


@event("participation.exemption_corrected", label="免计更正")
class ExemptionCorrected(Event):
    """A row of exemptions.csv was corrected, voided or restored: from now on it stands as this event says it, whole."""

    exemption_id: str = meaning("the exemption")
    person_id: str = meaning("the person; empty: none")
    unit_id: str = meaning("the unit")
    duty: str = meaning("id of a duty of the campaign")
    period: str = meaning("`2022-11`, `2022-Q4`, a semester's id, `2022` or `once`; empty: by its day")
    digest: str = meaning("of the row as it stands now")
    reason: str = personal("person_id", "why; may speak of illness")
    campaign: str = meaning("id of the campaign whose rules decided")
    voided: bool = meaning("whether the row is void from now on: it counts for nothing, its id is spent")
    columns: tuple[str, ...] = meaning("the file's columns that this correction changed; `*`: voided or restored")
    correction_id: str = meaning("its id in corrections.csv; empty: it was reported as an event")
    correction_reason: str = personal("person_id", "why the row was corrected")

    @property
    def stream(self) -> str:
        return f"exemption-{self.exemption_id}"


@event("participation.record_corrected", label="填报记录更正")
class RecordCorrected(Event):
    """A row of records.csv was corrected, voided or restored: from now on it stands as this event says it, whole."""

    record_id: str = meaning("the record")
    kind: str = meaning("the kind of deed, as the campaign names it")
    unit_id: str = meaning("the unit that the record is of")
    person_id: str = meaning("the person; empty: none")
    day: str = meaning("the day of the deed in the campaign's timezone")
    done_at: str = meaning("when it was done, UTC")
    period: str = meaning("`2022-11`, `2022-Q4`, a semester's id, `2022` or `once`; empty: by its day")
    content: str = meaning("equal for equal files of one subject; keyed where the work is a person's")
    evidence: str = personal("person_id", "where the evidence is kept; empty: none")
    campaign: str = meaning("id of the campaign")
    campaign_version: int = meaning("version of the rules that decided")
    digest: str = meaning("of the row as it stands now")
    title: str = personal("person_id", "title of the work")
    occurred_at: str = meaning("when it was done, as the row says it")
    unit_given: str = meaning("the unit that the row names; empty: the person's of that day")
    content_sha256: str = personal("person_id", "SHA-256 of the file as the row says it")
    late_entry: str = meaning("why it was entered late (补录); empty: reported as usual")
    voided: bool = meaning("whether the row is void from now on: it counts for nothing, its id is spent")
    columns: tuple[str, ...] = meaning("the file's columns that this correction changed; `*`: voided or restored")
    correction_id: str = meaning("its id in corrections.csv; empty: it was reported as an event")
    correction_reason: str = personal("person_id", "why the row was corrected")

    @property
    def occurred(self) -> str:
        return self.done_at

    @property
    def stream(self) -> str:
        return f"record-{self.record_id}"


@event("participation.finding_corrected", label="督查问题更正")
class FindingCorrected(Event):
    """A row of findings.csv was corrected, voided or restored: from now on it stands as this event says it, whole."""

    finding_id: str = meaning("the finding")
    unit_id: str = meaning("the unit")
    assessor_id: str = meaning("the unit that assesses")
    found_on: str = meaning("the day it was found")
    deadline: str = meaning("the day by which it must be rectified; empty: at once")
    points: str = meaning("decimal text")
    rectified_on: str = meaning("the day it was rectified; empty: not yet")
    digest: str = meaning("of the row as it stands now")
    campaign: str = meaning("id of the campaign whose rules decided")
    voided: bool = meaning("whether the row is void from now on: it counts for nothing, its id is spent")
    columns: tuple[str, ...] = meaning("the file's columns that this correction changed; `*`: voided or restored")
    correction_id: str = meaning("its id in corrections.csv; empty: it was reported as an event")
    correction_reason: str = meaning("why the row was corrected")
    category: str = meaning("what kind of finding it is; not scored", default="")
    description: str = meaning("what was found, in words; not scored", default="")

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@event("participation.sheet_corrected", label="季考核表更正")
class SheetCorrected(Event):
    """A row of sheets.csv was corrected, voided or restored: from now on it stands as this event says it, whole."""

    sheet_id: str = meaning("the entry of the assessment sheet")
    unit_id: str = meaning("the unit")
    assessor_id: str = meaning("the unit that assesses")
    period: str = meaning("`2022-11`, `2022-Q4`, a semester's id, `2022` or `once`; empty: by its day")
    item: str = meaning("id of an item of the campaign's assessment sheet")
    points: str = meaning("decimal text")
    assessed_on: str = meaning("the day of the assessment")
    digest: str = meaning("of the row as it stands now")
    campaign: str = meaning("id of the campaign whose rules decided")
    voided: bool = meaning("whether the row is void from now on: it counts for nothing, its id is spent")
    columns: tuple[str, ...] = meaning("the file's columns that this correction changed; `*`: voided or restored")
    correction_id: str = meaning("its id in corrections.csv; empty: it was reported as an event")
    correction_reason: str = meaning("why the row was corrected")

    @property
    def stream(self) -> str:
        return f"sheet-{self.sheet_id}"


@event("participation.decision_corrected", label="会议决定更正")
class DecisionCorrected(Event):
    """A row of decisions.csv was corrected, voided or restored: from now on it stands as this event says it, whole."""

    decision_id: str = meaning("the decision")
    kind: str = meaning("veto, decline or choose")
    year: str = meaning("the year of the awards, four digits")
    unit_id: str = meaning("the unit; empty: it is on a person")
    person_id: str = meaning("the person; empty: it is on a unit")
    document: str = meaning("number of the minutes")
    decided_on: str = meaning("the day of the decision")
    campaign: str = meaning("id of the campaign whose rules decided")
    digest: str = meaning("of the row as it stands now")
    reason: str = personal("person_id", "why")
    voided: bool = meaning("whether the row is void from now on: it counts for nothing, its id is spent")
    columns: tuple[str, ...] = meaning("the file's columns that this correction changed; `*`: voided or restored")
    correction_id: str = meaning("its id in corrections.csv; empty: it was reported as an event")
    correction_reason: str = personal("person_id", "why the row was corrected")

    @property
    def stream(self) -> str:
        return f"decision-{self.decision_id}"


@event("participation.correction_received", label="更正报送")
class CorrectionReceived(Event):
    """A row of corrections.csv was accepted, or changed nothing: its id is spent.  What it changed, the event of the
    corrected row says."""

    correction_id: str = meaning("the correction")
    table: str = meaning("units, people, posts, exemptions, records, findings, sheets or decisions")
    row: str = meaning("id of the corrected row; of people and posts the cells that name it, joined by `/`")
    column: str = meaning("the column that it corrects; `*`: it voids or restores the row")
    changed: bool = meaning("whether it changed anything")
    person_id: str = meaning("the person whom the row was about; empty: none")
    digest: str = meaning("what a later report of the same id is compared with: unchanged or conflict")

    @property
    def stream(self) -> str:
        return f"correction-{self.correction_id}"
