"""Reads the facts that rights depend on from participation's rows: the posts of a caller, the relations of units."""

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.tokens import Actor
from services.participation.campaign.queries import campaign_in_force
from services.participation.registry.projections import posts, units
from services.registry.rights import Party, Subject, party_of, posts_of_token

DEFAULT_ZONE = "Asia/Shanghai"
"""Used before a campaign defines one."""


def identify(connection: Connection, actor: Actor, now: datetime) -> Party:
    """The signed-in caller, with all posts in force on the campaign's day."""
    today = local_day(connection, now)
    held = _posts_of_person(connection, actor.name, today) if "person" in actor.roles else []
    wanted = {unit_id for unit_id, _ in (*held, *posts_of_token(actor))}
    known = {unit_id: (kind, tags) for unit_id, kind, tags, _ in _units(connection, wanted)}
    return party_of(actor, held, known, today.toordinal())


def local_day(connection: Connection, now: datetime) -> date:
    """The campaign's local day."""
    stored = campaign_in_force(connection)
    zone = ZoneInfo((stored.timezone if stored else "") or DEFAULT_ZONE)
    return now.astimezone(zone).date()


def subjects_of_units(connection: Connection, unit_ids: Collection[str]) -> dict[str, Subject]:
    """Each of these units as a subject of rights, with its latest liaison office."""
    known = {unit_id: Subject(unit_id, kind, liaison_id)
             for unit_id, kind, _, liaison_id in _units(connection, unit_ids)}  # fmt: skip
    return {unit_id: known.get(unit_id, Subject(unit_id)) for unit_id in unit_ids}


def is_unit(connection: Connection, unit_id: str) -> bool:
    """Whether the unit is in the registry."""
    return bool(_units(connection, [unit_id]))


def _posts_of_person(connection: Connection, person_id: str, day: date) -> list[tuple[str, str]]:
    held, today = posts.c, day.isoformat()
    in_force = sa.and_(held.voided == 0, held.since <= today, sa.or_(held.until == "", held.until > today))
    query = sa.select(held.unit_id, held.post).where(held.person_id == person_id, in_force)
    return sorted({(row.unit_id, row.post) for row in connection.execute(query)})


def _units(connection: Connection, unit_ids: Collection[str]) -> list[tuple[str, str, str, str]]:
    if not unit_ids:
        return []
    query = sa.select(units.c.unit_id, units.c.kind, units.c.tags, units.c.liaison_id)
    rows = connection.execute(query.where(units.c.voided == 0, units.c.unit_id.in_(sorted(unit_ids))))
    return [tuple(row) for row in rows]
