"""Reads works with consent, reviews, return and selection."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from services.publicity.reviews.projections import reviews
from services.publicity.works.projections import consents, returned_works, selections, works


def work_rows(connection: Connection, store: Store, **criteria: str) -> list[dict[str, Any]]:
    """Works (by unit_id, semester, author_id, work_id or reviewer_id) with consent, reviews, return and selection;
    titles and reasons encrypted.  Released reviewers are not included."""
    query = sa.select(works).order_by(works.c.unit_id, works.c.work_id)
    for name, value in criteria.items():
        if name == "reviewer_id":
            mine = sa.select(reviews.c.work_id).where(reviews.c.reviewer_id == value, reviews.c.released_on == "")
            query = query.where(works.c.work_id.in_(mine))
        elif value:
            query = query.where(works.c[name] == value)
    return _with_stages(connection, store, query)


def works_named(connection: Connection, store: Store, work_ids: Sequence[str]) -> list[dict[str, Any]]:
    """These works in the form of work_rows, in the given order."""
    query = sa.select(works).where(store.column_in(works.c.work_id, sorted(work_ids)))
    rows = {row["work_id"]: row for row in _with_stages(connection, store, query)} if work_ids else {}
    return [rows[work_id] for work_id in work_ids if work_id in rows]


def title_rows(connection: Connection, store: Store, work_ids: Iterable[str]) -> list[tuple[str, str]]:
    """(work, encrypted title)."""
    query = sa.select(works.c.work_id, works.c.title).where(store.column_in(works.c.work_id, sorted(work_ids)))
    return [(row.work_id, row.title) for row in connection.execute(query)]


def _with_stages(connection: Connection, store: Store, query: sa.Select[Any]) -> list[dict[str, Any]]:
    lists = ("levels", "reviews", "selected", "deselected")
    result = {row.work_id: dict(row._mapping) | {name: [] for name in lists} | {"returned": None}
             for row in connection.execute(query)}  # fmt: skip
    _add_stages(connection, store, result)
    return [item | {"levels": sorted(item["levels"]), "selected": sorted(item["selected"])} for item in result.values()]


def _add_stages(connection: Connection, store: Store, result: dict[str, dict[str, Any]]) -> None:
    """Add the details of each of these works to its row."""
    ids = sorted(result)
    for row in connection.execute(
        sa.select(consents).where(store.column_in(consents.c.work_id, ids), consents.c.withdrawn_on == "")
    ):
        result[row.work_id]["levels"].append(row.level)
    of_works = store.column_in(reviews.c.work_id, ids)
    for row in connection.execute(
        sa.select(reviews).where(of_works, reviews.c.released_on == "").order_by(reviews.c.reviewer_id)
    ):
        result[row.work_id]["reviews"].append(
            {"reviewer_id": row.reviewer_id, "review_id": row.review_id, "assigned_on": row.assigned_on,
             "total": row.total, "marked_on": row.marked_on, "due_on": row.due_on, "marks": row.marks}
        )  # fmt: skip
    for row in connection.execute(
        sa.select(returned_works).where(
            store.column_in(returned_works.c.work_id, ids), returned_works.c.revised_on == ""
        )
    ):
        result[row.work_id]["returned"] = {"on": row.returned_on, "by": row.by, "reason": row.reason}
    for row in connection.execute(sa.select(selections).where(store.column_in(selections.c.work_id, ids))):
        result[row.work_id]["deselected" if row.deselected_at else "selected"].append(row.level)


def works_with_same_text(connection: Connection, rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Work -> other works (work_id, author_id, unit_id) with the same words."""
    by_text: dict[str, list[dict[str, Any]]] = {}
    wanted = {row["fingerprint"]: row["work_id"] for row in rows if row["fingerprint"]}
    columns = sa.select(works.c.work_id, works.c.author_id, works.c.unit_id, works.c.fingerprint)
    for names in batched(sorted(wanted), 500):
        for row in connection.execute(columns.where(works.c.fingerprint.in_(names)).order_by(works.c.work_id)):
            by_text.setdefault(row.fingerprint, []).append(dict(row._mapping))
    return {row["work_id"]: [other for other in by_text.get(row["fingerprint"], ())
                             if other["work_id"] != row["work_id"]] for row in rows}  # fmt: skip


def selected_with_same_text(connection: Connection, work_id: str, level: str) -> str:
    """Another work of the same author with the same words that is selected at this level; empty if none."""
    own = connection.execute(sa.select(works).where(works.c.work_id == work_id)).first()
    if own is None or not own.fingerprint:
        return ""
    query = (
        sa.select(works.c.work_id)
        .join(selections, selections.c.work_id == works.c.work_id)
        .where(works.c.author_id == own.author_id, works.c.fingerprint == own.fingerprint, works.c.work_id != work_id)
        .where(selections.c.level == level, selections.c.deselected_at == "")
        .order_by(works.c.work_id)
    )
    return str(connection.execute(query).scalar() or "")


def reviewed_work(connection: Connection, given: str, reviewer_id: str) -> str:
    """The work's id if `given` is the id by which this reviewer knows it; else `given`."""
    query = sa.select(reviews.c.work_id).where(reviews.c.review_id == given, reviews.c.reviewer_id == reviewer_id)
    query = query.where(reviews.c.released_on == "")
    return str(connection.execute(query).scalar() or given) if given and reviewer_id else given


def work_ids_of(connection: Connection, author_id: str) -> list[str]:
    query = sa.select(works.c.work_id).where(works.c.author_id == author_id).order_by(works.c.work_id)
    return [row.work_id for row in connection.execute(query)]


def author_of(connection: Connection, work_id: str) -> str:
    """Empty if there is no such work."""
    return str(connection.execute(sa.select(works.c.author_id).where(works.c.work_id == work_id)).scalar() or "")


def batched(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (names[at : at + size] for at in range(0, len(names), size))
