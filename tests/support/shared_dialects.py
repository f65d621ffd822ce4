"""Engines of a test's process share what they learn of a database and the statements that they have compiled.

An engine writes the text of each statement once and asks a server what it is at its first connection.  A test has
engines of its own, hundreds of tests one after the other: without this they would do nothing else so often."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_compiled: LRUCache[Any, Any] = LRUCache(5000)
_kept: dict[tuple[object, ...], Any] = {}


def share_dialects() -> None:
    """Whatever engines this process makes from now on."""
    registry.register("sqlite", __name__, SharedSQLite.__name__)
    registry.register("postgresql.psycopg", __name__, SharedPostgresql.__name__)


class _Shared:
    """One for all engines that are made with the same arguments; statements are kept by it and by their tables."""

    _is_made = _has_looked = False

    def __new__(cls, **arguments: Any) -> Any:
        key = (cls, *sorted(arguments.items(), key=lambda item: item[0]))
        return _kept.setdefault(key, super().__new__(cls))

    def __init__(self, **arguments: Any) -> None:
        if not self._is_made:
            super().__init__(**arguments)
            self._is_made = True

    def initialize(self, connection: sa.Connection) -> None:
        if not self._has_looked:
            super().initialize(connection)  # type: ignore[misc]
            self._has_looked = True

    @classmethod
    def engine_created(cls, engine: sa.Engine) -> None:
        engine.update_execution_options(compiled_cache=_compiled)


class SharedSQLite(_Shared, SQLiteDialect_pysqlite):
    supports_statement_cache = True


class SharedPostgresql(_Shared, PGDialect_psycopg):
    supports_statement_cache = True
