"""Reads filings: pages for one reader, and what awaits their confirmation."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store import subject_keys
from services.participation.filings.permissions import is_inside, is_oneself
from services.participation.filings.projections import filings
from services.participation.records.projections import records
from services.participation.registry.names import names_of_people, names_of_units
from services.participation.registry.projections import units
from services.registry import rights
from services.registry.rights import Subject

MOST: Final = 200
_LAST_CHARACTER: Final = "\U0010ffff"
_LAST_FIRST: Final = (filings.c.begun_at.desc(), filings.c.filing_id.desc())
Summary = dict[str, Any]


def filings_of_reader(
    connection: Connection, actor: Actor, query: Mapping[str, Any], for_all: Collection[str]
) -> Summary:
    """A page of what the reader may see, latest first; `next`: cursor of the next page.  `for_all`: kinds that
    everybody may see once they count, if that kind is requested.  Problem 403."""
    scope = _scope(connection, actor, query["unit_id"])
    if query["kind"] in for_all:
        of_unit = filings.c.unit_id == query["unit_id"] if query["unit_id"] else sa.true()
        scope = sa.or_(scope, sa.and_(of_unit, filings.c.counts == 1, filings.c.person_id == ""))
    return _page(connection, actor, sa.and_(scope, *_filters(actor, query)), query)


def own_filings(connection: Connection, actor: Actor, query: Mapping[str, Any]) -> Summary:
    """The caller's own filings, drafts included."""
    mine = sa.and_(filings.c.person_id == actor.name, sa.or_(filings.c.own == 1, filings.c.status != "draft"))
    if "person" not in actor.roles:
        return {"filings": [], "next": "", "total": 0}
    return _page(connection, actor, sa.and_(mine, *_filters(actor, query)), query)


def own_records(connection: Connection, actor: Actor, most: int) -> list[Summary]:
    """The caller's records from any source, latest first."""
    if "person" not in actor.roles:
        return []
    query = sa.select(records).where(records.c.person_id == actor.name)
    rows = connection.execute(query.order_by(records.c.day.desc(), records.c.record_id).limit(most)).all()
    key = subject_keys.existing_keys(connection, [actor.name]).get(actor.name)
    return [{"record_id": row.record_id, "kind": row.kind, "unit_id": row.unit_id, "day": row.day,
             "period": row.period, "title": decipher(row.title, actor.name, key) or "",
             "recorded_at": row.recorded_at, "withdrawn": bool(row.withdrawn_at)} for row in rows]  # fmt: skip


def responses_to(connection: Connection, actor: Actor, filing_id: str) -> list[Summary]:
    """For each unit that the reader may see, its first filing that counts and refers to this one: 即讲即学, timed."""
    query = sa.select(filings).where(
        filings.c.refers_to == filing_id, filings.c.counts == 1, _scope(connection, actor, "")
    )
    first: dict[str, Any] = {}
    for row in connection.execute(query.order_by(filings.c.day, filings.c.begun_at, filings.c.filing_id)):
        first.setdefault(row.unit_id, row)
    names = names_of_units(connection, sorted(first))
    return [{"unit_id": row.unit_id, "unit_name": names.get(row.unit_id, ""), "filing_id": row.filing_id,
             "kind": row.kind, "day": row.day} for row in first.values()]  # fmt: skip


def _scope(connection: Connection, actor: Actor, unit_id: str) -> sa.ColumnElement[bool]:
    """The condition for what the reader may see: the whole district, or the units over which they have the right.  A
    person's own draft is visible to that person only, and outside the unit no filing of a person is.  Problem 403."""
    of_unit = filings.c.unit_id == unit_id if unit_id else sa.true()
    no_draft = sa.or_(filings.c.own == 0, filings.c.status != "draft")
    inside = [post.unit_id for post in rights.posts_of(actor) if is_inside(actor, post.unit_id)]
    if is_inside(actor, ""):
        return sa.and_(of_unit, no_draft)
    wide = rights.may(actor, rights.SEE_RECORDS, rights.DISTRICT)
    within = sa.true() if wide else filings.c.unit_id.in_(_units_seen(connection, actor))
    handed_in = sa.or_(filings.c.status.in_(("submitted", "confirmed")), filings.c.recalled == 1)
    outside = sa.and_(within, filings.c.person_id == "", handed_in)
    if unit_id and not wide and unit_id not in {*inside, *_units_seen(connection, actor)}:
        raise Problem(403, "not_allowed", rights.ruling(actor, rights.SEE_RECORDS, Subject(unit_id)).reason)
    return sa.and_(of_unit, sa.or_(sa.and_(filings.c.unit_id.in_(sorted(inside)), no_draft), outside))


def _units_seen(connection: Connection, actor: Actor) -> list[str]:
    rows = connection.execute(sa.select(units.c.unit_id, units.c.kind, units.c.liaison_id).where(units.c.voided == 0))
    return [row.unit_id for row in rows
            if rights.may(actor, rights.SEE_RECORDS, Subject(row.unit_id, row.kind, row.liaison_id))]  # fmt: skip


def _filters(actor: Actor, query: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    column, equal = filings.c, ("kind", "period", "entry_id", "refers_to", "awaits")
    wanted = [column[name] == query[name] for name in equal if query.get(name)]
    if query.get("status"):
        wanted.append(column.status.in_(query["status"].split(",")))
    if query.get("to_confirm"):
        wanted.append(_awaits(actor))
    if query.get("since"):
        wanted.append(column.day >= query["since"])
    if query.get("until"):
        wanted.append(column.day <= query["until"])
    if text := query.get("text", "").strip():
        titled = sa.and_(column.person_id == "", column.title.contains(text, autoescape=True))
        wanted.append(sa.or_(titled, column.filing_id.between(text, text + _LAST_CHARACTER)))
    return wanted


def _awaits(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition for filings that await this reader's confirmation, as in permissions.py."""
    column, held = filings.c, rights.posts_of(actor)
    if rights.may(actor, rights.CONFIRM_RECORD, rights.DISTRICT):
        return column.awaits != ""
    led = column.unit_id.in_(sorted({post.unit_id for post in held if post.post in rights.CONFIRM_RECORD.unit}))
    kept = column.unit_id.in_(sorted({post.unit_id for post in held if post.post in rights.CONFIRM_ENTRY.unit}))
    of_person = sa.and_(column.person_id != "", sa.or_(led, column.person_id == actor.name))
    of_owner = sa.or_(of_person, sa.and_(column.person_id == "", kept))
    return sa.or_(sa.and_(column.awaits == "head", led), sa.and_(column.awaits == "owner", of_owner))


def _page(connection: Connection, actor: Actor, where: sa.ColumnElement[bool], query: Mapping[str, Any]) -> Summary:
    total = connection.execute(sa.select(sa.func.count()).select_from(filings).where(where)).scalar_one()
    begun_at, _, filing_id = query["after"].partition("/")
    page = sa.select(filings).where(where).order_by(*_LAST_FIRST).limit(query["limit"] + 1)
    if begun_at:
        later = sa.and_(filings.c.begun_at == begun_at, filings.c.filing_id < filing_id)
        page = page.where(sa.or_(filings.c.begun_at < begun_at, later))
    rows = connection.execute(page).all()
    shown = rows[: query["limit"]]
    last = f"{shown[-1].begun_at}/{shown[-1].filing_id}" if len(rows) > len(shown) else ""
    return {"filings": summaries(connection, actor, shown), "next": last, "total": total}


def summaries(connection: Connection, actor: Actor, rows: Sequence[Any]) -> list[Summary]:
    """Rows of lists.  The title of a person's own filing is for that person; names are for readers of the unit."""
    unit_names = names_of_units(connection, sorted({row.unit_id for row in rows}))
    named = [row.person_id for row in rows if row.person_id and _may_name(actor, row)]
    people = names_of_people(connection, sorted(set(named)))
    key = subject_keys.existing_keys(connection, [actor.name]).get(actor.name)
    return [_summary(actor, row, unit_names, people, key) for row in rows]


def _may_name(actor: Actor, row: Any) -> bool:
    return is_oneself(actor, row.person_id) or is_inside(actor, row.unit_id)


def _summary(
    actor: Actor, row: Any, unit_names: Mapping[str, str], people: Mapping[str, str], key: bytes | None
) -> Summary:
    title = row.title
    if row.person_id:
        title = (decipher(row.title, row.person_id, key) or "") if is_oneself(actor, row.person_id) else ""
    elif row.recalled and not is_inside(actor, row.unit_id):
        title = ""  # what the unit makes of it is a draft
    return {
        "filing_id": row.filing_id, "entry_id": row.entry_id, "kind": row.kind, "unit_id": row.unit_id,
        "unit_name": unit_names.get(row.unit_id, ""), "person_id": row.person_id if _may_name(actor, row) else "",
        "person_name": people.get(row.person_id, ""), "people_count": row.people_count, "day": row.day,
        "period": row.period, "title": title, "file_count": row.file_count, "refers_to": row.refers_to,
        "status": row.status, "awaits": row.awaits, "counts": bool(row.counts), "recalled": bool(row.recalled),
        "on_behalf": bool(row.on_behalf),
        "revision": row.revision, "begun_at": row.begun_at, "recorded_at": row.recorded_at,
    }  # fmt: skip
