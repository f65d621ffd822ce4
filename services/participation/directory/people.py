"""Reads people for those who maintain them: pages, one person with memberships, posts and history, one's own
service."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.process.problems import Problem
from chassis.process.text import is_line
from chassis.process.tokens import Actor
from chassis.store import subject_keys
from services.participation.directory.units import names_known, state_on, units_kept
from services.participation.history.queries import history_of_row
from services.participation.registry.identity import local_day
from services.participation.registry.projections import memberships, posts
from services.registry import rights
from services.registry.name_match import Match, NameSearch
from services.registry.rights import Right, Subject

_MEMBER, _HELD = memberships.c, posts.c
_SERVING, _COMING, _LEFT = "serving", "coming", "left"
_NEAREST = (_SERVING, _COMING, _LEFT)
Wheres = Sequence[sa.ColumnElement[bool]]


class _Page(NamedTuple):
    """Ids in order, whether others follow, and the total."""

    ids: list[str]
    more: bool
    total: int


def list_people(connection: Connection, actor: Actor, query: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A page ordered by id, each person once.  Problem 403."""
    today = local_day(connection, now).isoformat()
    scope = [_MEMBER.voided == 0, *_of_units(actor, query["unit_id"])]
    scope += [_MEMBER.role == query["role"]] if query["role"] else []
    where = [*scope, *_in_state(query["state"], today, scope)]
    page = _search_people(connection, query, where) if query["text"].strip() else _by_id(connection, query, where)
    rows = connection.execute(sa.select(memberships).where(*where, _MEMBER.person_id.in_(page.ids))).all()
    best = _nearest(rows, today)
    keys, units = (
        subject_keys.existing_keys(connection, best),
        names_known(connection, {row.unit_id for row in best.values()}),
    )
    held = _posts_in_force(connection, page.ids, today)
    people = [_member_summary(best[each], today, units, keys.get(each), held) for each in page.ids]
    return {"people": people, "next": page.ids[-1] if page.more else "", "total": page.total}


def person_detail(connection: Connection, actor: Actor, person_id: str, now: datetime) -> dict[str, Any]:
    """One person.  Problem 403, 404."""
    today = local_day(connection, now).isoformat()
    kept = units_kept(actor, rights.SEE_DIRECTORY)
    rows = connection.execute(sa.select(memberships).where(_MEMBER.person_id == person_id)).all()
    held = connection.execute(sa.select(posts).where(_HELD.person_id == person_id)).all()
    rows, held = ([row for row in each if kept is None or row.unit_id in kept] for each in (rows, held))
    if not rows and not held:
        text = f"没有工号为 {person_id[:40]} 的人员。"
        raise rights.SEE_DIRECTORY.absent(actor, Problem(404, "unknown_person", text))
    key = subject_keys.existing_keys(connection, [person_id]).get(person_id)
    units = names_known(connection, {row.unit_id for row in (*rows, *held)})
    named = sorted(rows, key=lambda row: (row.voided == 0, row.since))
    return {
        "person_id": person_id,
        "name": _name(named[-1], key) if named else "",
        "erased": key is None,
        "today": today,
        "memberships": [_membership(row, today, units, _name(row, key)) for row in _last_first(rows)],
        "posts": [_post_response(row, today, units) for row in _last_first(held)],
        "history": _history(connection, actor, person_id, rows, held),
        "keeps": _permitted_units(actor, rights.KEEP_PEOPLE, rows),
        "keeps_posts": _permitted_units(actor, rights.KEEP_POSTS, (*rows, *held)),
    }


def own_service(connection: Connection, actor: Actor, now: datetime) -> dict[str, Any]:
    """The caller's own memberships and posts that are not void."""
    today = local_day(connection, now).isoformat()
    person_id = actor.name if "person" in actor.roles else ""
    rows = connection.execute(sa.select(memberships).where(_MEMBER.person_id == person_id, _MEMBER.voided == 0)).all()
    held = connection.execute(sa.select(posts).where(_HELD.person_id == person_id, _HELD.voided == 0)).all()
    key = subject_keys.existing_keys(connection, [person_id]).get(person_id)
    units = names_known(connection, {row.unit_id for row in (*rows, *held)})
    return {"today": today,
            "memberships": [_membership(row, today, units, _name(row, key)) for row in _last_first(rows)],
            "posts": [_post_response(row, today, units) for row in _last_first(held)]}  # fmt: skip


def _of_units(actor: Actor, unit_id: str) -> Wheres:
    """The condition for the caller's units.  Problem 403."""
    if unit_id:
        rights.require(actor, rights.SEE_DIRECTORY, Subject(unit_id))
        return [_MEMBER.unit_id == unit_id]
    kept = units_kept(actor, rights.SEE_DIRECTORY)
    return [] if kept is None else [_MEMBER.unit_id.in_(sorted(kept))]


def _in_state(state: str, today: str, scope: Wheres) -> Wheres:
    """A person who serves today or later has not left."""
    goes_on = sa.or_(_MEMBER.until == "", _MEMBER.until > today)
    match state:
        case "serving":
            return [_MEMBER.since <= today, goes_on]
        case "coming":
            return [_MEMBER.since > today]
        case "left":
            return [sa.not_(goes_on), _MEMBER.person_id.not_in(sa.select(_MEMBER.person_id).where(*scope, goes_on))]
    return []


def _by_id(connection: Connection, query: Mapping[str, Any], where: Wheres) -> _Page:
    counted = sa.select(sa.func.count(sa.distinct(_MEMBER.person_id))).where(*where)
    ids = sa.select(_MEMBER.person_id).where(*where, _MEMBER.person_id > query["after"]).distinct()
    listed = connection.execute(ids.order_by(_MEMBER.person_id).limit(query["limit"] + 1)).scalars().all()
    limit = query["limit"]
    return _Page(list(listed[:limit]), len(listed) > limit, connection.execute(counted).scalar_one())


def _search_people(connection: Connection, query: Mapping[str, Any], where: Wheres) -> _Page:
    """Names are encrypted under each person's key, so all are decrypted: some milliseconds per thousand."""
    if not is_line(query["text"]):
        return _Page([], False, 0)  # no name can match
    columns = (_MEMBER.person_id, _MEMBER.name, _MEMBER.since)
    rows = connection.execute(sa.select(*columns).where(*where).order_by(_MEMBER.since)).all()
    latest = {row.person_id: row.name for row in rows}
    keys, wanted = subject_keys.existing_keys(connection, latest), NameSearch(query["text"])
    ids = sorted(each for each, name in latest.items()
                 if wanted.match(each, decipher(name, each, keys.get(each)) or "") is not Match.NONE)  # fmt: skip
    after = [each for each in ids if each > query["after"]]
    return _Page(after[: query["limit"]], len(after) > query["limit"], len(ids))


def _nearest(rows: Iterable[Any], today: str) -> dict[str, Any]:
    """For each person the membership of today, else the next, else the last."""
    result: dict[str, Any] = {}
    for row in rows:
        known = result.get(row.person_id)
        if known is None or _rank(row, today) > _rank(known, today):
            result[row.person_id] = row
    return result


def _rank(row: Any, today: str) -> tuple[int, str]:
    return -_NEAREST.index(state_on(row, today)), row.since


def _posts_in_force(connection: Connection, person_ids: Collection[str], today: str) -> list[Any]:
    in_force = sa.and_(_HELD.voided == 0, _HELD.since <= today, sa.or_(_HELD.until == "", _HELD.until > today))
    return list(connection.execute(sa.select(posts).where(_HELD.person_id.in_(person_ids), in_force)).all())


def _member_summary(
    row: Any, today: str, units: Mapping[str, str], key: bytes | None, held: Iterable[Any]
) -> dict[str, Any]:
    own = {each.post for each in held if (each.person_id, each.unit_id) == (row.person_id, row.unit_id)}
    return _membership(row, today, units, _name(row, key)) | {"person_id": row.person_id, "posts": sorted(own)}


def _name(row: Any, key: bytes | None) -> str:
    return decipher(row.name, row.person_id, key) or ""


def _membership(row: Any, today: str, units: Mapping[str, str], name: str) -> dict[str, Any]:
    return {"unit_id": row.unit_id, "unit_name": units.get(row.unit_id, ""), "role": row.role, "name": name,
            "since": row.since, "until": row.until, "state": state_on(row, today),
            "voided": bool(row.voided)}  # fmt: skip


def _post_response(row: Any, today: str, units: Mapping[str, str]) -> dict[str, Any]:
    return {"unit_id": row.unit_id, "unit_name": units.get(row.unit_id, ""), "post": row.post, "since": row.since,
            "until": row.until, "state": state_on(row, today), "voided": bool(row.voided)}  # fmt: skip


def _last_first(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: (row.voided, row.since), reverse=True)


def _permitted_units(actor: Actor, right: Right, rows: Iterable[Any]) -> list[str]:
    return [unit_id for unit_id in sorted({row.unit_id for row in rows}) if rights.may(actor, right, Subject(unit_id))]


def _history(
    connection: Connection, actor: Actor, person_id: str, rows: Sequence[Any], held: Sequence[Any]
) -> list[dict[str, Any]]:
    """The history of memberships and posts, oldest first; names and reasons only for those who maintain them."""
    entries = history_of_row(connection, "people", person_id, actor, rights.SEE_DIRECTORY) if rows else []
    for row in held:
        name = f"{row.unit_id}/{row.post}/{person_id}/{row.since}"
        entries += [each for each in history_of_row(connection, "posts", name, actor, rights.SEE_DIRECTORY)
                    if each["what"] != "erased" or not rows]  # fmt: skip
    return sorted(entries, key=lambda each: each["recorded_at"])
