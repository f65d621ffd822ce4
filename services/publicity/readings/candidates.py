"""Who may be appointed to read an article or anthology: people of its unit and of the caller's own units; for offices
that arrange reviews anybody of the district."""

from typing import Any

from sqlalchemy import Connection

from chassis.process.tokens import Actor
from duties.days import Day, day_of
from services.publicity.anthologies.queries import anthology_rows
from services.publicity.articles.queries import article_rows
from services.publicity.context import Caller, PublicityContext
from services.publicity.people import find_people, open_units, people_in_service
from services.publicity.refusal_messages import problem
from services.publicity.tables import registry
from services.publicity.transaction import local_day
from services.registry import rights
from services.registry.identity import subject_of_unit
from services.registry.queries import campaign_in_force


def reader_candidates(
    publicity: PublicityContext, caller: Caller, subject: str, subject_id: str, unit_id: str = "", text: str = "",
    also: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Without its authors and the caller; `stage`: at which they are appointed already.  `unit_id`, `text`: people of
    another unit or by name, for callers who may ask anybody of the district; `also`: ids chosen already.  Problem."""
    with publicity.reading() as connection:
        row = subject_row(connection, subject, subject_id)
        whose = subject_of_unit(connection, registry, caller.actor, row["unit_id"])
        rights.require(caller.actor, rights.APPOINT_READERS, whose)
        anybody = rights.may(caller.actor, rights.ARRANGE_REVIEWS, rights.DISTRICT)
        today = _today(connection, publicity)
        where: set[str] | None = _own_units(connection, caller.actor, row["unit_id"])
        if anybody and (unit_id or text.strip()):
            where = {unit_id} if unit_id else None
        listed, more = find_people(publicity, connection, today, text, where)
        chosen = {each for each in also.split(",") if each} if anybody else set()
        chosen |= {each["reader_id"] for each in row["appointed"]}
        more_people = people_in_service(publicity, connection, today, chosen - {each.person_id for each in listed})
        units = open_units(connection, today) if anybody else {}
    excluded = {*row["authors"].split(";"), caller.actor.name}
    stages = {each["reader_id"]: each["stage"] for each in row["appointed"]}
    people = [each for each in (*listed, *more_people.values()) if each.person_id not in excluded]
    return {"people": [each._asdict() | {"stage": stages.get(each.person_id, "")} for each in people],
            "more": more, "units": units}  # fmt: skip


def subject_row(connection: Connection, subject: str, subject_id: str) -> dict[str, Any]:
    """The article or anthology with its readings and readers.  Problem 404."""
    if subject == "article":
        rows = article_rows(connection, article_id=subject_id)
    else:
        rows = anthology_rows(connection, anthology_id=subject_id)
    if not rows or not subject_id:
        raise problem(f"unknown_{subject}", "subject_id")
    return rows[0]


def _own_units(connection: Connection, actor: Actor, unit_id: str) -> set[str]:
    """Units whose people the caller may know by name: the article's, and those of the caller's posts."""
    own = {post.unit_id for post in rights.posts_of(actor) if post.unit_id}
    return {
        each for each in (unit_id, *own)
        if rights.may(actor, rights.SEE_DIRECTORY, subject_of_unit(connection, registry, actor, each))
    }  # fmt: skip


def _today(connection: Connection, publicity: PublicityContext) -> Day:
    campaign = campaign_in_force(connection, registry)
    return day_of(local_day(campaign, publicity.now())) if campaign else 0
