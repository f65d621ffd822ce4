"""The services' databases from outside: what their rows are, and every text that can be read in them."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from psycopg import sql

from tests.support.services import metadata_of
from tests.support.system import SERVICES, DistrictSystem, System


def row_tables(service: str) -> list[str]:
    """The names of a service's projection tables."""
    return sorted(table.name for table in metadata_of(service).tables.values())


def digests(system: System) -> dict[str, str]:
    """`service.table` -> SHA-256 of all its rows, in an order of their own, for every projection table."""
    result = {}
    for service in SERVICES:
        for table in row_tables(service):
            rows = sorted(repr(row) for row in _rows(system, service, table))
            result[f"{service}.{table}"] = f"{len(rows)} {hashlib.sha256(''.join(rows).encode()).hexdigest()}"
    return result


def _rows(system: System, service: str, table: str) -> Iterator[tuple[object, ...]]:
    if isinstance(system, DistrictSystem):
        with system.postgres.connect(_database(system, service)) as connection:
            yield from connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier("rows", table)))
        return
    with closing(sqlite3.connect(f"file:{system.data / service / 'store.db'}?mode=ro", uri=True)) as connection:
        yield from connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name of our own


def execute(system: System, service: str, statement: str) -> None:
    """Change a store behind its service's back, as a careless administrator might."""
    if isinstance(system, DistrictSystem):
        with system.postgres.connect(_database(system, service)) as connection:
            connection.execute(statement.encode())
        return
    with closing(sqlite3.connect(system.data / service / "store.db", timeout=30)) as connection, connection:
        connection.execute(statement)


def _database(system: DistrictSystem, service: str) -> str:
    return system.databases[service].rpartition("/")[2]


def every_cell(system: System) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(service, table, column -> text) of every row of every store, the console's too."""
    for service in (*SERVICES, "console"):
        for table, columns, row in _everything(system, service):
            yield service, table, dict(zip(columns, map(_text, row), strict=True))


def _text(cell: object) -> str:
    return bytes(cell).decode("utf-8", "replace") if isinstance(cell, bytes | memoryview) else str(cell)


def _everything(system: System, service: str) -> Iterator[tuple[str, list[str], tuple[object, ...]]]:
    if isinstance(system, DistrictSystem):
        with system.postgres.connect(_database(system, service)) as connection:
            named = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'rows')"
            for schema, table in connection.execute(named).fetchall():
                cursor = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table)))
                columns = [column.name for column in cursor.description or ()]
                yield from ((table, columns, row) for row in cursor)
        return
    path = system.data / ("console.db" if service == "console" else f"{service}/store.db")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            result = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - as the database names it
            columns = [column[0] for column in result.description]
            yield from ((table, columns, row) for row in result)


def raw_bytes(folder: Path) -> bytes:
    """Every file under a folder, one after the other."""
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
