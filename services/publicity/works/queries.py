"""Rows -> works with consent, reviews, return and selection."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from services.publicity.reviews.projections import reviews
from services.publicity.works.projections import consents, returned_works, selections, works


def work_rows(connection: Connection, store: Store, **criteria: str) -> list[dict[str, Any]]:
    """Works (by unit_id, semester, author_id, work_id or reviewer_id) with consent, reviews, return and selection;
    titles and reasons as ciphertext."""
    query = sa.select(works).order_by(works.c.unit_id, works.c.work_id)
    for name, value in criteria.items():
        if name == "reviewer_id":
            mine = sa.select(reviews.c.work_id).where(reviews.c.reviewer_id == value)
            query = query.where(works.c.work_id.in_(mine))
        elif value:
            query = query.where(works.c[name] == value)
    result = {row.work_id: dict(row._mapping) | {"levels": [], "reviews": [], "selected": [], "returned": None}
             for row in connection.execute(query)}  # fmt: skip
    ids = sorted(result)
    for row in connection.execute(
        sa.select(consents).where(store.column_in(consents.c.work_id, ids), consents.c.withdrawn_on == "")
    ):
        result[row.work_id]["levels"].append(row.level)
    for row in connection.execute(
        sa.select(reviews).where(store.column_in(reviews.c.work_id, ids)).order_by(reviews.c.reviewer_id)
    ):
        result[row.work_id]["reviews"].append(
            {"reviewer_id": row.reviewer_id, "assigned_on": row.assigned_on, "total": row.total,
             "marked_on": row.marked_on}
        )  # fmt: skip
    for row in connection.execute(
        sa.select(returned_works).where(
            store.column_in(returned_works.c.work_id, ids), returned_works.c.revised_on == ""
        )
    ):
        result[row.work_id]["returned"] = {"on": row.returned_on, "by": row.by, "reason": row.reason}
    for row in connection.execute(
        sa.select(selections).where(store.column_in(selections.c.work_id, ids), selections.c.deselected_at == "")
    ):
        result[row.work_id]["selected"].append(row.level)
    return [item | {"levels": sorted(item["levels"]), "selected": sorted(item["selected"])} for item in result.values()]


def work_ids_of(connection: Connection, author_id: str) -> list[str]:
    query = sa.select(works.c.work_id).where(works.c.author_id == author_id).order_by(works.c.work_id)
    return [row.work_id for row in connection.execute(query)]
