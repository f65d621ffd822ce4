"""Others' events -> rows of notifications: what is owed by whom, days and instants as the reckoning takes them.

A day is a proleptic ordinal, an instant microseconds since 1970 UTC; 0 is `not given`."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from chassis.events.canonical_json import canonical, moment
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import ROWS, Key
from chassis.store.projections import Projections, Rows
from contracts import assessment as found
from contracts import participation
from duties.days import day_of, microseconds

metadata = MetaData(schema=ROWS)
projects = Projections()

campaigns = Table(
    "campaigns", metadata,
    Column("campaign", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)  # fmt: skip

launches = Table(
    "launches", metadata,
    Column("campaign", Text, primary_key=True),
    Column("launched_at", BigInteger, nullable=False),
)  # fmt: skip

units = Table(
    "units", metadata,
    Column("unit_id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("liaison_id", Text, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("closed", BigInteger, nullable=False),
)  # fmt: skip

memberships = Table(
    "memberships", metadata,
    Column("person_id", Key, primary_key=True),
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    Column("unit_id", Key, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),  # ciphertext under the person's key, which participation owns
    Index("memberships_unit", "unit_id"),
)  # fmt: skip

exemptions = Table(
    "exemptions", metadata,
    Column("exemption_id", Text, primary_key=True),
    Column("person_id", Key, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("duty", Text, nullable=False),
    Column("period", Text, nullable=False),
    Index("exemptions_person", "person_id"),
    Index("exemptions_unit", "unit_id"),
)  # fmt: skip

records = Table(
    "records", metadata,
    Column("record_id", Key, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("person_id", Key, nullable=False),
    Column("day", BigInteger, nullable=False),
    Column("done_at", BigInteger, nullable=False),
    Column("period", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("evidence", Integer, nullable=False),
    Column("withdrawn", Integer, nullable=False),
    Index("records_person", "person_id"),
    Index("records_unit", "unit_id"),
)  # fmt: skip

findings = Table(
    "findings", metadata,
    Column("finding_id", Text, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("found_on", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("rectified_on", BigInteger, nullable=False),
    Column("learnt_at", BigInteger, nullable=False),
    Index("findings_unit", "unit_id"),
)  # fmt: skip

sheets = Table(
    "sheets", metadata,
    Column("sheet_id", Text, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("period", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("points", Text, nullable=False),
    Column("assessed_on", BigInteger, nullable=False),
    Column("learnt_at", BigInteger, nullable=False),
    Index("sheets_unit", "unit_id"),
)  # fmt: skip


def _day(text: str) -> int:
    return day_of(text) if text else 0


def _instant(text: str) -> int:
    return microseconds(moment(text))


@projects(participation.CampaignLaunched, participation.CampaignAmended)
def campaign_in_force(
    rows: Rows, event: participation.CampaignLaunched | participation.CampaignAmended, _: RecordedEvent
) -> None:
    rows.put(campaigns, campaign=event.campaign, version=event.campaign_version, document=canonical(event.document))


@projects(participation.CampaignLaunched)
def launch(rows: Rows, event: participation.CampaignLaunched, recorded: RecordedEvent) -> None:
    rows.put(launches, campaign=event.campaign, launched_at=_instant(recorded.recorded_at))


@projects(participation.UnitRegistered)
def unit(rows: Rows, event: participation.UnitRegistered, _: RecordedEvent) -> None:
    rows.put(units, unit_id=event.unit_id, name=event.name, kind=event.kind, tags=";".join(event.tags),
             liaison_id=event.liaison_id, opened=_day(event.opened_on), closed=_day(event.closed_on))  # fmt: skip


@projects(participation.UnitClosed)
def closing(rows: Rows, event: participation.UnitClosed, _: RecordedEvent) -> None:
    rows.amend(units, {"unit_id": event.unit_id}, closed=_day(event.closed_on))


@projects(participation.UnitRelated)
def relations(rows: Rows, event: participation.UnitRelated, _: RecordedEvent) -> None:
    """A relation that is not given stays as it was."""
    if event.liaison_id:
        rows.amend(units, {"unit_id": event.unit_id}, liaison_id=event.liaison_id)


@projects(participation.MembershipStarted)
def membership(rows: Rows, event: participation.MembershipStarted, _: RecordedEvent) -> None:
    rows.put(memberships, person_id=event.person_id, unit_id=event.unit_id, since=_day(event.since),
             until=_day(event.until), role=event.role, name=event.name)  # fmt: skip


@projects(participation.MembershipEnded)
def membership_end(rows: Rows, event: participation.MembershipEnded, _: RecordedEvent) -> None:
    key = {"person_id": event.person_id, "unit_id": event.unit_id, "since": _day(event.since)}
    rows.amend(memberships, key, until=_day(event.until))


@projects(participation.PersonErased)
def erasure(rows: Rows, event: participation.PersonErased, _: RecordedEvent) -> None:
    rows.change(memberships, {"person_id": event.person_id}, name="")


@projects(participation.ExemptionGranted)
def exemption(rows: Rows, event: participation.ExemptionGranted, _: RecordedEvent) -> None:
    rows.put(exemptions, exemption_id=event.exemption_id, person_id=event.person_id, unit_id=event.unit_id,
             duty=event.duty, period=event.period)  # fmt: skip


@projects(participation.RecordSubmitted)
def record(rows: Rows, event: participation.RecordSubmitted, _: RecordedEvent) -> None:
    rows.put(records, record_id=event.record_id, kind=event.kind, unit_id=event.unit_id, person_id=event.person_id,
             day=_day(event.day), done_at=_instant(event.done_at), period=event.period, content=event.content,
             evidence=int(bool(event.evidence)), withdrawn=0)  # fmt: skip


@projects(participation.RecordWithdrawn)
def withdrawal(rows: Rows, event: participation.RecordWithdrawn, _: RecordedEvent) -> None:
    rows.amend(records, {"record_id": event.record_id}, withdrawn=1)


@projects(found.FindingRaised)
def finding(rows: Rows, event: found.FindingRaised, _: RecordedEvent) -> None:
    rows.put(findings, finding_id=event.finding_id, unit_id=event.unit_id, found_on=_day(event.found_on),
             deadline=_day(event.deadline), rectified_on=_day(event.rectified_on),
             learnt_at=_instant(event.learnt_at))  # fmt: skip


@projects(found.FindingRectified)
def rectification(rows: Rows, event: found.FindingRectified, _: RecordedEvent) -> None:
    rows.amend(findings, {"finding_id": event.finding_id}, rectified_on=_day(event.rectified_on))


@projects(found.SheetScored)
def sheet(rows: Rows, event: found.SheetScored, _: RecordedEvent) -> None:
    rows.put(sheets, sheet_id=event.sheet_id, unit_id=event.unit_id, period=event.period, item=event.item,
             points=event.points, assessed_on=_day(event.assessed_on), learnt_at=_instant(event.learnt_at))  # fmt: skip
