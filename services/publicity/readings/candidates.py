"""Who may be appointed to read an article or anthology: people of its unit and of the caller's own, by name."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.tokens import Actor
from duties.days import Day, day_of
from services.publicity.anthologies.queries import anthology_rows
from services.publicity.articles.queries import article_rows
from services.publicity.context import Caller, PublicityContext
from services.publicity.refusal_messages import problem
from services.publicity.tables import registry
from services.publicity.transaction import local_day
from services.registry import rights
from services.registry.identity import subject_of_unit
from services.registry.queries import campaign_in_force, unit_names
from services.registry.versions import facts_known

MOST = 1000


def reader_candidates(publicity: PublicityContext, caller: Caller, subject: str, subject_id: str) -> dict[str, Any]:
    """Neither its authors nor the caller; `stage`: at which they are appointed already.  Problem."""
    with publicity.reading() as connection:
        row = subject_row(connection, subject, subject_id)
        whose = subject_of_unit(connection, registry, caller.actor, row["unit_id"])
        rights.require(caller.actor, rights.APPOINT_READERS, whose)
        units = _units(connection, caller.actor, row["unit_id"])
        excluded = {*row["authors"].split(";"), caller.actor.name}
        served = [each for each in _serving(connection, publicity, units) if each[0] not in excluded][:MOST]
        names = publicity.person_names(connection, {person_id for person_id, _ in served})
        called = unit_names(connection, registry, unit_ids=sorted(units))
    stages = {each["reader_id"]: each["stage"] for each in row["appointed"]}
    return {"people": [
        {"person_id": person_id, "name": names.get(person_id, ""), "unit_id": unit_id, "unit": called.get(unit_id, ""),
         "stage": stages.get(person_id, "")}
        for person_id, unit_id in served
    ]}  # fmt: skip


def subject_row(connection: Connection, subject: str, subject_id: str) -> dict[str, Any]:
    """The article or anthology with its readings and readers.  Problem 404."""
    if subject == "article":
        rows = article_rows(connection, article_id=subject_id)
    else:
        rows = anthology_rows(connection, anthology_id=subject_id)
    if not rows or not subject_id:
        raise problem(f"unknown_{subject}", "subject_id")
    return rows[0]


def _units(connection: Connection, actor: Actor, unit_id: str) -> set[str]:
    """Units whose people the caller may know by name."""
    own = {post.unit_id for post in rights.posts_of(actor) if post.unit_id}
    return {
        each for each in (unit_id, *own)
        if rights.may(actor, rights.SEE_DIRECTORY, subject_of_unit(connection, registry, actor, each))
    }  # fmt: skip


def _serving(connection: Connection, publicity: PublicityContext, units: set[str]) -> list[tuple[str, str]]:
    """(person, unit) today, in the order of unit and id."""
    campaign = campaign_in_force(connection, registry)
    today: Day = day_of(local_day(campaign, publicity.now())) if campaign else 0
    member = registry.memberships.c
    serves = sa.and_(member.since <= today, sa.or_(member.until == 0, member.until > today))
    query = sa.select(member.person_id, member.unit_id).where(member.unit_id.in_(sorted(units)), serves)
    query = query.where(facts_known(registry.memberships, None)).distinct()
    return [
        (row.person_id, row.unit_id) for row in connection.execute(query.order_by(member.unit_id, member.person_id))
    ]
