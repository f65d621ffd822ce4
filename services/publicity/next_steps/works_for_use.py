"""The works that a unit may put into an article or anthology: selected, consented to for this use, and its own or such
as it may show; with how often each is shown already."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import column_in
from duties.days import day_of
from services.publicity.compiling import units_it_may_show
from services.publicity.context import Caller, PublicityContext
from services.publicity.shown_works import shown_works
from services.publicity.tables import registry
from services.publicity.transaction import local_day
from services.publicity.works.projections import consents, selections, works
from services.registry import rights
from services.registry.queries import campaign_in_force, unit_names

MOST = 500


def works_for_use(
    publicity: PublicityContext, caller: Caller, unit_id: str, level: str, semester: str
) -> list[dict[str, Any]]:
    """Ordered by semester, unit and id.  Problem 403."""
    rights.require(caller.actor, rights.PUBLISH_FOR_UNIT, rights.Subject(unit_id))
    with publicity.reading() as connection:
        rows = _works_with_consent(connection, level, semester)
        shown_by = _units_shown(publicity, connection, unit_id, {row["unit_id"] for row in rows})
        rows = [row for row in rows if row["unit_id"] in shown_by][:MOST]
        uses = _uses(connection, [row["work_id"] for row in rows])
        units = unit_names(connection, registry, unit_ids=sorted({row["unit_id"] for row in rows}))
        names = publicity.person_names(connection, {row["author_id"] for row in rows})
    titles = publicity.decrypt_texts({row["work_id"]: (row["author_id"], row["title"]) for row in rows})
    return [
        {"work_id": row["work_id"], "title": titles[row["work_id"]], "author": names.get(row["author_id"], ""),
         "unit_id": row["unit_id"], "unit": units.get(row["unit_id"], ""), "semester": row["semester"],
         "kind": row["kind"], "articles": uses.get((row["work_id"], "article"), 0),
         "anthologies": uses.get((row["work_id"], "anthology"), 0)}
        for row in rows
    ]  # fmt: skip


def _works_with_consent(connection: Connection, level: str, semester: str) -> list[dict[str, Any]]:
    """Selected by their unit, with the author's consent to this use in force."""
    agreed = sa.select(consents.c.work_id).where(consents.c.level == level, consents.c.withdrawn_on == "")
    chosen = sa.select(selections.c.work_id).where(selections.c.level == "unit", selections.c.deselected_at == "")
    query = sa.select(works).where(works.c.work_id.in_(agreed), works.c.work_id.in_(chosen))
    query = query.where(works.c.semester == semester) if semester else query
    order = (works.c.semester.desc(), works.c.unit_id, works.c.work_id)
    return [dict(row._mapping) for row in connection.execute(query.order_by(*order))]


def _units_shown(publicity: PublicityContext, connection: Connection, unit_id: str, units: set[str]) -> frozenset[str]:
    campaign = campaign_in_force(connection, registry)
    if campaign is None:
        return frozenset()
    today = day_of(local_day(campaign, publicity.now()))
    return units_it_may_show(connection, campaign, unit_id, units, today) | {unit_id}


def _uses(connection: Connection, names: list[str]) -> dict[tuple[str, str], int]:
    """(work, article or anthology) -> how many show or showed it."""
    s = shown_works.c
    query = sa.select(s.work_id, s.subject, sa.func.count().label("uses")).group_by(s.work_id, s.subject)
    wanted = column_in(s.work_id, sorted(names), connection.dialect.name == "postgresql")
    return {(row.work_id, row.subject): row.uses for row in connection.execute(query.where(wanted))} if names else {}
