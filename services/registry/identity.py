"""Reads the facts that rights depend on: the posts of a caller, the relations of a unit."""

from collections.abc import Callable, Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.tokens import Actor
from chassis.store.prepared_query import column_in
from duties.days import Day
from services.registry.queries import campaign_in_force, liaisons_on, posts_of_person
from services.registry.rights import Party, Right, Subject, may, party_of, posts_of_token
from services.registry.tables import RegistryTables
from services.registry.versions import facts_known

Identify = Callable[[Connection, Actor, datetime], Party]


def identify_by(tables: RegistryTables) -> Identify:
    """A function that adds to a signed-in caller all posts in force on the campaign's day."""

    def identify(connection: Connection, actor: Actor, now: datetime) -> Party:
        campaign = campaign_in_force(connection, tables)
        day = (now.astimezone(campaign.zone) if campaign else now).date().toordinal()
        held = posts_of_person(connection, tables, actor.name, day) if "person" in actor.roles else []
        wanted = {unit_id for unit_id, _ in (*held, *posts_of_token(actor))}
        return party_of(actor, held, kinds_and_tags(connection, tables, wanted), day)

    return identify


def kinds_and_tags(
    connection: Connection, tables: RegistryTables, unit_ids: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Kind and tags of each of these units."""
    if not unit_ids:
        return {}
    unit = tables.units.c
    wanted = column_in(unit.unit_id, sorted(unit_ids), connection.dialect.name == "postgresql")
    query = sa.select(unit.unit_id, unit.kind, unit.tags).where(wanted, facts_known(tables.units, None))
    return {row.unit_id: (row.kind, row.tags) for row in connection.execute(query)}


def subject_of_unit(
    connection: Connection, tables: RegistryTables, actor: Actor, unit_id: str, person_id: str = ""
) -> Subject:
    """The unit as a subject of rights, with its relations on the day of the caller's rights."""
    return subjects_of_units(connection, tables, actor, [unit_id], person_id)[unit_id]


def subjects_of_units(
    connection: Connection, tables: RegistryTables, actor: Actor, unit_ids: Collection[str], person_id: str = ""
) -> dict[str, Subject]:
    """The same for each of these units, with two queries for all; for a caller without posts the relations are not
    read."""
    wanted = sorted(set(unit_ids) - {""})
    if not (isinstance(actor, Party) and actor.posts and wanted):
        return {unit_id: Subject(unit_id, person_id=person_id) for unit_id in unit_ids}
    kinds = kinds_and_tags(connection, tables, wanted)
    liaisons = liaisons_on(connection, tables, Day(actor.day), wanted)
    return {unit_id: Subject(unit_id, kinds.get(unit_id, ("", ""))[0], liaisons.get(unit_id, ""), person_id)
            for unit_id in unit_ids}  # fmt: skip


def units_within(
    connection: Connection, tables: RegistryTables, actor: Actor, right: Right, unit_ids: Collection[str]
) -> frozenset[str]:
    """Those of these units over which the caller has the right."""
    subjects = subjects_of_units(connection, tables, actor, unit_ids)
    return frozenset(unit_id for unit_id, subject in subjects.items() if may(actor, right, subject))
