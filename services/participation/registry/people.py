"""Who a caller is, and who serves in a unit: for the console's pages and accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store import subject_keys
from services.participation.registry.identity import local_day
from services.participation.registry.names import names_of_people, names_of_units
from services.participation.registry.projections import memberships, posts, units
from services.registry import rights


def describe_caller(connection: Connection, actor: Actor) -> dict[str, Any]:
    """The caller's name, posts in force and rights."""
    person = "person" in actor.roles
    held = [post for post in rights.posts_of(actor) if post.unit_id]
    names = names_of_units(connection, [post.unit_id for post in held])
    liaisons = _liaisons(connection, [post.unit_id for post in held])
    return {
        "subject": actor.name,
        "name": names_of_people(connection, [actor.name]).get(actor.name, "") if person else "",
        "posts": [{"unit_id": post.unit_id, "unit_name": names.get(post.unit_id, ""), "unit_kind": post.unit_kind,
                   "post": post.post} for post in held],
        "rights": [right.name for right in rights.RIGHTS if rights.has_somewhere(actor, right, liaisons)],
    }  # fmt: skip


def _liaisons(connection: Connection, unit_ids: Sequence[str]) -> set[str]:
    """Those of these units that supervise others, of whatever kind."""
    standing_over = units.c.liaison_id.in_(unit_ids)
    query = sa.select(units.c.liaison_id).where(units.c.voided == 0, standing_over).distinct()
    return set(connection.execute(query).scalars()) if unit_ids else set()


def unit_of_person(connection: Connection, person_id: str, now: datetime) -> str:
    """Where the person serves today; '' if nowhere."""
    today, member = local_day(connection, now).isoformat(), memberships.c
    in_force = sa.and_(member.voided == 0, member.since <= today, sa.or_(member.until == "", member.until > today))
    query = sa.select(member.unit_id).where(member.person_id == person_id, in_force)
    return connection.execute(query.limit(1)).scalar_one_or_none() or ""


def people_of_unit(connection: Connection, unit_id: str, now: datetime) -> dict[str, Any]:
    """Everybody with a present or future membership or post in the unit.  Problem 404."""
    today = local_day(connection, now).isoformat()
    person_ids = sorted({
        row.person_id for table in (memberships, posts)
        for row in connection.execute(
            sa.select(table.c.person_id).where(
                table.c.unit_id == unit_id, table.c.voided == 0,
                sa.or_(table.c.until == "", table.c.until > today)))
    })  # fmt: skip
    return _people_with_names(connection, unit_id, person_ids)


def people_serving(connection: Connection, unit_id: str, day: str) -> dict[str, Any]:
    """Those whose membership in the unit is in force on the day.  Problem 404."""
    member = memberships.c
    in_force = sa.and_(member.voided == 0, member.since <= day, sa.or_(member.until == "", member.until > day))
    rows = connection.execute(sa.select(member.person_id).where(member.unit_id == unit_id, in_force))
    return _people_with_names(connection, unit_id, sorted({row.person_id for row in rows}))


def _people_with_names(connection: Connection, unit_id: str, person_ids: list[str]) -> dict[str, Any]:
    name = names_of_units(connection, [unit_id]).get(unit_id)
    if name is None:
        raise Problem(404, "unknown_unit", f"没有编号为 {unit_id} 的单位。")
    names = names_of_people(connection, person_ids)
    return {"unit_id": unit_id, "unit_name": name,
            "people": [{"person_id": each, "name": names.get(each, "")} for each in person_ids]}  # fmt: skip


def search_people(connection: Connection, text: str, most: int = 50) -> dict[str, Any]:
    """Those whose id or latest name contains the text, by id, with the unit of their latest membership; `more`: there
    are others.  Names are encrypted under each person's key, so all are decrypted: some milliseconds per thousand."""
    wanted = text.casefold()
    latest = {}
    columns = (memberships.c.person_id, memberships.c.unit_id, memberships.c.name)
    query = sa.select(*columns).where(memberships.c.voided == 0)
    for row in connection.execute(query.order_by(memberships.c.since, memberships.c.unit_id)):
        latest[row.person_id] = row
    keys = subject_keys.existing_keys(connection, latest)
    plain = {each: decipher(row.name, each, keys.get(each)) or "" for each, row in latest.items()}
    matching = sorted(each for each, name in plain.items() if wanted in each.casefold() or wanted in name.casefold())
    names = names_of_units(connection, sorted({latest[each].unit_id for each in matching[:most]}))
    people = [{"person_id": each, "name": plain[each], "unit_id": (unit_id := latest[each].unit_id),
               "unit_name": names.get(unit_id, "")} for each in matching[:most]]  # fmt: skip
    return {"people": people, "more": len(matching) > most}
