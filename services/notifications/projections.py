"""Events -> rows of notifications: what is owed by whom, and along which line they are reminded."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from chassis.canonical import canonical
from chassis.log import Recorded
from chassis.projecting import Projections, Rows
from chassis.store import ROWS, Key
from contracts import participation as said

metadata = MetaData(schema=ROWS)
projects = Projections()

campaigns = Table(
    "campaigns", metadata,
    Column("campaign", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)  # fmt: skip

units = Table(
    "units", metadata,
    Column("unit_id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("liaison_id", Text, nullable=False),
    Column("opened_on", Text, nullable=False),
    Column("closed_on", Text, nullable=False),
)  # fmt: skip

memberships = Table(
    "memberships", metadata,
    Column("person_id", Key, primary_key=True),
    Column("unit_id", Key, primary_key=True),
    Column("since", Text, primary_key=True),
    Column("until", Text, nullable=False),
    Column("role", Text, nullable=False),
)  # fmt: skip

exemptions = Table(
    "exemptions", metadata,
    Column("exemption_id", Text, primary_key=True),
    Column("person_id", Key, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("duty", Text, nullable=False),
    Column("period", Text, nullable=False),
)  # fmt: skip

records = Table(
    "records", metadata,
    Column("record_id", Key, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("person_id", Key, nullable=False),
    Column("day", Text, nullable=False),
    Column("done_at", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("evidence", Integer, nullable=False),
    Column("withdrawn", Integer, nullable=False),
    Index("records_person", "person_id"),
    Index("records_unit", "unit_id"),
)  # fmt: skip


@projects(said.CampaignLaunched, said.CampaignAmended)
def campaign_in_force(rows: Rows, event: said.CampaignLaunched | said.CampaignAmended, _: Recorded) -> None:
    rows.put(campaigns, campaign=event.campaign, version=event.campaign_version, document=canonical(event.document))


@projects(said.UnitRegistered)
def unit(rows: Rows, event: said.UnitRegistered, _: Recorded) -> None:
    rows.put(units, unit_id=event.unit_id, name=event.name, kind=event.kind, tags=";".join(event.tags),
             liaison_id=event.liaison_id, opened_on=event.opened_on, closed_on=event.closed_on)  # fmt: skip


@projects(said.UnitClosed)
def closing(rows: Rows, event: said.UnitClosed, _: Recorded) -> None:
    rows.amend(units, {"unit_id": event.unit_id}, closed_on=event.closed_on)


@projects(said.UnitRelated)
def relations(rows: Rows, event: said.UnitRelated, _: Recorded) -> None:
    """A relation that is not given stays as it was."""
    if event.liaison_id:
        rows.amend(units, {"unit_id": event.unit_id}, liaison_id=event.liaison_id)


@projects(said.MembershipStarted)
def membership(rows: Rows, event: said.MembershipStarted, _: Recorded) -> None:
    rows.put(memberships, person_id=event.person_id, unit_id=event.unit_id, since=event.since, until=event.until,
             role=event.role)  # fmt: skip


@projects(said.MembershipEnded)
def membership_end(rows: Rows, event: said.MembershipEnded, _: Recorded) -> None:
    key = {"person_id": event.person_id, "unit_id": event.unit_id, "since": event.since}
    rows.amend(memberships, key, until=event.until)


@projects(said.ExemptionGranted)
def exemption(rows: Rows, event: said.ExemptionGranted, _: Recorded) -> None:
    rows.put(exemptions, exemption_id=event.exemption_id, person_id=event.person_id, unit_id=event.unit_id,
             duty=event.duty, period=event.period)  # fmt: skip


@projects(said.RecordSubmitted)
def record(rows: Rows, event: said.RecordSubmitted, _: Recorded) -> None:
    rows.put(records, record_id=event.record_id, kind=event.kind, unit_id=event.unit_id, person_id=event.person_id,
             day=event.day, done_at=event.done_at, period=event.period, content=event.content,
             evidence=int(bool(event.evidence)), withdrawn=0)  # fmt: skip


@projects(said.RecordWithdrawn)
def withdrawal(rows: Rows, event: said.RecordWithdrawn, _: Recorded) -> None:
    rows.amend(records, {"record_id": event.record_id}, withdrawn=1)
