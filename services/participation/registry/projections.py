"""Projects units, their relations, memberships and posts into read models."""

from sqlalchemy import Column, Index, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.corrections import MembershipCorrected, PostCorrected, UnitCorrected
from contracts.participation import (
    MembershipEnded,
    MembershipStarted,
    PersonErased,
    PostAssigned,
    UnitClosed,
    UnitRegistered,
    UnitRelated,
)
from services.participation.tables import METADATA

units = Table(
    "units", METADATA,
    Column("unit_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("zone_id", Text, nullable=False),
    Column("community_id", Text, nullable=False),
    Column("liaison_id", Text, nullable=False),
    Column("opened_on", Text, nullable=False),
    Column("closed_on", Text, nullable=False),
    Column("voided", Integer, nullable=False),
)  # fmt: skip

memberships = Table(
    "memberships", METADATA,
    Column("person_id", Text, primary_key=True),
    Column("unit_id", Text, primary_key=True),
    Column("since", Text, primary_key=True),
    Column("until", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("voided", Integer, nullable=False),
    Index("memberships_unit", "unit_id"),
)  # fmt: skip


posts = Table(
    "posts", METADATA,
    Column("person_id", Text, primary_key=True),
    Column("unit_id", Text, primary_key=True),
    Column("post", Text, primary_key=True),
    Column("since", Text, primary_key=True),
    Column("until", Text, nullable=False),
    Column("voided", Integer, nullable=False),
    Index("posts_unit", "unit_id"),
)  # fmt: skip


def store_unit(rows: Rows, event: UnitRegistered, _: RecordedEvent) -> None:
    rows.put(units, unit_id=event.unit_id, name=event.name, kind=event.kind, tags=";".join(event.tags),
             zone_id=event.zone_id, community_id=event.community_id, liaison_id=event.liaison_id,
             opened_on=event.opened_on, closed_on=event.closed_on)  # fmt: skip


def correct_unit(rows: Rows, event: UnitCorrected, _: RecordedEvent) -> None:
    rows.put(units, unit_id=event.unit_id, name=event.name, kind=event.kind, tags=";".join(event.tags),
             zone_id=event.zone_id, community_id=event.community_id, liaison_id=event.liaison_id,
             opened_on=event.opened_on, closed_on=event.closed_on, voided=int(event.voided))  # fmt: skip


def close_unit(rows: Rows, event: UnitClosed, _: RecordedEvent) -> None:
    rows.amend(units, {"unit_id": event.unit_id}, closed_on=event.closed_on)


def relate_unit(rows: Rows, event: UnitRelated, _: RecordedEvent) -> None:
    """A relation that is not given keeps its value."""
    given = {"zone_id": event.zone_id, "community_id": event.community_id, "liaison_id": event.liaison_id}
    rows.amend(units, {"unit_id": event.unit_id}, **{name: value for name, value in given.items() if value})


def store_membership(rows: Rows, event: MembershipStarted, _: RecordedEvent) -> None:
    rows.put(memberships, person_id=event.person_id, unit_id=event.unit_id, since=event.since, until=event.until,
             role=event.role, name=event.name)  # fmt: skip


def correct_membership(rows: Rows, event: MembershipCorrected, _: RecordedEvent) -> None:
    rows.put(memberships, person_id=event.person_id, unit_id=event.unit_id, since=event.since, until=event.until,
             role=event.role, name=event.name, voided=int(event.voided))  # fmt: skip


def end_membership(rows: Rows, event: MembershipEnded, _: RecordedEvent) -> None:
    key = {"person_id": event.person_id, "unit_id": event.unit_id, "since": event.since}
    rows.amend(memberships, key, until=event.until)


def store_post(rows: Rows, event: PostAssigned, _: RecordedEvent) -> None:
    rows.put(posts, person_id=event.person_id, unit_id=event.unit_id, post=event.post, since=event.since,
             until=event.until)  # fmt: skip


def correct_post(rows: Rows, event: PostCorrected, _: RecordedEvent) -> None:
    rows.put(posts, person_id=event.person_id, unit_id=event.unit_id, post=event.post, since=event.since,
             until=event.until, voided=int(event.voided))  # fmt: skip


def end_posts(rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
    """An erased person holds no post any more, whatever was reported before."""
    rows.change(posts, {"person_id": event.person_id}, voided=1)


def forget_name(rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
    """The key is destroyed; the ciphertext is removed too."""
    rows.change(memberships, {"person_id": event.person_id}, name="")
