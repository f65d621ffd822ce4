"""Reads units for those who maintain them: pages, one unit with its posts, its supervising offices, its history."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.problems import Problem
from chassis.process.text import is_line
from chassis.process.tokens import Actor
from services.participation.history.queries import history_of_row
from services.participation.registry.identity import local_day
from services.participation.registry.names import names_of_people
from services.participation.registry.projections import memberships, posts, units
from services.registry import rights
from services.registry.name_match import Match, NameSearch
from services.registry.rights import DISTRICT, UNIT_POSTS, Right, Subject

_RELATED = ("zone", "community", "liaison")


def list_units(connection: Connection, actor: Actor, query: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A page ordered by id.  Problem 403."""
    today, kept = local_day(connection, now).isoformat(), units_kept(actor, rights.SEE_DIRECTORY)
    rows = connection.execute(sa.select(units).where(units.c.voided == 0).order_by(units.c.unit_id)).all()
    wanted_units = [row for row in rows if (kept is None or row.unit_id in kept) and _is_wanted(row, query, today)]
    page = [row for row in wanted_units if row.unit_id > query["after"]]
    shown = page[: query["limit"]]
    names, counts = {row.unit_id: row.name for row in rows}, _people_today(connection, today)
    last = shown[-1].unit_id if len(page) > len(shown) else ""
    return {"units": [_summary(row, names, counts) for row in shown], "next": last, "total": len(wanted_units)}


def unit_detail(connection: Connection, actor: Actor, unit_id: str, now: datetime) -> dict[str, Any]:
    """One unit.  Problem 403, 404."""
    row = connection.execute(sa.select(units).where(units.c.unit_id == unit_id, units.c.voided == 0)).one_or_none()
    if row is None:
        text = f"没有编号为 {unit_id[:40]} 的单位。"
        raise rights.SEE_DIRECTORY.absent(actor, Problem(404, "unknown_unit", text))
    rights.require(actor, rights.SEE_DIRECTORY, Subject(unit_id))
    today = local_day(connection, now).isoformat()
    names = names_known(connection, {unit_id, *(getattr(row, f"{each}_id") for each in _RELATED)} - {""})
    return {
        "unit": _summary(row, names, _people_today(connection, today)), "today": today,
        "posts": _holders(connection, [unit_id], today, all_days=True),
        "offices": _holders(connection, _offices_behind(connection, row), today),
        "history": history_of_row(connection, "units", unit_id, actor),
        "keeps_posts": rights.may(actor, rights.KEEP_POSTS, Subject(unit_id)),
        "keeps_unit": rights.may(actor, rights.ENTER_FACTS, DISTRICT),
    }  # fmt: skip


def units_in_service(connection: Connection, now: datetime) -> list[dict[str, str]]:
    """Id, name and kind of each unit that is not closed."""
    today, unit = local_day(connection, now).isoformat(), units.c
    is_open = sa.and_(unit.voided == 0, sa.or_(unit.closed_on == "", unit.closed_on > today))
    query = sa.select(unit.unit_id, unit.name, unit.kind).where(is_open).order_by(unit.kind, unit.unit_id)
    return [dict(row._mapping) for row in connection.execute(query)]


def units_kept(actor: Actor, right: Right) -> frozenset[str] | None:
    """The units over which the caller has the right; None: all.  Problem 403."""
    if rights.may(actor, right, DISTRICT):
        return None
    own = frozenset(post.unit_id for post in rights.posts_of(actor) if rights.may(actor, right, Subject(post.unit_id)))
    if not own:
        raise Problem(403, "not_allowed", rights.ruling(actor, right, DISTRICT).reason)
    return own


def names_known(connection: Connection, unit_ids: Collection[str]) -> dict[str, str]:
    query = sa.select(units.c.unit_id, units.c.name).where(units.c.unit_id.in_(sorted(unit_ids)))
    return {row.unit_id: row.name for row in connection.execute(query)}


def state_on(row: Any, today: str) -> str:
    """The state of a membership or a post: serving, coming or left."""
    if row.since > today:
        return "coming"
    return "serving" if not row.until or row.until > today else "left"


def _is_wanted(row: Any, query: Mapping[str, Any], today: str) -> bool:
    text = query["text"].strip()
    if text and not (is_line(text) and NameSearch(text).match(row.unit_id, row.name) is not Match.NONE):
        return False
    closed = bool(row.closed_on) and row.closed_on <= today
    if query["state"] and (query["state"] == "closed") != closed:
        return False
    return all(query[name] in ("", getattr(row, name)) for name in ("kind", "zone_id", "liaison_id"))


def _people_today(connection: Connection, today: str) -> dict[str, int]:
    member = memberships.c
    in_force = sa.and_(member.voided == 0, member.since <= today, sa.or_(member.until == "", member.until > today))
    query = sa.select(member.unit_id, sa.func.count().label("people")).where(in_force).group_by(member.unit_id)
    return {row.unit_id: row.people for row in connection.execute(query)}


def _summary(row: Any, names: Mapping[str, str], counts: Mapping[str, int]) -> dict[str, Any]:
    cells = {name: value for name, value in row._mapping.items() if name != "voided"}
    related = {f"{each}_name": names.get(getattr(row, f"{each}_id"), "") for each in _RELATED}
    return cells | related | {"tags": [tag for tag in row.tags.split(";") if tag],
                              "people": counts.get(row.unit_id, 0)}  # fmt: skip


def _offices_behind(connection: Connection, row: Any) -> list[str]:
    """The unit's liaison office; for an office or secondary unit the supervision office too."""
    behind = [row.liaison_id] if row.liaison_id else []
    if row.kind in ("office", "secondary"):
        query = sa.select(units.c.unit_id, units.c.tags).where(units.c.voided == 0, units.c.tags != "")
        behind += [each.unit_id for each in connection.execute(query) if "supervision_office" in each.tags.split(";")]
    return sorted(set(behind) - {row.unit_id})


def _holders(
    connection: Connection, unit_ids: Iterable[str], today: str, all_days: bool = False
) -> list[dict[str, Any]]:
    """The holders of these units' posts, today or on any day; of a supervising office its head and clerk."""
    rows = connection.execute(sa.select(posts).where(posts.c.unit_id.in_(sorted(unit_ids)), posts.c.voided == 0)).all()
    shown = [row for row in rows if all_days or (row.post in UNIT_POSTS and state_on(row, today) == "serving")]
    people = names_of_people(connection, sorted({row.person_id for row in shown}))
    names = names_known(connection, {row.unit_id for row in shown})
    shown.sort(key=lambda row: (row.unit_id, state_on(row, today) == "left", row.post, row.since))
    return [{"unit_id": row.unit_id, "unit_name": names.get(row.unit_id, ""), "post": row.post, "since": row.since,
             "until": row.until, "state": state_on(row, today), "voided": False, "person_id": row.person_id,
             "name": people.get(row.person_id, "")} for row in shown]  # fmt: skip
