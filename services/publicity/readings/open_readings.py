"""A person's open readings of one unit, and their hand-over to a successor in the post."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.publicity.anthologies.domain import ANTHOLOGIES
from services.publicity.anthologies.projections import anthologies
from services.publicity.articles.domain.decisions import ARTICLES
from services.publicity.articles.projections import articles
from services.publicity.context import Caller, PublicityContext
from services.publicity.domain.refusals import Refused
from services.publicity.readings.domain import AppointReader
from services.publicity.readings.projections import appointed_readers
from services.publicity.readings.queries import readings_of
from services.publicity.refusal_messages import problem
from services.publicity.tables import registry
from services.publicity.transaction import PublicityTransaction
from services.registry import rights
from services.registry.identity import subject_of_unit

FINISHED = ("published", "taken_down", "returned", "stopped")
_KIND_OF_ARTICLE = sa.case((articles.c.film != "", "video"), else_="article")
Reading = dict[str, str]


def open_readings(publicity: PublicityContext, caller: Caller, unit_id: str, person_id: str) -> dict[str, Any]:
    """What the person is appointed to read of this unit and has not read.  Problem 403."""
    with publicity.reading() as connection:
        subject = subject_of_unit(connection, registry, caller.actor, unit_id)
        rights.require(caller.actor, rights.APPOINT_READERS, subject)
        return {"readings": open_readings_of(connection, unit_id, person_id)}


def hand_over_readings(
    publicity: PublicityContext, caller: Caller, unit_id: str, person_id: str, successor_id: str
) -> dict[str, Any]:
    """Appoint the successor for the person's open readings; those that the successor may not do (their own text,
    another stage of theirs) stay, and are listed with the code.  Problem 403."""
    by = caller.actor.name if "person" in caller.actor.roles else ""
    with publicity.transaction(caller) as transaction:
        transaction.act(caller.actor, rights.APPOINT_READERS, unit_id)
        readings = open_readings_of(transaction.connection, unit_id, person_id)
        stays = appoint_successor(transaction, readings, successor_id, by)
        return transaction.result(stays=stays)


def appoint_successor(
    transaction: PublicityTransaction, readings: Iterable[Reading], successor_id: str, by: str
) -> list[Mapping[str, str]]:
    """The readings that stay, with code and message."""
    stays: list[Mapping[str, str]] = []
    in_service = bool(transaction.units_of_person(successor_id))
    for item in readings:
        decider: Any = ARTICLES if item["subject"] == "article" else ANTHOLOGIES
        command = AppointReader(item["subject"], item["subject_id"], item["stage"], successor_id, by,
                                transaction.today, in_service)  # fmt: skip
        try:
            transaction.unit_of_work.execute(decider, command)
        except Refused as refused:  # only this reading stays; the others go over
            reason = problem(refused.code, refused.column, refused.detail).detail
            stays.append({**item, "code": refused.code, "reason": reason})
    return stays


def open_readings_of(connection: Connection, unit_id: str, person_id: str, before: str = "") -> list[Reading]:
    """`before`: only those appointed before this day."""
    result = []
    for subject, table, key, kind, still_open in (
        ("article", articles, articles.c.article_id, _KIND_OF_ARTICLE, articles.c.status.not_in(FINISHED)),
        ("anthology", anthologies, anthologies.c.anthology_id, sa.literal("anthology"),
         sa.and_(anthologies.c.outdated == 0, anthologies.c.taken_down_at == "")),
    ):  # fmt: skip
        a = appointed_readers.c
        joined = sa.and_(a.subject == subject, a.subject_id == key, a.reader_id == person_id)
        if before:
            joined = sa.and_(joined, a.appointed_on < before)
        query = sa.select(a.stage, key.label("subject_id"), table.c.title, table.c.content, kind.label("kind")).join(
            appointed_readers, joined
        )
        rows = connection.execute(query.where(table.c.unit_id == unit_id, still_open).order_by(key, a.stage))
        for row in rows:
            passed = readings_of(connection, subject, row.subject_id, row.content)
            if person_id and row.stage not in {each["stage"] for each in passed}:
                reading = {"subject": subject, "subject_id": row.subject_id, "kind": row.kind, "stage": row.stage,
                           "title": row.title}  # fmt: skip
                result.append(reading)
    return result
