"""What awaits the caller: their readings, and the next steps of articles and anthologies that they handle."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.tokens import Actor
from services.publicity.anthologies.queries import anthologies_named, anthologies_of_units
from services.publicity.articles.queries import article_page, articles_named, units_with_articles
from services.publicity.context import PublicityContext
from services.publicity.next_steps.steps import Step, anthology_step, article_step
from services.publicity.readings.projections import appointed_readers
from services.publicity.tables import registry
from services.registry import rights
from services.registry.queries import unit_names
from services.registry.rights import Right, Subject, may, posts_of

MOST = 200
RIGHTS_OF_STEPS: dict[str, Right] = {
    "appoint": rights.APPOINT_READERS, "again": rights.PUBLISH_FOR_UNIT, "remove": rights.PUBLISH_FOR_UNIT,
    "recompile": rights.PUBLISH_FOR_UNIT,
}  # fmt: skip
"""For publish and settle the account decides."""


def own_publicity(publicity: PublicityContext, actor: Actor) -> dict[str, Any]:
    """`readings`: those to do, the ones whose turn has come first; `steps`: of what the caller handles."""
    with publicity.reading() as connection:
        readings = own_readings(connection, actor.name)
        steps = own_steps(connection, actor)
        units = sorted({each["unit_id"] for each in (*readings, *steps)})
        names = unit_names(connection, registry, unit_ids=units) if units else {}
    named = [[each | {"unit": names.get(each["unit_id"], "")} for each in part] for part in (readings, steps)]
    return {"readings": named[0], "steps": named[1]}


def own_readings(connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """The person's readings: `turn` now, later (an earlier stage is not done), done, or over (it was returned, stopped
    or compiled anew)."""
    a = appointed_readers.c
    query = sa.select(a.subject, a.subject_id, a.stage, a.appointed_on).where(a.reader_id == person_id)
    named = {(row.subject, row.subject_id): row for row in connection.execute(query.limit(MOST))} if person_id else {}
    result = []
    for subject, row in _subjects(connection, named):
        own = named[subject, row[f"{subject}_id"]]
        step = article_step(row) if subject == "article" else anthology_step(row)
        result.append({"subject": subject, "subject_id": own.subject_id, "stage": own.stage, "title": row["title"],
                       "kind": kind_of(subject, row), "unit_id": row["unit_id"], "appointed_on": own.appointed_on,
                       "turn": _turn(row, own.stage, step)})  # fmt: skip
    order = {"now": 0, "later": 1, "done": 2, "over": 3}
    return sorted(result, key=lambda each: (order[each["turn"]], each["appointed_on"], each["subject_id"]))


def _subjects(connection: Connection, named: Iterable[tuple[str, str]]) -> list[tuple[str, dict[str, Any]]]:
    """(article or anthology, its row) for each."""
    ids = {kind: [name for subject, name in named if subject == kind] for kind in ("article", "anthology")}
    books, own = anthologies_named(connection, ids["anthology"]), articles_named(connection, ids["article"])
    return [*(("article", row) for row in own), *(("anthology", row) for row in books)]


def kind_of(subject: str, row: dict[str, Any]) -> str:
    """article, anthology, or video, which has a film."""
    return "video" if row.get("film") else subject


def _turn(row: dict[str, Any], stage: str, step: Step) -> str:
    if stage in {each["stage"] for each in row["readings"]}:
        return "done"
    if step.step not in ("read", "appoint"):
        return "over"
    return "now" if step.stage == stage else "later"


def own_steps(connection: Connection, actor: Actor) -> list[dict[str, Any]]:
    """Steps for the units whose head or clerk the caller is, and for the bureau's account if they publish there."""
    units = {post.unit_id for post in posts_of(actor) if post.post in rights.UNIT_POSTS and post.unit_id}
    rows = article_page(connection, units, {"group": "open"}, "", MOST)[0] if units else []
    if may(actor, rights.PUBLISH_FOR_DISTRICT, Subject()):
        everywhere = units_with_articles(connection)
        known = {row["article_id"] for row in rows}
        of_district = article_page(connection, everywhere, {"group": "open", "account": "district"}, "", MOST)[0]
        rows += [row for row in of_district if row["article_id"] not in known]
    books = anthologies_of_units(connection, units)
    due = [("article", row, article_step(row)) for row in rows]
    due += [("anthology", row, anthology_step(row)) for row in books]
    return [
        {"subject": subject, "subject_id": row[f"{subject}_id"], "title": row["title"], "unit_id": row["unit_id"],
         "kind": kind_of(subject, row), "step": step.step, "stage": step.stage}
        for subject, row, step in due if _is_theirs(actor, row, step)
    ]  # fmt: skip


def _is_theirs(actor: Actor, row: dict[str, Any], step: Step) -> bool:
    right = RIGHTS_OF_STEPS.get(step.step)
    if step.step in ("publish", "settle"):
        right = rights.PUBLISH_FOR_DISTRICT if row["account"] == "district" else rights.PUBLISH_FOR_UNIT
    return right is not None and may(actor, right, Subject(row["unit_id"]))
