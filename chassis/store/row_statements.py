"""SQL texts of the statements by which projections write rows in bulk.

On PostgreSQL each column is one array parameter; on SQLite the statement is executed once per row.  A "line" is the
tuple of values for one row."""

import functools
from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Integer, Table

EVER = 2**63 - 1
"""`known_until` of the version in force."""
VERSION_COLUMNS = ("position", "known_from", "known_until")
BEFORE = "before"
"""A value of a line that is not a column: only a version with a smaller position is copied."""

Make = Callable[[str, Table, tuple[str, ...], str], str]


@functools.cache
def statement(make: Make, name: str, table: Table, columns: tuple[str, ...], postgresql: bool) -> str:
    """The statement that `make` writes for this table; `columns`: those that each line has, in order."""
    arrays = ", ".join(f"%s::{_array(table, c)}[]" for c in columns) if postgresql else ""
    return make(name, table, columns, arrays)


def upsert(name: str, table: Table, columns: tuple[str, ...], arrays: str) -> str:
    """Insert rows, or replace the columns of those that exist."""
    keys = key_names(table)
    listed = ", ".join(columns)
    source = f"SELECT * FROM unnest({arrays})" if arrays else f"VALUES ({', '.join('?' * len(columns))})"
    rest = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in keys)
    action = f"DO UPDATE SET {rest}" if rest else "DO NOTHING"
    return f"INSERT INTO {name} ({listed}) {source} ON CONFLICT ({', '.join(keys)}) {action}"


def update(name: str, table: Table, columns: tuple[str, ...], arrays: str) -> str:
    """Update rows that exist, by primary key."""
    fresh, keys = _fresh(columns, arrays), key_names(table)
    sets = ", ".join(f"{c} = {fresh[c]}" for c in columns if c not in keys)
    source = f" FROM {_source(columns, arrays)}" if arrays else ""
    return f"UPDATE {name} AS old SET {sets}{source} WHERE {_equal(keys, fresh)}"


def close_versions(name: str, table: Table, columns: tuple[str, ...], arrays: str) -> str:
    """Close a row's version in force if its position is smaller than the line's `position`."""
    fresh = _fresh(columns, arrays)
    source = f" FROM {_source(columns, arrays)}" if arrays else ""
    return (f"UPDATE {name} AS old SET known_until = {fresh['known_until']}{source} WHERE "
            f"{_equal(row_id_names(table), fresh)} AND old.known_until = {EVER} "
            f"AND old.position < {fresh['position']}")  # fmt: skip


def copy_versions(name: str, table: Table, columns: tuple[str, ...], arrays: str) -> str:
    """Insert a copy of a row's version in force, with the line's columns changed."""
    fresh = _fresh(columns, arrays)
    values = ", ".join(fresh.get(c, f"old.{c}") for c in column_names(table))
    source = f", {_source(columns, arrays)}" if arrays else ""
    return (f"INSERT INTO {name} ({', '.join(column_names(table))}) SELECT {values} FROM {name} AS old{source} WHERE "
            f"{_equal(row_id_names(table), fresh)} AND old.known_until = {EVER} "
            f"AND old.position < {fresh[BEFORE]}")  # fmt: skip


def _fresh(columns: tuple[str, ...], arrays: str) -> dict[str, str]:
    """How the statement refers to each value of a line."""
    return {c: f"fresh.{c}" if arrays else f"?{n}" for n, c in enumerate(columns, 1)}


def _source(columns: tuple[str, ...], arrays: str) -> str:
    return f"unnest({arrays}) AS fresh ({', '.join(columns)})"


def _equal(keys: tuple[str, ...], fresh: dict[str, str]) -> str:
    return " AND ".join(f"old.{k} = {fresh[k]}" for k in keys)


@functools.cache
def column_names(table: Table) -> tuple[str, ...]:
    return tuple(c.name for c in table.columns)


@functools.cache
def key_names(table: Table) -> tuple[str, ...]:
    return tuple(c.name for c in table.primary_key.columns)


@functools.cache
def row_id_names(table: Table) -> tuple[str, ...]:
    """The columns that identify a row of a table with versions: its primary key without `position`."""
    return tuple(name for name in key_names(table) if name not in VERSION_COLUMNS)


@functools.cache
def defaults(table: Table) -> dict[str, Any]:
    """The default of each column: 0 for integers, otherwise ''."""
    return {c.name: 0 if isinstance(c.type, (Integer, BigInteger)) else "" for c in table.columns}


def _array(table: Table, column: str) -> str:
    return "int8" if column == BEFORE or isinstance(table.columns[column].type, (Integer, BigInteger)) else "text"
