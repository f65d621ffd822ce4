"""Searches units, persons, records and imports for one reader: the campaign office in the whole district, a unit's head
and clerk in their unit."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.process.problems import Problem
from chassis.process.text import is_line
from chassis.process.tokens import Actor
from chassis.store import subject_keys
from services.participation.campaign.queries import campaign_in_force, titles_of_kinds
from services.participation.imports.projections import imports
from services.participation.records.projections import records
from services.participation.registry.projections import memberships, units
from services.participation.roster.projections import rosters
from services.registry import rights
from services.registry.name_match import Match, NameSearch
from services.registry.rights import Subject

MOST: Final = 50
_LAST_CHARACTER: Final = "\U0010ffff"
Summary = dict[str, Any]


def find(connection: Connection, actor: Actor, text: str, most: int) -> dict[str, Any]:
    """At most `most` each of `units`, `people`, `records` and `imports` that match the text, best matches first;
    `more`: the kinds with further matches.  Problem 403."""
    own = _units_of(actor)
    if not is_line(text):
        return {"units": [], "people": [], "records": [], "imports": [], "more": []}  # no name can match
    wanted = NameSearch(text)
    unit_names = {row.unit_id: row for row in connection.execute(sa.select(units).where(units.c.voided == 0))}
    matches = {
        "units": _units(unit_names, wanted, own),
        "people": _people(connection, unit_names, wanted, own),
        "records": _records(connection, unit_names, text.strip(), own, most + 1),
        "imports": _imports(connection, text.strip(), own, most + 1),
    }
    more = [kind for kind, rows in matches.items() if len(rows) > most]
    return {kind: rows[:most] for kind, rows in matches.items()} | {"more": more}


def _units_of(actor: Actor) -> frozenset[str] | None:
    """The units in which the caller may search; None: the whole district.  Problem 403."""
    if rights.may(actor, rights.LOOK_UP, rights.DISTRICT):
        return None
    own = frozenset(post.unit_id for post in rights.posts_of(actor)
                    if rights.may(actor, rights.LOOK_UP, Subject(post.unit_id)))  # fmt: skip
    if not own:
        raise Problem(403, "not_allowed", rights.ruling(actor, rights.LOOK_UP, rights.DISTRICT).reason)
    return own


def _units(known: Mapping[str, Any], wanted: NameSearch, own: frozenset[str] | None) -> list[Summary]:
    rows = [row for unit_id, row in known.items() if own is None or unit_id in own]
    matching = ((wanted.match(row.unit_id, row.name), row) for row in rows)
    return [{"unit_id": row.unit_id, "name": row.name, "kind": row.kind, "closed_on": row.closed_on}
            for _, row in _best_first(matching, "unit_id")]  # fmt: skip


def _people(
    connection: Connection, known: Mapping[str, Any], wanted: NameSearch, own: frozenset[str] | None
) -> list[Summary]:
    """By id and latest name; names are encrypted under each person's key, so all are decrypted: some milliseconds per
    thousand."""
    latest = _latest_memberships(connection, own)
    keys = subject_keys.existing_keys(connection, latest)
    names = {each: decipher(row.name, each, keys.get(each)) or "" for each, row in latest.items()}
    matching = ((wanted.match(each, names[each]), row) for each, row in latest.items())
    return [{"person_id": row.person_id, "name": names[row.person_id], "unit_id": row.unit_id,
             "unit_name": _name_of(known, row.unit_id), "role": row.role, "since": row.since, "until": row.until}
            for _, row in _best_first(matching, "person_id")]  # fmt: skip


def _latest_memberships(connection: Connection, own: frozenset[str] | None) -> dict[str, Any]:
    """The latest membership of each person; with `own` the latest in these units."""
    query = sa.select(memberships).where(memberships.c.voided == 0)
    if own is not None:
        query = query.where(memberships.c.unit_id.in_(sorted(own)))
    rows = connection.execute(query.order_by(memberships.c.since, memberships.c.unit_id))
    return {row.person_id: row for row in rows}


def _records(
    connection: Connection, known: Mapping[str, Any], text: str, own: frozenset[str] | None, most: int
) -> list[Summary]:
    """By the beginning of the id; records that are not a person's also by part of the title."""
    named = records.c.record_id.between(text, text + _LAST_CHARACTER)
    titled = sa.and_(records.c.person_id == "", records.c.title.contains(text, autoescape=True))
    query = sa.select(records).where(sa.or_(named, titled))
    if own is not None:
        query = query.where(records.c.unit_id.in_(sorted(own)))
    order = (sa.case((records.c.record_id == text, 0), (named, 1), else_=2), records.c.day.desc(), records.c.record_id)
    titles = titles_of_kinds(campaign_in_force(connection))
    return [{"record_id": row.record_id, "kind": row.kind, "kind_title": titles.get(row.kind, ""),
             "unit_id": row.unit_id, "unit_name": _name_of(known, row.unit_id), "person_id": row.person_id,
             "day": row.day, "title": "" if row.person_id else row.title, "withdrawn": bool(row.withdrawn_at)}
            for row in connection.execute(query.order_by(*order).limit(most))]  # fmt: skip


def _imports(connection: Connection, text: str, own: frozenset[str] | None, most: int) -> list[Summary]:
    query = sa.select(imports).where(imports.c.import_id.between(text, text + _LAST_CHARACTER))
    applied = sa.select(rosters).where(rosters.c.roster_id.between(text, text + _LAST_CHARACTER))
    if own is not None:
        query = query.where(imports.c.unit_id.in_(sorted(own)))
        applied = applied.where(rosters.c.unit_id.in_(sorted(own)))
    query = query.order_by(imports.c.started_at.desc(), imports.c.import_id)
    summaries = [{"import_id": row.import_id, "started_at": row.started_at, "finished_at": row.finished_at}
             for row in connection.execute(query.limit(most))]  # fmt: skip
    summaries += [{"import_id": row.roster_id, "started_at": row.at, "finished_at": row.at}
              for row in connection.execute(applied.order_by(rosters.c.at.desc()).limit(most))]  # fmt: skip
    return sorted(summaries, key=lambda row: str(row["started_at"]), reverse=True)[:most]


def _best_first(matching: Iterable[tuple[Match, Any]], key: str) -> list[tuple[Match, Any]]:
    good = [(match, row) for match, row in matching if match is not Match.NONE]
    return sorted(good, key=lambda item: (item[0], getattr(item[1], key)))


def _name_of(known: Mapping[str, Any], unit_id: str) -> str:
    return str(known[unit_id].name) if unit_id in known else ""
