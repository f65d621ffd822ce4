"""Reads videos."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import column_in
from services.publicity.videos.projections import videos


def video_page(
    connection: Connection, units: Collection[str], unit_id: str, after: str, limit: int
) -> tuple[list[dict[str, Any]], str]:
    """A page of these units' videos, latest first, after `after`; and the cursor of the next page."""
    v = videos.c
    query = sa.select(videos).where(column_in(v.unit_id, sorted(units), connection.dialect.name == "postgresql"))
    query = query.where(v.unit_id == unit_id) if unit_id else query
    if after:
        begun = sa.select(v.published_at).where(v.video_id == after).scalar_subquery()
        query = query.where(sa.or_(v.published_at < begun, sa.and_(v.published_at == begun, v.video_id < after)))
    query = query.order_by(v.published_at.desc(), v.video_id.desc()).limit(limit + 1)
    rows = [dict(row._mapping) for row in connection.execute(query)]
    return rows[:limit], rows[limit - 1]["video_id"] if len(rows) > limit else ""


def units_with_videos(connection: Connection) -> list[str]:
    return list(connection.execute(sa.select(videos.c.unit_id).distinct()).scalars())
