"""Questions that every request asks: compiled once, asked past SQLAlchemy's machinery, several in one trip."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

Rows = Sequence[Any]
Select = sa.Select[Any] | sa.CompoundSelect[Any]
Value = str | int | Sequence[str]
_MARK = re.compile(r"%\((\w+)\)s")


class PreparedQuery:
    """One SELECT with named values, such as `QUESTION(names=[...])`.

    `build` writes it, once for PostgreSQL (true) and once for SQLite (false).  `each`: of a question that is asked for
    several names and that the log alone answers, the column that bears the name; `seldom`: it is seldom
    answered at all (both for chassis/store/stream_cache.py)."""

    def __init__(self, build: Callable[[bool], Select], each: int | None = None, seldom: bool = False) -> None:
        self._build, self.each, self.seldom = build, each, seldom
        self._statements: dict[bool, Any] = {}
        self._text, self._fast = "", dict[str, Any]()

    def __call__(self, **values: Value) -> "BoundQuery":
        return BoundQuery(self, tuple((k, v if isinstance(v, str | int) else tuple(v)) for k, v in values.items()))

    def statement(self, postgresql: bool) -> Any:
        if postgresql not in self._statements:
            self._statements[postgresql] = self._build(postgresql)
        return self._statements[postgresql]

    def text(self, dialect: sa.Dialect) -> tuple[str, dict[str, Any]]:
        """As PostgreSQL's driver takes it, with the values that stand fast in it."""
        if not self._text:
            compiled = self.statement(True).compile(dialect=dialect)
            self._text, self._fast = str(compiled), {k: v for k, v in compiled.params.items() if v is not None}
        return self._text, self._fast

    def positional(self, dialect: sa.Dialect) -> str:
        """The same with `%s` for each value."""
        return _MARK.sub("%s", self.text(dialect)[0])


class BoundQuery(NamedTuple):
    """A question with its values: equal when the answer, at one moment, is equal."""

    question: PreparedQuery
    values: tuple[tuple[str, Any], ...]

    def given(self, postgresql: bool) -> dict[str, Any]:
        """The values, as the driver takes them."""
        return {k: texts_parameter(v, postgresql) if isinstance(v, tuple) else v for k, v in self.values}

    def said(self, dialect: sa.Dialect) -> tuple[str, dict[str, Any]]:
        """The question as PostgreSQL's driver takes it."""
        text, fast = self.question.text(dialect)
        return text, fast | self.given(True)

    def in_order(self, dialect: sa.Dialect) -> list[Any]:
        """The values in the order of the question's `positional` text."""
        text, values = self.said(dialect)
        return [values[name] for name in _MARK.findall(text)] if values else []

    @property
    def names(self) -> Sequence[str]:
        """Of a question asked for each of several names."""
        return self.values[0][1]  # type: ignore[no-any-return]

    def of(self, names: Sequence[str]) -> "BoundQuery":
        """The same for these names only."""
        return BoundQuery(self.question, ((self.values[0][0], tuple(names)),))


class QueryRunner:
    """Asks within one transaction.  What was asked ahead is answered from there until something is written."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._postgresql = connection.dialect.name == "postgresql"
        self._ahead: dict[BoundQuery, Rows] = {}

    def ahead(self, *asked: BoundQuery) -> None:
        """Ask these now: on PostgreSQL in one trip to the server, in their order."""
        if self._postgresql and len(asked) > 1:
            driver: Any = self._connection.connection.driver_connection
            with driver.pipeline():
                cursors = [driver.execute(*self._said(item)) for item in asked]
            self._ahead.update((item, cursor.fetchall()) for item, cursor in zip(asked, cursors, strict=True))
        else:
            self._ahead.update((item, self._now(item)) for item in asked)

    def __call__(self, asked: BoundQuery) -> Rows:
        """The rows, as tuples in the order of the question's columns."""
        result = self._ahead.get(asked)
        return self._now(asked) if result is None else result

    def forget(self) -> None:
        """Something was written: what was asked before may be true no more."""
        self._ahead.clear()

    def _now(self, asked: BoundQuery) -> Rows:
        if self._postgresql:
            driver: Any = self._connection.connection.driver_connection
            result: Rows = driver.execute(*self._said(asked)).fetchall()
            return result
        return self._connection.execute(asked.question.statement(False), asked.given(False)).all()

    def _said(self, asked: BoundQuery) -> tuple[str, dict[str, Any]]:
        return asked.said(self._connection.dialect)


def any_of(column: Any, values: Sequence[str], postgresql: bool) -> Any:
    """`column IN values` as one parameter, whatever their number."""
    given = list(values) if postgresql else texts_parameter(values, postgresql)  # SQLAlchemy's ARRAY takes a list
    return _among(column, sa.bindparam(None, given, type_=_SEVERAL[postgresql]), postgresql)


def any_named(column: Any, name: str, postgresql: bool) -> Any:
    """The same for values that a question is given by this name."""
    return _among(column, sa.bindparam(name, type_=_SEVERAL[postgresql]), postgresql)


def texts_parameter(values: Sequence[str], postgresql: bool) -> Any:
    """Texts as one parameter."""
    return array_text(values) if postgresql else json.dumps(list(values), ensure_ascii=False)


def array_text(values: Sequence[Any]) -> str:
    """Texts, or integers, as PostgreSQL reads an array.  psycopg's own dumper looks at every value: a fifth of a
    projection."""
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


def _among(column: Any, values: Any, postgresql: bool) -> Any:
    if postgresql:
        return column == sa.func.any(values)
    each = sa.func.json_each(values).table_valued("value")
    return column.in_(sa.select(each.c.value))
