"""Rows -> answers of notifications."""

import sqlalchemy as sa
from sqlalchemy import Connection

from services.notifications.domain import Unit, supervisor_of
from services.notifications.projections import units


def line_above(connection: Connection, unit_id: str) -> str | None:
    """Who is told when a unit does not answer; None for an unknown unit."""
    row = connection.execute(sa.select(units).where(units.c.unit_id == unit_id)).one_or_none()
    if row is None:
        return None
    query = sa.select(units.c.unit_id).where(units.c.tags.like("%supervision_office%")).order_by(units.c.unit_id)
    office = connection.execute(query).scalars().first()
    return supervisor_of(Unit(row.unit_id, row.kind, row.liaison_id), office or "")
