"""Fresh stores of a test's own process: the statements of the first real upgrade of their kind are executed again.

Alembic takes 0.1 s to find out what a fresh store needs, which is always the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection, MetaData, event

Upgrade: TypeAlias = Callable[[Connection, MetaData, bool], None]
CHANGES = ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "COMMENT")


class ReplayedUpgrades:
    """Stands in for `chassis.store.upgrade.upgrade`; whatever is not fresh goes to the real one."""

    def __init__(self, real: Upgrade) -> None:
        self._real = real
        self._statements: dict[tuple[str, ...], list[tuple[str, Any]]] = {}
        self._rows: dict[int, MetaData] = {}  # so that an id stands for one of them

    def __call__(self, connection: Connection, rows: MetaData, migrate: bool) -> None:
        if not _is_fresh(connection):
            self._real(connection, rows, migrate)
            return
        spaces = connection.get_execution_options().get("schema_translate_map")
        versions = rows.info.get("migrations") or f"no versions: {id(self._rows.setdefault(id(rows), rows))}"
        kind = (connection.dialect.name, versions, repr(spaces))
        if kind not in self._statements:
            with _recording(connection) as statements:
                self._real(connection, rows, migrate)
            self._statements[kind] = statements
            return
        for statement, parameters in self._statements[kind]:
            connection.exec_driver_sql(statement, parameters or None)


def _is_fresh(connection: Connection) -> bool:
    inspector = sa.inspect(connection)
    return not any(map(inspector.has_table, ("alembic_version", "log_meta")))


@contextmanager
def _recording(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """What is changed on that connection meanwhile."""
    statements: list[tuple[str, Any]] = []

    def executed(_c: Any, _k: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        assert not many
        if statement.lstrip().upper().startswith(CHANGES):
            statements.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", executed)
    try:
        yield statements
    finally:
        event.remove(connection, "before_cursor_execute", executed)
