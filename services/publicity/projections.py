"""Events -> rows of publicity: whose works they are, and where people serve (for readers who may not be of it)."""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

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
    Column("name", Text, nullable=False),
    Index("memberships_unit", "unit_id"),
)  # fmt: skip


@projects(said.CampaignLaunched, said.CampaignAmended)
def campaign_in_force(rows: Rows, event: said.CampaignLaunched | said.CampaignAmended, _: Recorded) -> None:
    rows.put(campaigns, campaign=event.campaign, version=event.campaign_version, document=canonical(event.document))


@projects(said.UnitRegistered)
def unit(rows: Rows, event: said.UnitRegistered, _: Recorded) -> None:
    rows.put(units, unit_id=event.unit_id, name=event.name, kind=event.kind, tags=";".join(event.tags),
             opened_on=event.opened_on, closed_on=event.closed_on)  # fmt: skip


@projects(said.UnitClosed)
def closing(rows: Rows, event: said.UnitClosed, _: Recorded) -> None:
    rows.amend(units, {"unit_id": event.unit_id}, closed_on=event.closed_on)


@projects(said.MembershipStarted)
def membership(rows: Rows, event: said.MembershipStarted, _: Recorded) -> None:
    rows.put(memberships, person_id=event.person_id, unit_id=event.unit_id, since=event.since, until=event.until,
             role=event.role, name=event.name)  # fmt: skip


@projects(said.MembershipEnded)
def membership_end(rows: Rows, event: said.MembershipEnded, _: Recorded) -> None:
    key = {"person_id": event.person_id, "unit_id": event.unit_id, "since": event.since}
    rows.amend(memberships, key, until=event.until)


@projects(said.PersonErased)
def erased_person(rows: Rows, event: said.PersonErased, _: Recorded) -> None:
    """The key is gone; the unreadable text goes too."""
    rows.change(memberships, {"person_id": event.person_id}, name="")
