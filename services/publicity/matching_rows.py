"""Selects rows of one table by the values of columns."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection


def matching_rows(
    connection: Connection, table: sa.Table, order: Any, criteria: dict[str, str]
) -> list[dict[str, Any]]:
    """The matching rows, in this order; a criterion with an empty value is ignored."""
    query = sa.select(table).order_by(order)
    for name, value in criteria.items():
        if value:
            query = query.where(table.c[name] == value)
    return [dict(row._mapping) for row in connection.execute(query)]
