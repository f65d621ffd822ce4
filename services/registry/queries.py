"""Rows of the registry -> answers: the campaign in force, what units are called, who serves where."""

import functools
import json
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import any_of
from duties.campaign import Campaign
from duties.days import Day
from duties.subjects import Unit
from services.registry.tables import RegistryTables


def campaign_in_force(connection: Connection, tables: RegistryTables) -> Campaign | None:
    """None before the launch."""
    document = connection.execute(sa.select(tables.campaigns.c.document)).scalar_one_or_none()
    return None if document is None else _campaign(document)


@functools.lru_cache(maxsize=4)
def _campaign(document: str) -> Campaign:
    return Campaign.from_data(json.loads(document))


def units(connection: Connection, tables: RegistryTables) -> list[Unit]:
    """Every unit as duties takes it, in the order of their ids."""
    result = connection.execute(sa.select(tables.units).order_by(tables.units.c.unit_id))
    return [Unit(row.unit_id, row.kind, row.opened_on, row.closed_on or None, tags_of(row.tags)) for row in result]


def tags_of(text: str) -> frozenset[str]:
    """The tags in the column of that name."""
    return frozenset(filter(None, text.split(";")))


def unit_names(connection: Connection, tables: RegistryTables) -> dict[str, str]:
    """The name of every unit."""
    columns = tables.units.c
    return {row.unit_id: row.name for row in connection.execute(sa.select(columns.unit_id, columns.name))}


def unit_name(connection: Connection, tables: RegistryTables, unit_id: str) -> str:
    """The unit's name; empty when it is not known."""
    columns = tables.units.c
    return connection.execute(sa.select(columns.name).where(columns.unit_id == unit_id)).scalar() or ""


def units_of_person(connection: Connection, tables: RegistryTables, person_id: str, day: Day) -> frozenset[str]:
    """Where a person serves on a day."""
    member = tables.memberships.c
    serves = sa.and_(member.since <= day, sa.or_(member.until == 0, member.until > day))
    query = sa.select(member.unit_id).where(member.person_id == person_id, serves)
    return frozenset(connection.execute(query).scalars())


def encrypted_names(connection: Connection, tables: RegistryTables, person_ids: Collection[str]) -> dict[str, str]:
    """The latest name of each person, ciphertext under the person's key; only where the tables keep names."""
    member = tables.memberships.c
    wanted = any_of(member.person_id, sorted(set(person_ids)), connection.dialect.name == "postgresql")
    query = sa.select(member.person_id, member.name).where(wanted).order_by(member.since)
    return {row.person_id: row.name for row in connection.execute(query)}
