"""Texts of the statements that write rows of projections in bulk, many rows of one table at once.

On PostgreSQL each column is one array parameter; on SQLite the statement is run once a row."""

import functools
from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Integer, Table

EVER = 2**63 - 1
"""`known_until` of a version in force."""
VERSION_COLUMNS = ("position", "known_from", "known_until")
BEFORE = "before"
"""The position before which a version must be, to be the one that is copied: a value of the line, no column."""

Make = Callable[[str, Table, tuple[str, ...], str], str]


@functools.cache
def statement(make: Make, name: str, table: Table, columns: tuple[str, ...], postgresql: bool) -> str:
    """`columns`: what each line has, in its order."""
    arrays = ", ".join(f"%s::{_array(table, c)}[]" for c in columns) if postgresql else ""
    return make(name, table, columns, arrays)


def upsert(name: str, table: Table, columns: tuple[str, ...], arrays: str) -> str:
    keys = key_names(table)
    listed = ", ".join(columns)
    source = f"SELECT * FROM unnest({arrays})" if arrays else f"VALUES ({', '.join('?' * len(columns))})"
    rest = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in keys)
    action = f"DO UPDATE SET {rest}" if rest else "DO NOTHING"
    return f"INSERT INTO {name} ({listed}) {source} ON CONFLICT ({', '.join(keys)}) {action}"


def update(name: str, table: Table, columns: tuple[str, ...], arrays: str) -> str:
    fresh, keys = _fresh(columns, arrays), key_names(table)
    sets = ", ".join(f"{c} = {fresh[c]}" for c in columns if c not in keys)
    source = f" FROM {_source(columns, arrays)}" if arrays else ""
    return f"UPDATE {name} AS old SET {sets}{source} WHERE {_equal(keys, fresh)}"


def close_versions(name: str, table: Table, columns: tuple[str, ...], arrays: str) -> str:
    """End the version in force of a row when it is before the line's `position`."""
    fresh = _fresh(columns, arrays)
    source = f" FROM {_source(columns, arrays)}" if arrays else ""
    return (f"UPDATE {name} AS old SET known_until = {fresh['known_until']}{source} WHERE "
            f"{_equal(row_id_names(table), fresh)} AND old.known_until = {EVER} "
            f"AND old.position < {fresh['position']}")  # fmt: skip


def copy_versions(name: str, table: Table, columns: tuple[str, ...], arrays: str) -> str:
    """Insert the version in force of a row once more, with what the line has in place of its columns."""
    fresh = _fresh(columns, arrays)
    values = ", ".join(fresh.get(c, f"old.{c}") for c in column_names(table))
    source = f", {_source(columns, arrays)}" if arrays else ""
    return (f"INSERT INTO {name} ({', '.join(column_names(table))}) SELECT {values} FROM {name} AS old{source} WHERE "
            f"{_equal(row_id_names(table), fresh)} AND old.known_until = {EVER} "
            f"AND old.position < {fresh[BEFORE]}")  # fmt: skip


def _fresh(columns: tuple[str, ...], arrays: str) -> dict[str, str]:
    """How the statement names each value of a line."""
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
    """What names a row of a table that keeps versions: its primary key but for `position`."""
    return tuple(name for name in key_names(table) if name not in VERSION_COLUMNS)


@functools.cache
def defaults(table: Table) -> dict[str, Any]:
    return {c.name: 0 if isinstance(c.type, (Integer, BigInteger)) else "" for c in table.columns}


def _array(table: Table, column: str) -> str:
    return "int8" if column == BEFORE or isinstance(table.columns[column].type, (Integer, BigInteger)) else "text"
