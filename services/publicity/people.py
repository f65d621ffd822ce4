"""People in service who may be asked to review or to read: of a unit, or by name, pinyin or initials."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import column_in
from duties.days import Day
from services.publicity.context import PublicityContext
from services.publicity.tables import registry
from services.registry.name_match import Match, NameSearch
from services.registry.queries import unit_names
from services.registry.versions import facts_known

MOST = 200
"""The most people that a search lists."""


class InService(NamedTuple):
    """A person with the unit where they serve."""

    person_id: str
    name: str
    unit_id: str
    unit: str


def people_in_service(
    publicity: PublicityContext, connection: Connection, day: Day, people: Collection[str]
) -> dict[str, InService]:
    """Those of these people who serve on the day."""
    named = _with_names(publicity, connection, _serving_units(connection, day, people=people)) if people else []
    return {each.person_id: each for each in named}


def find_people(
    publicity: PublicityContext, connection: Connection, day: Day, text: str, unit_ids: Collection[str] | None
) -> tuple[list[InService], bool]:
    """People of these units (None: of all) whose id or name matches `text`, best matches first, else ordered by unit
    and id; and whether there are more than MOST."""
    people = _with_names(publicity, connection, _serving_units(connection, day, unit_ids=unit_ids))
    if text.strip():
        people = _best_first(people, NameSearch(text))
    return people[:MOST], len(people) > MOST


def units_of(connection: Connection, people: Collection[str], day: Day) -> dict[str, tuple[str, str]]:
    """By person the id and name of the unit where they serve."""
    served = _serving_units(connection, day, people=people) if people else {}
    names = unit_names(connection, registry, unit_ids=sorted(set(served.values())))
    return {person: (unit, names.get(unit, unit)) for person, unit in served.items()}


def open_units(connection: Connection, day: Day) -> dict[str, str]:
    """By id the names of the units that are open on the day."""
    unit = registry.units.c
    is_open = sa.or_(unit.closed_on == 0, unit.closed_on > day)
    query = sa.select(unit.unit_id, unit.name).where(is_open, facts_known(registry.units, None))
    return {row.unit_id: row.name for row in connection.execute(query.order_by(unit.kind, unit.unit_id))}


def _serving_units(
    connection: Connection, day: Day, people: Collection[str] | None = None, unit_ids: Collection[str] | None = None
) -> dict[str, str]:
    """By person the unit where they serve."""
    member, postgresql = registry.memberships.c, connection.dialect.name == "postgresql"
    serves = sa.and_(member.since <= day, sa.or_(member.until == 0, member.until > day))
    query = sa.select(member.person_id, member.unit_id).where(serves, facts_known(registry.memberships, None))
    if people is not None:
        query = query.where(column_in(member.person_id, sorted(people), postgresql))
    if unit_ids is not None:
        query = query.where(column_in(member.unit_id, sorted(unit_ids), postgresql))
    order = (member.person_id, member.since)
    return {row.person_id: row.unit_id for row in connection.execute(query.order_by(*order))}


def _with_names(publicity: PublicityContext, connection: Connection, served: dict[str, str]) -> list[InService]:
    """With names, where they can be decrypted, ordered by unit and id."""
    names = publicity.person_names(connection, served)
    units = unit_names(connection, registry, unit_ids=sorted(set(served.values())))
    return sorted(
        (InService(person, names[person], unit, units.get(unit, unit))
         for person, unit in served.items() if names.get(person)),
        key=lambda each: (each.unit_id, each.person_id),
    )  # fmt: skip


def _best_first(people: Iterable[InService], wanted: NameSearch) -> list[InService]:
    matching = [(wanted.match(each.person_id, each.name), each) for each in people]
    good = [each for each in matching if each[0] is not Match.NONE]
    return [each for _, each in sorted(good, key=lambda item: (item[0], item[1].unit_id, item[1].person_id))]
