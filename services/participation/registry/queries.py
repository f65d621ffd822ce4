"""Reads the units."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.participation.registry.projections import units


def all_units(connection: Connection) -> list[dict[str, Any]]:
    """All units that are not void, ordered by id."""
    shown = [column for column in units.c if column is not units.c.voided]
    rows = connection.execute(sa.select(*shown).where(units.c.voided == 0).order_by(units.c.unit_id))
    return [dict(row._mapping) | {"tags": [tag for tag in row.tags.split(";") if tag]} for row in rows]
