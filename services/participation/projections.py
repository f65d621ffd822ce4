"""Events -> rows of participation: the campaign, units, people, records, imports."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import ROWS
from chassis.store.projections import Projections, Rows
from contracts import participation

metadata = MetaData(schema=ROWS)
projects = Projections()

campaigns = Table(
    "campaigns", metadata,
    Column("campaign", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
)  # fmt: skip

units = Table(
    "units", metadata,
    Column("unit_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("zone_id", Text, nullable=False),
    Column("community_id", Text, nullable=False),
    Column("liaison_id", Text, nullable=False),
    Column("opened_on", Text, nullable=False),
    Column("closed_on", Text, nullable=False),
)  # fmt: skip

memberships = Table(
    "memberships", metadata,
    Column("person_id", Text, primary_key=True),
    Column("unit_id", Text, primary_key=True),
    Column("since", Text, primary_key=True),
    Column("until", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Index("memberships_unit", "unit_id"),
)  # fmt: skip

records = Table(
    "records", metadata,
    Column("record_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("withdrawn_at", Text, nullable=False),
    Index("records_unit", "unit_id", "day"),
    Index("records_person", "person_id", "day"),
)  # fmt: skip

imports = Table(
    "imports", metadata,
    Column("import_id", Text, primary_key=True),
    Column("manifest", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text, nullable=False),
    Index("imports_manifest", "manifest"),
)  # fmt: skip

import_files = Table(
    "import_files", metadata,
    Column("import_id", Text, primary_key=True),
    Column("file", Text, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("unchanged", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("done_bytes", BigInteger, nullable=False),
    Column("done", Integer, nullable=False),
)  # fmt: skip

refused_rows = Table(
    "refused_rows", metadata,
    Column("import_id", Text, primary_key=True),
    Column("file", Text, primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("field", Text, nullable=False),
    Column("code", Text, nullable=False),
)  # fmt: skip


@projects(participation.CampaignLaunched, participation.CampaignAmended)
def campaign_in_force(
    rows: Rows, event: participation.CampaignLaunched | participation.CampaignAmended, about: RecordedEvent
) -> None:
    rows.put(campaigns, campaign=event.campaign, version=event.campaign_version, document=canonical(event.document),
             recorded_at=about.recorded_at)  # fmt: skip


@projects(participation.UnitRegistered)
def unit(rows: Rows, event: participation.UnitRegistered, _: RecordedEvent) -> None:
    rows.put(units, unit_id=event.unit_id, name=event.name, kind=event.kind, tags=";".join(event.tags),
             zone_id=event.zone_id, community_id=event.community_id, liaison_id=event.liaison_id,
             opened_on=event.opened_on, closed_on=event.closed_on)  # fmt: skip


@projects(participation.UnitClosed)
def closing(rows: Rows, event: participation.UnitClosed, _: RecordedEvent) -> None:
    rows.amend(units, {"unit_id": event.unit_id}, closed_on=event.closed_on)


@projects(participation.UnitRelated)
def relations(rows: Rows, event: participation.UnitRelated, _: RecordedEvent) -> None:
    """A relation that is not given stays as it was."""
    given = {"zone_id": event.zone_id, "community_id": event.community_id, "liaison_id": event.liaison_id}
    rows.amend(units, {"unit_id": event.unit_id}, **{name: value for name, value in given.items() if value})


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
    rows.change(records, {"person_id": event.person_id}, title="")


@projects(participation.RecordSubmitted)
def record(rows: Rows, event: participation.RecordSubmitted, about: RecordedEvent) -> None:
    rows.put(records, record_id=event.record_id, kind=event.kind, unit_id=event.unit_id, person_id=event.person_id,
             day=event.day, period=event.period, title=event.title, evidence=event.evidence,
             recorded_at=about.recorded_at, withdrawn_at="")  # fmt: skip


@projects(participation.RecordWithdrawn)
def withdrawal(rows: Rows, event: participation.RecordWithdrawn, about: RecordedEvent) -> None:
    rows.amend(records, {"record_id": event.record_id}, withdrawn_at=about.recorded_at)


@projects(participation.ImportStarted)
def import_begun(rows: Rows, event: participation.ImportStarted, about: RecordedEvent) -> None:
    manifest = canonical([list(item) for item in event.files])
    rows.put(imports, import_id=event.import_id, manifest=manifest, actor=about.actor, started_at=about.recorded_at,
             finished_at="")  # fmt: skip
    for name, _, _ in event.files:
        rows.put(import_files, import_id=event.import_id, file=name)


@projects(participation.ImportAdvanced)
def import_progress(rows: Rows, event: participation.ImportAdvanced, _: RecordedEvent) -> None:
    rows.put(import_files, import_id=event.import_id, file=event.file, rows=event.rows, accepted=event.accepted,
             unchanged=event.unchanged, refused=event.refused, done_bytes=event.done_bytes,
             done=int(event.file_done))  # fmt: skip
    for line, column, code in event.refused_rows:
        rows.put(refused_rows, import_id=event.import_id, file=event.file, line=int(line), field=column, code=code)


@projects(participation.ImportFinished)
def import_end(rows: Rows, event: participation.ImportFinished, about: RecordedEvent) -> None:
    rows.amend(imports, {"import_id": event.import_id}, finished_at=about.recorded_at)
