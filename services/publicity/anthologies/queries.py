"""Reads anthologies with their readings."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import column_in
from services.publicity.anthologies.projections import anthologies, anthology_editions
from services.publicity.matching_rows import matching_rows
from services.publicity.readings.queries import with_readings


def anthology_rows(connection: Connection, **criteria: str) -> list[dict[str, Any]]:
    """Anthologies (by unit_id, semester or anthology_id) with readings and readers of the edition in force."""
    result = matching_rows(connection, anthologies, anthologies.c.anthology_id, criteria)
    return with_readings(connection, "anthology", "anthology_id", result)


def anthologies_named(connection: Connection, names: Collection[str]) -> list[dict[str, Any]]:
    """These anthologies, in the form of anthology_rows."""
    return _anthologies_where(connection, anthologies.c.anthology_id, names)


def anthologies_of_units(connection: Connection, units: Collection[str]) -> list[dict[str, Any]]:
    """The anthologies of these units that are compiled and not taken down, in the form of anthology_rows."""
    return _anthologies_where(connection, anthologies.c.unit_id, units, anthologies.c.taken_down_at == "")


def _anthologies_where(
    connection: Connection, column: sa.ColumnElement[Any], values: Collection[str], *conditions: sa.ColumnElement[bool]
) -> list[dict[str, Any]]:
    if not values:
        return []
    wanted = column_in(column, sorted(values), connection.dialect.name == "postgresql")
    query = sa.select(anthologies).where(wanted, *conditions).order_by(anthologies.c.anthology_id)
    rows = [dict(row._mapping) for row in connection.execute(query)]
    return with_readings(connection, "anthology", "anthology_id", rows)


def editions_of(connection: Connection, anthology_id: str) -> list[dict[str, Any]]:
    """The editions, newest first."""
    e = anthology_editions.c
    query = sa.select(e.edition, e.title, e.level, e.works, e.compiled_at).where(e.anthology_id == anthology_id)
    return [dict(row._mapping) for row in connection.execute(query.order_by(e.edition.desc()))]


def anthology_page(
    connection: Connection, units: Collection[str], criteria: Mapping[str, str], after: str, limit: int
) -> tuple[list[dict[str, Any]], str]:
    """A page of these units' anthologies (by unit_id, semester) ordered by id, after `after`; and the cursor of the
    next page."""
    a = anthologies.c
    query = sa.select(anthologies).where(column_in(a.unit_id, sorted(units), connection.dialect.name == "postgresql"))
    for name, value in criteria.items():
        query = query.where(a[name] == value) if value else query
    query = query.where(a.anthology_id > after) if after else query
    rows = [dict(row._mapping) for row in connection.execute(query.order_by(a.anthology_id).limit(limit + 1))]
    shown = with_readings(connection, "anthology", "anthology_id", rows[:limit])
    return shown, rows[limit - 1]["anthology_id"] if len(rows) > limit else ""


def units_with_anthologies(connection: Connection) -> list[str]:
    return list(connection.execute(sa.select(anthologies.c.unit_id).distinct()).scalars())
