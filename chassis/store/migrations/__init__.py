"""Alembic: the environment of every store, and the versions of the tables that all stores have."""

from alembic import op


def rows_schema() -> str | None:
    """Where a migration finds the projection tables: SQLite has no schemas."""
    return "rows" if op.get_context().dialect.name == "postgresql" else None
