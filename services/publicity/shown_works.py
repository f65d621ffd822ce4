"""Which articles and anthologies show, or showed, which works."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Table, Text

from chassis.store.database import Key
from services.publicity.tables import metadata

shown_works = Table(
    "shown_works", metadata,
    Column("work_id", Key, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("subject_id", Key, primary_key=True),
)  # fmt: skip


def showing(connection: Connection, work_id: str) -> list[tuple[str, str]]:
    """(subject, subject_id) of everything that shows or showed the work; `subject`: article or anthology."""
    query = sa.select(shown_works).where(shown_works.c.work_id == work_id)
    return [(r.subject, r.subject_id) for r in connection.execute(query.order_by(shown_works.c.subject_id))]


def without_authors(row: dict[str, Any]) -> dict[str, Any]:
    """A row of an article or anthology for an answer: without the ids of its authors."""
    kept = {name: value for name, value in row.items() if name != "authors"}
    return kept | {"works": [work_id for work_id in row["works"].split(";") if work_id]}
