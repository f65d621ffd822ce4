"""Reads the registry's rows: campaigns, names of units, who serves where; now or as known at an instant."""

import functools
import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import column_in
from duties.campaign import Campaign
from duties.days import Day, Instant
from duties.subjects import Unit
from services.registry.tables import RegistryTables
from services.registry.versions import facts_known, in_force_at


class CampaignAsKnown(NamedTuple):
    """A campaign with the rules in force; `closed_on` 0: it is not closed."""

    campaign: Campaign
    version: int
    launched_at: Instant
    closed_on: Day


def campaigns_as_known(
    connection: Connection, tables: RegistryTables, known_at: Instant | None = None
) -> list[CampaignAsKnown]:
    """All campaigns launched by that instant, in the order of their launches."""
    columns = tables.campaigns.c
    query = sa.select(tables.campaigns).where(in_force_at(tables.campaigns, known_at))
    rows = connection.execute(query.order_by(columns.launched_at, columns.campaign))
    return [CampaignAsKnown(_campaign(row.document, row.closed_on), row.version, row.launched_at, row.closed_on)
            for row in rows]  # fmt: skip


def campaign_in_force(
    connection: Connection, tables: RegistryTables, known_at: Instant | None = None
) -> Campaign | None:
    """The campaign launched last, even if it was closed since; None before the first launch."""
    launched = campaigns_as_known(connection, tables, known_at)
    return launched[-1].campaign if launched else None


def campaign_as_known(
    connection: Connection, tables: RegistryTables, campaign_id: str, known_at: Instant | None = None
) -> Campaign | None:
    """The campaign of this id under the rules in force at that instant; None if there was none."""
    columns = tables.campaigns.c
    query = sa.select(columns.document, columns.closed_on)
    query = query.where(columns.campaign == campaign_id, in_force_at(tables.campaigns, known_at))
    row = connection.execute(query).one_or_none()
    return None if row is None else _campaign(row.document, row.closed_on)


@functools.lru_cache(maxsize=8)
def _campaign(document: str, closed_on: Day) -> Campaign:
    """The campaign; from the day on which it was closed it has no periods, whatever the file says."""
    campaign = Campaign.from_data(json.loads(document))
    return replace(campaign, closes_on=closed_on) if closed_on else campaign


def units(
    connection: Connection,
    tables: RegistryTables,
    known_at: Instant | None = None,
    unit_ids: Sequence[str] | None = None,
) -> list[Unit]:
    """All units, or these, as objects of `duties`, ordered by id."""
    query = sa.select(tables.units).where(facts_known(tables.units, known_at)).order_by(tables.units.c.unit_id)
    query = query.where(*_name_conditions(connection, tables.units.c.unit_id, unit_ids))
    return [unit_of(row) for row in connection.execute(query)]


def unit_of(row: Any) -> Unit:
    """A row of units as an object of `duties`."""
    return Unit(row.unit_id, row.kind, row.opened_on, row.closed_on or None, tags_of(row.tags))


def _name_conditions(connection: Connection, column: Any, names: Sequence[str] | None) -> list[Any]:
    return [] if names is None else [column_in(column, names, connection.dialect.name == "postgresql")]


def tags_of(text: str) -> frozenset[str]:
    """The tags in the column `tags`."""
    return frozenset(filter(None, text.split(";")))


def liaisons_on(
    connection: Connection, tables: RegistryTables, day: Day, unit_ids: Sequence[str] | None = None
) -> dict[str, str]:
    """The liaison office of each unit, or of each of these, on a day; empty if there is none."""
    columns = tables.liaisons.c
    among = _name_conditions(connection, columns.unit_id, unit_ids)
    return _related_on(connection, tables.liaisons, columns.liaison_id, day, among)


def zones_on(connection: Connection, tables: RegistryTables, day: Day, unit_ids: Sequence[str]) -> dict[str, str]:
    """The central school that leads the zone of each of these units on a day; empty if there is none.  Only for tables
    that keep zones."""
    assert tables.zones is not None
    columns = tables.zones.c
    return _related_on(
        connection, tables.zones, columns.zone_id, day, _name_conditions(connection, columns.unit_id, unit_ids)
    )


def _related_on(
    connection: Connection, table: sa.Table, related: sa.ColumnElement[str], day: Day, among: list[Any]
) -> dict[str, str]:
    """The relation in force on a day: of two that begin on one day the later reported, and a correction replaces the
    one reported before it, as participation decides."""
    columns, dated = table.c, defaultdict[str, list[tuple[Day, str]]](list)
    query = sa.select(columns.unit_id, columns.since, columns.replaces, related.label("related"))
    for row in connection.execute(query.where(*among).order_by(columns.unit_id, columns.position)):
        since = dated[row.unit_id].pop()[0] if row.replaces else row.since
        dated[row.unit_id].append((since, row.related))
    return {unit: _in_force(relations, day) for unit, relations in dated.items()}


def _in_force(relations: list[tuple[Day, str]], day: Day) -> str:
    """The relation in force on the day; `relations` in the order in which they were reported, the first valid from the
    beginning."""
    begun = (relation for relation in reversed(relations) if relation[0] <= day)
    return max(begun, key=itemgetter(0))[1]


def unit_names(
    connection: Connection,
    tables: RegistryTables,
    known_at: Instant | None = None,
    unit_ids: Sequence[str] | None = None,
) -> dict[str, str]:
    """The names of all units, or of these."""
    columns = tables.units.c
    query = sa.select(columns.unit_id, columns.name).where(facts_known(tables.units, known_at))
    query = query.where(*_name_conditions(connection, columns.unit_id, unit_ids))
    return {row.unit_id: row.name for row in connection.execute(query)}


def unit_name(connection: Connection, tables: RegistryTables, unit_id: str) -> str:
    """The unit's name; empty if it is unknown."""
    columns = tables.units.c
    query = sa.select(columns.name).where(columns.unit_id == unit_id, facts_known(tables.units, None))
    return connection.execute(query).scalar() or ""


LARGE = 1_000
"""The number of memberships from which slow results are calculated ahead of requests."""


def is_large(connection: Connection, tables: RegistryTables) -> bool:
    """Whether the district has so many people that calculating ahead is worth it."""
    some = sa.select(tables.memberships.c.person_id).limit(LARGE).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()) >= LARGE


def units_of_person(connection: Connection, tables: RegistryTables, person_id: str, day: Day) -> frozenset[str]:
    """The units in which a person serves on a day."""
    member = tables.memberships.c
    serves = sa.and_(member.since <= day, sa.or_(member.until == 0, member.until > day))
    query = sa.select(member.unit_id).where(member.person_id == person_id, serves)
    return frozenset(connection.execute(query.where(facts_known(tables.memberships, None))).scalars())


def posts_of_person(
    connection: Connection, tables: RegistryTables, person_id: str, day: Day, known_at: Instant | None = None
) -> list[tuple[str, str]]:
    """The posts (unit_id, post) that a person holds on a day, ordered."""
    held = tables.posts.c
    query = sa.select(held.unit_id, held.post).where(held.person_id == person_id, _held_on(tables, day, known_at))
    return sorted({(row.unit_id, row.post) for row in connection.execute(query)})


def holders_of_post(connection: Connection, tables: RegistryTables, unit_id: str, post: str, day: Day) -> list[str]:
    """The ids of persons who hold a unit's post on a day, ordered."""
    held = tables.posts.c
    query = sa.select(held.person_id).where(held.unit_id == unit_id, held.post == post, _held_on(tables, day, None))
    return sorted(set(connection.execute(query).scalars()))


def _held_on(tables: RegistryTables, day: Day, known_at: Instant | None) -> sa.ColumnElement[bool]:
    held = tables.posts.c
    return sa.and_(held.since <= day, sa.or_(held.until == 0, held.until > day), facts_known(tables.posts, known_at))


def encrypted_names(connection: Connection, tables: RegistryTables, person_ids: Collection[str]) -> dict[str, str]:
    """The latest name of each person, encrypted under the person's key; only for tables that keep names."""
    member = tables.memberships.c
    wanted = column_in(member.person_id, sorted(set(person_ids)), connection.dialect.name == "postgresql")
    query = sa.select(member.person_id, member.name).where(wanted, facts_known(tables.memberships, None))
    return {row.person_id: row.name for row in connection.execute(query.order_by(member.since))}
