"""Queries of hot paths: compiled once, run directly by the driver on PostgreSQL, several in one round trip."""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

Rows = Sequence[Any]
Select = sa.Select[Any] | sa.CompoundSelect[Any]
Value = str | int | Sequence[str]


class PreparedQuery:
    """A SELECT with named parameters; a call such as `READ_STREAMS(names=[...])` binds them.

    `build(postgresql)` returns the statement, for PostgreSQL (True) or SQLite (False); it is called once for each."""

    def __init__(self, build: Callable[[bool], Select]) -> None:
        self._build = build
        self._statements: dict[bool, Any] = {}
        self._text, self._constants = "", dict[str, Any]()

    def __call__(self, **values: Value) -> "BoundQuery":
        return BoundQuery(self, tuple((k, v if isinstance(v, str | int) else tuple(v)) for k, v in values.items()))

    def statement(self, postgresql: bool) -> Any:
        """The SQLAlchemy statement for that database."""
        if postgresql not in self._statements:
            self._statements[postgresql] = self._build(postgresql)
        return self._statements[postgresql]

    def text(self, dialect: sa.Dialect) -> tuple[str, dict[str, Any]]:
        """The SQL text for PostgreSQL's driver, and the values of its constants."""
        if not self._text:
            compiled = self.statement(True).compile(dialect=dialect)
            self._text, self._constants = str(compiled), {k: v for k, v in compiled.params.items() if v is not None}
        return self._text, self._constants


class BoundQuery(NamedTuple):
    """A query with the values of its parameters; hashable, so that prefetched results are found by it."""

    prepared: PreparedQuery
    values: tuple[tuple[str, Any], ...]

    def parameters(self, postgresql: bool) -> dict[str, Any]:
        """The values by name, as the driver takes them."""
        return {k: texts_parameter(v, postgresql) if isinstance(v, tuple) else v for k, v in self.values}


class QueryRunner:
    """Runs queries within one transaction; results that were prefetched are used until something is written."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._postgresql = connection.dialect.name == "postgresql"
        self._prefetched: dict[BoundQuery, Rows] = {}

    def prefetch(self, *queries: BoundQuery) -> None:
        """Run these queries now, in this order, and keep their results; on PostgreSQL in one round trip."""
        if self._postgresql and len(queries) > 1:
            driver: Any = self._connection.connection.driver_connection
            with driver.pipeline():
                cursors = [driver.execute(*self._for_driver(query)) for query in queries]
            answers = zip(queries, cursors, strict=True)
            self._prefetched.update((query, cursor.fetchall()) for query, cursor in answers)
        else:
            self._prefetched.update((query, self._run(query)) for query in queries)

    def __call__(self, query: BoundQuery) -> Rows:
        """The rows, as tuples in the order of the query's columns."""
        rows = self._prefetched.get(query)
        return self._run(query) if rows is None else rows

    def discard_prefetched(self) -> None:
        """To be called after a write: what was read before may be outdated."""
        self._prefetched.clear()

    def _run(self, query: BoundQuery) -> Rows:
        if self._postgresql:
            driver: Any = self._connection.connection.driver_connection
            rows: Rows = driver.execute(*self._for_driver(query)).fetchall()
            return rows
        return self._connection.execute(query.prepared.statement(False), query.parameters(False)).all()

    def _for_driver(self, query: BoundQuery) -> tuple[str, dict[str, Any]]:
        text, constants = query.prepared.text(self._connection.dialect)
        return text, constants | query.parameters(True)


def column_in(column: Any, values: Sequence[str], postgresql: bool) -> Any:
    """The condition `column IN values`, with all values in one parameter."""
    given = list(values) if postgresql else texts_parameter(values, postgresql)  # SQLAlchemy's ARRAY takes a list
    return _is_among(column, sa.bindparam(None, given, type_=_SEVERAL[postgresql]), postgresql)


def any_named(column: Any, name: str, postgresql: bool) -> Any:
    """The condition `column IN :name`, for a parameter that a PreparedQuery is bound to later."""
    return _is_among(column, sa.bindparam(name, type_=_SEVERAL[postgresql]), postgresql)


def texts_parameter(values: Sequence[str], postgresql: bool) -> Any:
    """Several texts as the value of one parameter: an array on PostgreSQL, JSON on SQLite."""
    return array_text(values) if postgresql else json.dumps(list(values), ensure_ascii=False)


def array_text(values: Sequence[Any]) -> str:
    """Texts or integers in PostgreSQL's array syntax.  psycopg's own dumper inspects every value, which took a fifth of
    the time of a projection.  Raises ValueError for a NUL character."""
    if not values:
        return "{}"
    if isinstance(values[0], int):
        return f"{{{','.join(map(str, values))}}}"
    text = "\0".join(values)
    if text.count("\0") >= len(values):
        raise ValueError("a NUL cannot be stored")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","')
    return f'{{"{escaped}"}}'


_SEVERAL: dict[bool, Any] = {True: sa.ARRAY(sa.Text), False: sa.Text()}


def _is_among(column: Any, values: Any, postgresql: bool) -> Any:
    if postgresql:
        return column == sa.func.any(values)
    each = sa.func.json_each(values).table_valued("value")
    return column.in_(sa.select(each.c.value))
