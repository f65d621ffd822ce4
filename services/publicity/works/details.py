"""Details of works: consent with days, where they are shown, reviewers' comments, selections with reasons."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from services.publicity.anthologies.projections import anthologies
from services.publicity.articles.projections import articles
from services.publicity.reviews.projections import review_comments
from services.publicity.shown_works import shown_works
from services.publicity.works.projections import consents, selections

PUBLIC = ("published", "taking_down")


def consents_of(connection: Connection, store: Store, work_ids: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """Work -> each use that its author has ever consented to."""
    result: dict[str, list[dict[str, str]]] = {work_id: [] for work_id in work_ids}
    query = sa.select(consents).where(store.column_in(consents.c.work_id, sorted(work_ids)))
    for row in connection.execute(query.order_by(consents.c.given_on, consents.c.level)):
        result[row.work_id].append({"level": row.level, "given_on": row.given_on, "withdrawn_on": row.withdrawn_on})
    return result


def showings_of(connection: Connection, store: Store, work_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Work -> articles and anthologies that show or showed it."""
    result: dict[str, list[dict[str, Any]]] = {work_id: [] for work_id in work_ids}
    rows = connection.execute(
        sa.select(shown_works).where(store.column_in(shown_works.c.work_id, sorted(work_ids)))
        .order_by(shown_works.c.subject, shown_works.c.subject_id)
    ).all()  # fmt: skip
    of_articles = sorted({row.subject_id for row in rows if row.subject == "article"})
    of_anthologies = sorted({row.subject_id for row in rows if row.subject != "article"})
    a, n = articles.c, anthologies.c
    known: dict[tuple[str, str], tuple[str, bool]] = {}
    for row in connection.execute(
        sa.select(a.article_id, a.title, a.status).where(store.column_in(a.article_id, of_articles))
    ):
        known["article", row.article_id] = (row.title, row.status in PUBLIC)
    for book in connection.execute(
        sa.select(n.anthology_id, n.title, n.taken_down_at, n.outdated)
        .where(store.column_in(n.anthology_id, of_anthologies))
    ):  # fmt: skip
        known["anthology", book.anthology_id] = (book.title, not book.taken_down_at and not book.outdated)
    for row in rows:
        title, is_public = known.get((row.subject, row.subject_id), ("", False))
        result[row.work_id].append(
            {"subject": row.subject, "subject_id": row.subject_id, "title": title, "is_public": is_public}
        )
    return result


def comments_of(connection: Connection, store: Store, work_ids: Sequence[str]) -> list[dict[str, str]]:
    """The comments on these works, encrypted."""
    query = sa.select(review_comments).where(
        store.column_in(review_comments.c.work_id, sorted(work_ids)), review_comments.c.comment != ""
    )
    order = (review_comments.c.work_id, review_comments.c.review_id)
    return [dict(row._mapping) for row in connection.execute(query.order_by(*order))]


def choices_of(connection: Connection, store: Store, work_ids: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """Work -> its current selections; reasons encrypted."""
    result: dict[str, list[dict[str, str]]] = {work_id: [] for work_id in work_ids}
    query = sa.select(selections).where(
        store.column_in(selections.c.work_id, sorted(work_ids)), selections.c.deselected_at == ""
    )
    for row in connection.execute(query.order_by(selections.c.level.desc())):
        result[row.work_id].append({"level": row.level, "at": row.selected_at, "reason": row.reason})
    return result
