"""The campaign, units and memberships as publicity keeps them: tables, projections, queries."""

import json
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Connection, Index, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key, Store
from chassis.store.projections import Rows
from contracts.participation import (
    CampaignAmended,
    CampaignLaunched,
    MembershipEnded,
    MembershipStarted,
    PersonErased,
    UnitClosed,
    UnitRegistered,
)
from duties.campaign import Campaign
from services.publicity.tables import metadata

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


def store_campaign(rows: Rows, event: CampaignLaunched | CampaignAmended, _: RecordedEvent) -> None:
    rows.put(campaigns, campaign=event.campaign, version=event.campaign_version, document=canonical(event.document))


def store_unit(rows: Rows, event: UnitRegistered, _: RecordedEvent) -> None:
    rows.put(units, unit_id=event.unit_id, name=event.name, kind=event.kind, tags=";".join(event.tags),
             opened_on=event.opened_on, closed_on=event.closed_on)  # fmt: skip


def close_unit(rows: Rows, event: UnitClosed, _: RecordedEvent) -> None:
    rows.amend(units, {"unit_id": event.unit_id}, closed_on=event.closed_on)


def store_membership(rows: Rows, event: MembershipStarted, _: RecordedEvent) -> None:
    rows.put(memberships, person_id=event.person_id, unit_id=event.unit_id, since=event.since, until=event.until,
             role=event.role, name=event.name)  # fmt: skip


def end_membership(rows: Rows, event: MembershipEnded, _: RecordedEvent) -> None:
    key = {"person_id": event.person_id, "unit_id": event.unit_id, "since": event.since}
    rows.amend(memberships, key, until=event.until)


def erase_names(rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
    """The key is destroyed; the unreadable text goes too."""
    rows.change(memberships, {"person_id": event.person_id}, name="")


_rules: dict[tuple[str, int], Campaign] = {}


def campaign_in_force(connection: Connection) -> Campaign | None:
    """None before the launch."""
    row = connection.execute(sa.select(campaigns)).one_or_none()
    if row is None:
        return None
    if (row.campaign, row.version) not in _rules:
        _rules.clear()
        _rules[row.campaign, row.version] = Campaign.from_data(json.loads(row.document))
    return _rules[row.campaign, row.version]


def units_of_person(connection: Connection, person_id: str, day: str) -> frozenset[str]:
    """Where a person serves on a day (`YYYY-MM-DD`)."""
    m = memberships.c
    query = sa.select(m.unit_id).where(m.person_id == person_id, m.since <= day, sa.or_(m.until == "", m.until > day))
    return frozenset(row.unit_id for row in connection.execute(query))


def unit_name(connection: Connection, unit_id: str) -> str:
    """The unit's name; empty when it is not known."""
    return connection.execute(sa.select(units.c.name).where(units.c.unit_id == unit_id)).scalar() or ""


def encrypted_names(connection: Connection, store: Store, person_ids: Collection[str]) -> dict[str, str]:
    """The latest name of each person, under the person's key."""
    m = memberships.c
    query = sa.select(m.person_id, m.name).where(store.any_of(m.person_id, sorted(set(person_ids)))).order_by(m.since)
    return {row.person_id: row.name for row in connection.execute(query)}
