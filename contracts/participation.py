"""Events of participation: the campaign, the district's units and people, and every record.

Days are `YYYY-MM-DD`, instants UTC as `canonical_json.instant` writes them; text that was not given is empty.
`digest` is keyed where it covers a person.
"""

from typing import Any

from chassis.events.definition import Event, event, meaning, personal


@event("participation.campaign_launched", label="主题活动启动")
class CampaignLaunched(Event):
    """The district's one campaign was launched under these rules."""

    campaign: str = meaning("id of the campaign")
    campaign_version: int = meaning("version of the rules that decided")
    document: dict[str, Any] = meaning("the campaign file as plain data (`duties.campaign`)")

    @property
    def stream(self) -> str:
        return f"campaign-{self.campaign}"


@event("participation.campaign_amended", label="方案版本更新")
class CampaignAmended(Event):
    """A higher version of the campaign file replaced the rules; what was decided before stays decided."""

    campaign: str = meaning("id of the campaign")
    campaign_version: int = meaning("version of the rules that decided")
    document: dict[str, Any] = meaning("the campaign file as plain data, the new version whole")

    @property
    def stream(self) -> str:
        return f"campaign-{self.campaign}"


@event("participation.campaign_closed", label="主题活动结束")
class CampaignClosed(Event):
    """The campaign ends: from `closed_on` on nothing is owed any more, and another one may be launched."""

    campaign: str = meaning("id of the campaign")
    closed_on: str = meaning("first day on which no period exists")

    @property
    def stream(self) -> str:
        return f"campaign-{self.campaign}"


@event("participation.unit_registered", label="单位登记")
class UnitRegistered(Event):
    """A row of units.csv was accepted."""

    unit_id: str = meaning("the unit")
    name: str = meaning("its name")
    kind: str = meaning("bureau, office, secondary, school or kindergarten")
    tags: tuple[str, ...] = meaning("central_school, community_core, research_office, supervision_office")
    zone_id: str = meaning("the central school that leads its zone")
    community_id: str = meaning("the core school of its community")
    liaison_id: str = meaning("the office that supervises it")
    opened_on: str = meaning("first day in service")
    closed_on: str = meaning("first day out of service; empty: open")
    digest: str = meaning("what a later report of the same id is compared with: unchanged or conflict")
    tags_given: str = meaning("the tags as the row says them", default="")

    @property
    def stream(self) -> str:
        return f"unit-{self.unit_id}"


@event("participation.unit_closed", label="单位撤销")
class UnitClosed(Event):
    """A unit is not in service from `closed_on` on."""

    unit_id: str = meaning("the unit")
    closed_on: str = meaning("first day out of service")
    digest: str = meaning("of the whole row as it stands with this change", default="")

    @property
    def stream(self) -> str:
        return f"unit-{self.unit_id}"


@event("participation.unit_related", label="单位关系变更")
class UnitRelated(Event):
    """From the day `since` the unit belongs to this zone, this community and this liaison office; a relation that is
    empty stays as it was.  Of two changes from one day the one reported later is in force."""

    unit_id: str = meaning("the unit")
    zone_id: str = meaning("the central school that leads its zone; empty: as it was")
    community_id: str = meaning("the core school of its community; empty: as it was")
    liaison_id: str = meaning("the office that supervises it; empty: as it was")
    since: str = meaning("the day from which it is so")
    digest: str = meaning("of the whole row as it stands with this change", default="")

    @property
    def stream(self) -> str:
        return f"unit-{self.unit_id}"


@event("participation.membership_started", label="任职开始")
class MembershipStarted(Event):
    """A row of people.csv was accepted: a person serves in a unit from `since` until the day before `until`."""

    person_id: str = meaning("the person; empty: none")
    unit_id: str = meaning("the unit")
    role: str = meaning("cadre, teacher or other")
    since: str = meaning("first day in service")
    until: str = meaning("first day out of service; empty: open")
    digest: str = meaning("what a later report of the same id is compared with: unchanged or conflict")
    name: str = personal("person_id", "the person's name")

    @property
    def stream(self) -> str:
        return f"person-{self.person_id}"


@event("participation.membership_ended", label="任职结束")
class MembershipEnded(Event):
    """The membership (person_id, unit_id, since) ends: `until` is its first day out of service."""

    person_id: str = meaning("the person; empty: none")
    unit_id: str = meaning("the unit")
    since: str = meaning("first day of the membership that ends")
    until: str = meaning("first day out of service")
    digest: str = meaning("of the whole row as it stands with this change", default="")

    @property
    def stream(self) -> str:
        return f"person-{self.person_id}"


@event("participation.post_assigned", label="岗位职务")
class PostAssigned(Event):
    """A row of posts.csv was accepted: a person holds a post of a unit from `since` until the day before `until`."""

    unit_id: str = meaning("the unit; of an inspector the one that is inspected")
    post: str = meaning("head, clerk, leader, campaign_office or inspector")
    person_id: str = meaning("who holds it")
    since: str = meaning("first day in the post")
    until: str = meaning("first day out of the post; empty: open")
    digest: str = meaning("what a later report of the same id is compared with: unchanged or conflict")

    @property
    def stream(self) -> str:
        return f"person-{self.person_id}"


@event("participation.person_erased", label="个人信息删除")
class PersonErased(Event):
    """The person's key was destroyed; ids and scores stay, everything personal is unreadable for good."""

    person_id: str = meaning("the person; empty: none")

    @property
    def stream(self) -> str:
        return f"person-{self.person_id}"


@event("participation.exemption_granted", label="免计")
class ExemptionGranted(Event):
    """A row of exemptions.csv was accepted."""

    exemption_id: str = meaning("the exemption")
    person_id: str = meaning("the person; empty: none")
    unit_id: str = meaning("the unit")
    duty: str = meaning("id of a duty of the campaign")
    period: str = meaning("`2022-11`, `2022-Q4`, a semester's id, `2022` or `once`; empty: by its day")
    digest: str = meaning("what a later report of the same id is compared with: unchanged or conflict")
    reason: str = personal("person_id", "why; may speak of illness")
    campaign: str = meaning("id of the campaign whose rules decided")

    @property
    def stream(self) -> str:
        return f"exemption-{self.exemption_id}"


@event("participation.record_submitted", label="填报记录")
class RecordSubmitted(Event):
    """A row of records.csv was accepted.  `unit_id` is the unit that the record is of (filled in from the person's
    membership of that day when the row named none); `content` equals for equal files of one subject and is keyed
    where the work is a person's."""

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
    digest: str = meaning("what a later report of the same id is compared with: unchanged or conflict")
    title: str = personal("person_id", "title of the work")
    occurred_at: str = meaning("when it was done, as the row says it", default="")
    unit_given: str = meaning("the unit that the row names; empty: the person's of that day", default="")
    content_sha256: str = personal("person_id", "SHA-256 of the file as the row says it", default="")
    late_entry: str = meaning("why it was entered late (补录); empty: reported as usual", default="")

    @property
    def stream(self) -> str:
        return f"record-{self.record_id}"

    @property
    def occurred(self) -> str:
        return self.done_at


@event("participation.record_withdrawn", label="记录撤回")
class RecordWithdrawn(Event):
    """A row of withdrawals.csv was accepted: the record counts for nothing from the moment of this event."""

    record_id: str = meaning("the record")
    withdrawn_at: str = meaning("when it was withdrawn, UTC")
    digest: str = meaning("what a later report of the same id is compared with: unchanged or conflict")
    person_id: str = meaning("the person; empty: none", default="")
    reason: str = personal("person_id", "why", default="")

    @property
    def stream(self) -> str:
        return f"record-{self.record_id}"

    @property
    def occurred(self) -> str:
        return self.withdrawn_at


@event("participation.finding_reported", label="督查问题报送")
class FindingReported(Event):
    """A row of findings.csv was accepted at the intake; assessment raises the finding from it."""

    finding_id: str = meaning("the finding")
    unit_id: str = meaning("the unit")
    assessor_id: str = meaning("the unit that assesses")
    found_on: str = meaning("the day it was found")
    deadline: str = meaning("the day by which it must be rectified; empty: at once")
    points: str = meaning("decimal text")
    rectified_on: str = meaning("the day it was rectified; empty: not yet")
    digest: str = meaning("what a later report of the same id is compared with: unchanged or conflict")
    campaign: str = meaning("id of the campaign whose rules decided")
    category: str = meaning("what kind of finding it is; not scored", default="")
    description: str = meaning("what was found, in words; not scored", default="")

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@event("participation.rectification_reported", label="整改报送")
class RectificationReported(Event):
    """The finding was rectified on that day."""

    finding_id: str = meaning("the finding")
    rectified_on: str = meaning("the day it was rectified")
    digest: str = meaning("of the whole row as it stands with this change", default="")

    @property
    def stream(self) -> str:
        return f"finding-{self.finding_id}"


@event("participation.sheet_reported", label="季考核表报送")
class SheetReported(Event):
    """A row of sheets.csv was accepted at the intake; assessment scores the sheet from it."""

    sheet_id: str = meaning("the entry of the assessment sheet")
    unit_id: str = meaning("the unit")
    assessor_id: str = meaning("the unit that assesses")
    period: str = meaning("`2022-11`, `2022-Q4`, a semester's id, `2022` or `once`; empty: by its day")
    item: str = meaning("id of an item of the campaign's assessment sheet")
    points: str = meaning("decimal text")
    assessed_on: str = meaning("the day of the assessment")
    digest: str = meaning("what a later report of the same id is compared with: unchanged or conflict")
    campaign: str = meaning("id of the campaign whose rules decided")

    @property
    def stream(self) -> str:
        return f"sheet-{self.sheet_id}"


@event("participation.decision_signed", label="会议决定")
class DecisionSigned(Event):
    """A row of decisions.csv was accepted: a signed decision on a unit or a person in the awards of a year."""

    decision_id: str = meaning("the decision")
    kind: str = meaning("veto, decline or choose")
    year: str = meaning("the year of the awards, four digits")
    unit_id: str = meaning("the unit; empty: it is on a person")
    person_id: str = meaning("the person; empty: it is on a unit")
    document: str = meaning("number of the minutes")
    decided_on: str = meaning("the day of the decision")
    campaign: str = meaning("id of the campaign whose rules decided")
    digest: str = meaning("what a later report of the same id is compared with: unchanged or conflict")
    reason: str = personal("person_id", "why")

    @property
    def stream(self) -> str:
        return f"decision-{self.decision_id}"
