"""Articles as the caller may see them: with next steps, readers by name for those who may know them, the screenshot."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from chassis.process.tokens import Actor
from services.publicity.articles.queries import article_page, article_rows, units_with_articles
from services.publicity.context import PublicityContext, refusals_as_problems
from services.publicity.next_steps.steps import article_step
from services.publicity.refusal_messages import problem
from services.publicity.rendering.manuscript import load_blocks
from services.publicity.shown_works import without_authors
from services.publicity.tables import registry
from services.registry import rights
from services.registry.identity import subject_of_unit, units_within
from services.registry.queries import unit_name, unit_names

OF_ARTICLE = (rights.PUBLISH_FOR_UNIT, rights.PUBLISH_FOR_DISTRICT, rights.APPOINT_READERS, rights.SEE_PROOF)
"""The rights that the page of an article shows; whoever has one of them may know its readers' names."""


def visible_articles(publicity: PublicityContext, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the articles of units that the caller may see."""
    criteria = {name: str(query[name]) for name in ("unit_id", "article_id", "status", "group", "kind")}
    with publicity.reading() as connection:
        units = units_within(connection, registry, actor, rights.SEE_PUBLICITY, units_with_articles(connection))
        rows, following = article_page(connection, units, criteria, query["after"], query["limit"])
        names = unit_names(connection, registry, unit_ids=sorted({row["unit_id"] for row in rows}))
        return {"articles": [_article_view(row, names.get(row["unit_id"], "")) for row in rows], "next": following}


def article_detail(
    publicity: PublicityContext, actor: Actor, article_id: str, has_api: Callable[[str, str], bool]
) -> dict[str, Any]:
    """One article with details.  Problem 404, 403."""
    with publicity.reading() as connection:
        rows = article_rows(connection, article_id=article_id)
        if not rows or not article_id:
            raise problem("unknown_article", "article_id")
        row = rows[0]
        subject = subject_of_unit(connection, registry, actor, row["unit_id"])
        rights.require(actor, rights.SEE_PUBLICITY, subject)
        may = [right.name for right in OF_ARTICLE if rights.may(actor, right, subject)]
        names = readers_by_name(publicity, connection, row) if may else {}
        unit = unit_name(connection, registry, row["unit_id"])
    return _article_view(row, unit) | {
        "names": names,
        "may": may,
        "api": not row["film"] and has_api(row["account"], row["unit_id"]),
    }


def readers_by_name(publicity: PublicityContext, connection: Connection, row: Mapping[str, Any]) -> dict[str, str]:
    """The names of everybody who reads or has read this article or anthology, by id."""
    return publicity.person_names(connection, {each["reader_id"] for each in (*row["readings"], *row["appointed"])})


def screenshot(publicity: PublicityContext, actor: Actor, article_id: str) -> tuple[bytes, str]:
    """The picture and its media type.  Problem."""
    with publicity.reading() as connection:
        rows = article_rows(connection, article_id=article_id)
    if not rows or not article_id:
        raise problem("unknown_article", "article_id")
    row = rows[0]
    rights.require(actor, rights.SEE_PROOF, rights.Subject(row["unit_id"]))
    if not row["evidence"]:
        raise problem("no_screenshot", "article_id")
    with refusals_as_problems():
        content = publicity.content_store.read_content(row["authors"].split(";"), row["evidence"])
    picture = next(block.picture for block in load_blocks(content) if block.picture)
    return base64.b64decode(picture), "image/png" if picture.startswith("iVBOR") else "image/jpeg"


def _article_view(row: dict[str, Any], unit: str) -> dict[str, Any]:
    return without_authors(row) | {"unit": unit} | article_step(row)._asdict()
