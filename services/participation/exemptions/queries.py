"""Reads exemptions in force with their subjects, and the duties that a subject could be exempted from."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store import event_log, subject_keys
from contracts.corrections import ExemptionCorrected
from contracts.participation import ExemptionGranted
from duties.campaign import Campaign
from duties.days import Day, iso
from duties.rules import Duty
from services.participation.exemptions.projections import exemptions
from services.participation.registry.names import names_of_people, names_of_units
from services.participation.registry.projections import memberships, units
from services.registry import rights
from services.registry.rights import Subject

MOST_CANDIDATES: Final = 400
_ORDER: Final = (exemptions.c.recorded_at.desc(), exemptions.c.exemption_id)


def exemptions_in_force(
    connection: Connection, rules: Campaign, actor: Actor, query: Mapping[str, Any]
) -> dict[str, Any]:
    """A page of the campaign's exemptions that were not revoked, latest first."""
    column = exemptions.c
    wanted = [column.campaign == rules.id, column.voided == 0]
    wanted += [column[name] == query[name] for name in ("unit_id", "person_id") if query[name]]
    chosen = sa.select(exemptions).where(*wanted).order_by(*_ORDER)
    rows = connection.execute(chosen.offset(query["after"]).limit(query["limit"] + 1)).all()
    total = connection.execute(sa.select(sa.func.count()).select_from(exemptions).where(*wanted)).scalar_one()
    page = rows[: query["limit"]]
    shown = query["after"] + len(page) if len(rows) > len(page) else 0
    return {"exemptions": _lines(connection, rules, actor, page), "total": total, "next": shown}


def _lines(connection: Connection, rules: Campaign, actor: Actor, rows: Sequence[Any]) -> list[dict[str, Any]]:
    people = names_of_people(connection, sorted({row.person_id for row in rows} - {""}))
    named = names_of_units(connection, sorted({row.unit_id for row in rows} - {""}))
    reasons = _reasons(connection, actor, rows)
    return [
        {"exemption_id": row.exemption_id, "unit_id": row.unit_id, "unit_name": named.get(row.unit_id, ""),
         "person_id": row.person_id, "person_name": people.get(row.person_id, ""), "duty": row.duty,
         "title": rules.duty_by_id[row.duty].title if row.duty in rules.duty_by_id else row.duty,
         "period": row.period, "recorded_at": row.recorded_at, "reason": reasons.get(row.exemption_id)} for row in rows
    ]  # fmt: skip


def _reasons(connection: Connection, actor: Actor, rows: Sequence[Any]) -> dict[str, str]:
    """By exemption; a person's may mention illness, so only those who may read private texts get it."""
    people = {row.exemption_id: row.person_id for row in rows}
    readable = [
        name for name, person_id in people.items()
        if not person_id or rights.may(actor, rights.READ_PRIVATE_TEXT, Subject(person_id=person_id))
    ]  # fmt: skip
    keys = subject_keys.existing_keys(connection, sorted({people[name] for name in readable} - {""}))
    result = {}
    for recorded in event_log.streams(connection, [f"exemption-{name}" for name in readable]):
        event = recorded.event()
        if isinstance(event, ExemptionGranted | ExemptionCorrected):
            person_id = event.person_id
            text = decipher(event.reason, person_id, keys.get(person_id)) if person_id else event.reason
            result[event.exemption_id] = text or ""
    return result


def candidates(connection: Connection, rules: Campaign, query: Mapping[str, str], since: Day, until: Day) -> list[Any]:
    """The duties, by period between the two days, that bind the subject; `exempt`: it is exempted already.  Problem
    404."""
    bound = _facts_binding_duties(connection, query["unit_id"], query["person_id"], iso(since), iso(until))
    column = exemptions.c
    of_subject = [column[name] == query[name] for name in ("unit_id", "person_id")]
    held = sa.select(column.duty, column.period).where(column.campaign == rules.id, column.voided == 0, *of_subject)
    exempt = {tuple(row) for row in connection.execute(held)}
    offers = [
        {"duty": duty.id, "title": duty.title, "every": duty.every, "period": period.id, "start": iso(period.start),
         "due": iso(rules.due(duty, period)), "exempt": (duty.id, period.id) in exempt}
        for duty in rules.duties if _binds(duty, *bound) for period in rules.periods_begun(duty, until)
        if rules.due(duty, period) >= since and rules.is_owed_in(duty, period)
    ]  # fmt: skip
    return offers[:MOST_CANDIDATES]


_Bound = tuple[str, frozenset[str], frozenset[str]]


def _facts_binding_duties(connection: Connection, unit_id: str, person_id: str, since: str, until: str) -> _Bound:
    """Kind and tags of the unit; the roles of the person between the days.  Problem 404."""
    if unit_id:
        query = sa.select(units.c.kind, units.c.tags).where(units.c.unit_id == unit_id, units.c.voided == 0)
        row = connection.execute(query).one_or_none()
        if row is None:
            raise Problem(404, "unknown_unit", f"没有编号为 {unit_id[:40]} 的单位。", column="unit_id")
        return row.kind, frozenset(row.tags.split(";")) - {""}, frozenset()
    member = memberships.c
    served = sa.and_(member.since <= until, sa.or_(member.until == "", member.until > since))
    of_person = sa.select(member.role, served.label("served")).where(
        member.person_id == person_id, member.voided == 0
    )  # fmt: skip
    rows = connection.execute(of_person).all()
    if not rows:
        raise Problem(404, "unknown_person", f"没有编号为 {person_id[:40]} 的人员。", column="person_id")
    return "", frozenset(), frozenset(row.role for row in rows if row.served)


def _binds(duty: Duty, kind: str, tags: frozenset[str], roles: frozenset[str]) -> bool:
    return kind in duty.who.kinds or bool(tags & duty.who.tags) or bool(roles & duty.who.roles)
