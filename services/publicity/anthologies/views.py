"""Anthologies as the caller may see them: with next steps, editions, and readers by name for those who may know
them."""

from collections.abc import Mapping
from typing import Any

from chassis.process.tokens import Actor
from services.publicity.anthologies.queries import (
    anthology_page,
    anthology_rows,
    editions_of,
    units_with_anthologies,
)
from services.publicity.articles.views import readers_by_name
from services.publicity.context import PublicityContext
from services.publicity.next_steps.steps import anthology_step
from services.publicity.refusal_messages import problem
from services.publicity.shown_works import without_authors
from services.publicity.tables import registry
from services.registry import rights
from services.registry.identity import subject_of_unit, units_within
from services.registry.queries import unit_name, unit_names

OF_ANTHOLOGY = (rights.PUBLISH_FOR_UNIT, rights.APPOINT_READERS, rights.SEE_PROOF)


def visible_anthologies(publicity: PublicityContext, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the anthologies of units that the caller may see."""
    criteria = {name: str(query[name]) for name in ("unit_id", "semester")}
    with publicity.reading() as connection:
        units = units_within(connection, registry, actor, rights.SEE_PUBLICITY, units_with_anthologies(connection))
        rows, following = anthology_page(connection, units, criteria, query["after"], query["limit"])
        names = unit_names(connection, registry, unit_ids=sorted({row["unit_id"] for row in rows}))
    return {"anthologies": [_anthology_view(row, names.get(row["unit_id"], "")) for row in rows], "next": following}


def anthology_detail(publicity: PublicityContext, actor: Actor, anthology_id: str) -> dict[str, Any]:
    """One anthology with details.  Problem 404, 403."""
    with publicity.reading() as connection:
        rows = anthology_rows(connection, anthology_id=anthology_id)
        if not rows or not anthology_id:
            raise problem("unknown_anthology", "anthology_id")
        row = rows[0]
        subject = subject_of_unit(connection, registry, actor, row["unit_id"])
        rights.require(actor, rights.SEE_PUBLICITY, subject)
        may = [right.name for right in OF_ANTHOLOGY if rights.may(actor, right, subject)]
        names = readers_by_name(publicity, connection, row) if may else {}
        more = {"names": names, "may": may, "editions": editions_of(connection, anthology_id)}
        return _anthology_view(row, unit_name(connection, registry, row["unit_id"])) | more


def _anthology_view(row: dict[str, Any], unit: str) -> dict[str, Any]:
    return without_authors(row) | {"unit": unit} | anthology_step(row)._asdict()
