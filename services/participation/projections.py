"""Events -> rows of participation: the campaign, units, people, records, imports."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from chassis.canonical import canonical
from chassis.log import Recorded
from chassis.projecting import Projections, Rows
from chassis.store import ROWS
from contracts import participation as said

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


@projects(said.CampaignLaunched, said.CampaignAmended)
def campaign_in_force(rows: Rows, event: said.CampaignLaunched | said.CampaignAmended, about: Recorded) -> None:
    rows.put(campaigns, campaign=event.campaign, version=event.campaign_version, document=canonical(event.document),
             recorded_at=about.recorded_at)  # fmt: skip


@projects(said.UnitRegistered)
def unit(rows: Rows, event: said.UnitRegistered, _: Recorded) -> None:
    rows.put(units, unit_id=event.unit_id, name=event.name, kind=event.kind, tags=";".join(event.tags),
             zone_id=event.zone_id, community_id=event.community_id, liaison_id=event.liaison_id,
             opened_on=event.opened_on, closed_on=event.closed_on)  # fmt: skip


@projects(said.UnitClosed)
def closing(rows: Rows, event: said.UnitClosed, _: Recorded) -> None:
    rows.amend(units, {"unit_id": event.unit_id}, closed_on=event.closed_on)


@projects(said.UnitRelated)
def relations(rows: Rows, event: said.UnitRelated, _: Recorded) -> None:
    """A relation that is not given stays as it was."""
    given = {"zone_id": event.zone_id, "community_id": event.community_id, "liaison_id": event.liaison_id}
    rows.amend(units, {"unit_id": event.unit_id}, **{name: value for name, value in given.items() if value})


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
    rows.change(records, {"person_id": event.person_id}, title="")


@projects(said.RecordSubmitted)
def record(rows: Rows, event: said.RecordSubmitted, about: Recorded) -> None:
    rows.put(records, record_id=event.record_id, kind=event.kind, unit_id=event.unit_id, person_id=event.person_id,
             day=event.day, period=event.period, title=event.title, evidence=event.evidence,
             recorded_at=about.recorded_at, withdrawn_at="")  # fmt: skip


@projects(said.RecordWithdrawn)
def withdrawal(rows: Rows, event: said.RecordWithdrawn, about: Recorded) -> None:
    rows.amend(records, {"record_id": event.record_id}, withdrawn_at=about.recorded_at)


@projects(said.ImportStarted)
def import_begun(rows: Rows, event: said.ImportStarted, about: Recorded) -> None:
    manifest = canonical([list(one) for one in event.files])
    rows.put(imports, import_id=event.import_id, manifest=manifest, actor=about.actor, started_at=about.recorded_at,
             finished_at="")  # fmt: skip
    for name, _, _ in event.files:
        rows.put(import_files, import_id=event.import_id, file=name)


@projects(said.ImportAdvanced)
def import_progress(rows: Rows, event: said.ImportAdvanced, _: Recorded) -> None:
    rows.put(import_files, import_id=event.import_id, file=event.file, rows=event.rows, accepted=event.accepted,
             unchanged=event.unchanged, refused=event.refused, done_bytes=event.done_bytes,
             done=int(event.file_done))  # fmt: skip
    for line, column, code in event.refused_rows:
        rows.put(refused_rows, import_id=event.import_id, file=event.file, line=int(line), field=column, code=code)


@projects(said.ImportFinished)
def import_end(rows: Rows, event: said.ImportFinished, about: Recorded) -> None:
    rows.amend(imports, {"import_id": event.import_id}, finished_at=about.recorded_at)
