"""Events -> rows of publicity: the campaign, units and people that it hears of, works and their reviews."""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import ROWS, Key
from chassis.store.projections import Projections, Rows
from contracts import participation, publicity

metadata = MetaData(schema=ROWS, info={"migrations": "services.publicity.migrations"})
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

works = Table(
    "works", metadata,
    Column("work_id", Key, primary_key=True),
    Column("author_id", Key, nullable=False),
    Column("unit_id", Key, nullable=False),
    Column("semester", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("nominated_on", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("title", Text, nullable=False),
    Index("works_unit", "unit_id", "semester"),
    Index("works_author", "author_id"),
)  # fmt: skip

consents = Table(
    "consents", metadata,
    Column("work_id", Key, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("given_on", Text, nullable=False),
    Column("withdrawn_on", Text, nullable=False),
)  # fmt: skip

reviews = Table(
    "reviews", metadata,
    Column("work_id", Key, primary_key=True),
    Column("reader_id", Key, primary_key=True),
    Column("assigned_on", Text, nullable=False),
    Column("marks", Text, nullable=False),
    Column("total", Text, nullable=False),
    Column("marked_on", Text, nullable=False),
    Index("reviews_reader", "reader_id"),
)  # fmt: skip

returned_works = Table(
    "returned_works", metadata,
    Column("work_id", Key, primary_key=True),
    Column("author_id", Key, nullable=False),
    Column("by", Text, nullable=False),
    Column("returned_on", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("revised_on", Text, nullable=False),
)  # fmt: skip

selections = Table(
    "selections", metadata,
    Column("work_id", Key, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("selected_at", Text, nullable=False),
    Column("deselected_at", Text, nullable=False),
)  # fmt: skip


@projects(participation.CampaignLaunched, participation.CampaignAmended)
def campaign_in_force(
    rows: Rows, event: participation.CampaignLaunched | participation.CampaignAmended, _: RecordedEvent
) -> None:
    rows.put(campaigns, campaign=event.campaign, version=event.campaign_version, document=canonical(event.document))


@projects(participation.UnitRegistered)
def unit(rows: Rows, event: participation.UnitRegistered, _: RecordedEvent) -> None:
    rows.put(units, unit_id=event.unit_id, name=event.name, kind=event.kind, tags=";".join(event.tags),
             opened_on=event.opened_on, closed_on=event.closed_on)  # fmt: skip


@projects(participation.UnitClosed)
def closing(rows: Rows, event: participation.UnitClosed, _: RecordedEvent) -> None:
    rows.amend(units, {"unit_id": event.unit_id}, closed_on=event.closed_on)


@projects(participation.MembershipStarted)
def membership(rows: Rows, event: participation.MembershipStarted, _: RecordedEvent) -> None:
    rows.put(memberships, person_id=event.person_id, unit_id=event.unit_id, since=event.since, until=event.until,
             role=event.role, name=event.name)  # fmt: skip


@projects(participation.MembershipEnded)
def membership_end(rows: Rows, event: participation.MembershipEnded, _: RecordedEvent) -> None:
    key = {"person_id": event.person_id, "unit_id": event.unit_id, "since": event.since}
    rows.amend(memberships, key, until=event.until)


@projects(participation.PersonErased)
def erased_person(rows: Rows, event: participation.PersonErased, _: RecordedEvent) -> None:
    """The key is gone; the unreadable text goes too."""
    rows.change(memberships, {"person_id": event.person_id}, name="")
    rows.change(works, {"author_id": event.person_id}, title="")
    rows.change(returned_works, {"author_id": event.person_id}, reason="")


@projects(publicity.WorkNominated)
def nomination(rows: Rows, event: publicity.WorkNominated, _: RecordedEvent) -> None:
    rows.put(works, work_id=event.work_id, author_id=event.author_id, unit_id=event.unit_id, semester=event.semester,
             kind=event.kind, content=event.content, size=event.size, nominated_on=event.nominated_on, by=event.by,
             title=event.title)  # fmt: skip


@projects(publicity.ConsentGiven)
def consent(rows: Rows, event: publicity.ConsentGiven, _: RecordedEvent) -> None:
    for level in event.levels:
        rows.put(consents, work_id=event.work_id, level=level, given_on=event.given_on)


@projects(publicity.ConsentWithdrawn)
def consent_end(rows: Rows, event: publicity.ConsentWithdrawn, _: RecordedEvent) -> None:
    for level in event.levels:
        rows.amend(consents, {"work_id": event.work_id, "level": level}, withdrawn_on=event.withdrawn_on)


@projects(publicity.ReaderAssigned)
def assignment(rows: Rows, event: publicity.ReaderAssigned, _: RecordedEvent) -> None:
    rows.put(reviews, work_id=event.work_id, reader_id=event.reader_id, assigned_on=event.assigned_on)


@projects(publicity.WorkMarked)
def marks(rows: Rows, event: publicity.WorkMarked, _: RecordedEvent) -> None:
    rows.amend(reviews, {"work_id": event.work_id, "reader_id": event.reader_id}, marks=canonical(event.marks),
               total=event.total, marked_on=event.marked_on)  # fmt: skip


@projects(publicity.WorkReturned)
def work_return(rows: Rows, event: publicity.WorkReturned, _: RecordedEvent) -> None:
    rows.put(returned_works, work_id=event.work_id, author_id=event.author_id, by=event.by,
             returned_on=event.returned_on, reason=event.reason)  # fmt: skip


@projects(publicity.WorkRevised)
def revision(rows: Rows, event: publicity.WorkRevised, _: RecordedEvent) -> None:
    """What was marked before counts no more: rare enough for a statement of its own."""
    rows.amend(works, {"work_id": event.work_id}, kind=event.kind, content=event.content, size=event.size,
               title=event.title)  # fmt: skip
    rows.amend(returned_works, {"work_id": event.work_id}, revised_on=event.revised_on)
    rows.change(reviews, {"work_id": event.work_id}, marks="", total="", marked_on="")


@projects(publicity.WorkSelected)
def selection(rows: Rows, event: publicity.WorkSelected, _: RecordedEvent) -> None:
    rows.put(selections, work_id=event.work_id, level=event.level, selected_at=event.selected_at)


@projects(publicity.WorkDeselected)
def selection_end(rows: Rows, event: publicity.WorkDeselected, _: RecordedEvent) -> None:
    rows.amend(selections, {"work_id": event.work_id, "level": event.level}, deselected_at=event.deselected_at)
