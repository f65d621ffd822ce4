"""Questions that every request asks: compiled once, asked past SQLAlchemy's machinery, several in one trip."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store import Store

Rows = Sequence[Any]
Value = str | int | Sequence[str]


class Question:
    """One SELECT with named values, such as `QUESTION(names=[...])`.  `build` writes it for a store, once."""

    def __init__(self, build: Callable[[Store], sa.Select[Any] | sa.CompoundSelect[Any]]) -> None:
        self._build = build
        self._statement: dict[bool, Any] = {}
        self._text = ""

    def __call__(self, **values: Value) -> "Asked":
        return Asked(self, tuple((k, v if isinstance(v, str | int) else tuple(v)) for k, v in values.items()))

    def statement(self, store: Store) -> Any:
        if store.postgresql not in self._statement:
            self._statement[store.postgresql] = self._build(store)
        return self._statement[store.postgresql]

    def text(self, store: Store) -> str:
        """As PostgreSQL's driver takes it; what is no named value stands in it."""
        if not self._text:
            compiled = self.statement(store).compile(dialect=store.engine.dialect)
            self._text = str(compiled)
        return self._text


class Asked(NamedTuple):
    """A question with its values: equal when the answer, at one moment, is equal."""

    question: Question
    values: tuple[tuple[str, Any], ...]


class Asking:
    """Asks within one transaction.  What was asked ahead is answered from there until something is written."""

    def __init__(self, store: Store, connection: Connection) -> None:
        self._store, self._connection = store, connection
        self._ahead: dict[Asked, Rows] = {}

    def ahead(self, *asked: Asked) -> None:
        """Ask these now: on PostgreSQL in one trip to the server, in their order."""
        if self._store.postgresql and len(asked) > 1:
            driver: Any = self._connection.connection.driver_connection
            with driver.pipeline():
                cursors = [driver.execute(one.question.text(self._store), self._values(one)) for one in asked]
            self._ahead.update((one, cursor.fetchall()) for one, cursor in zip(asked, cursors, strict=True))
        else:
            self._ahead.update((one, self._now(one)) for one in asked)

    def __call__(self, asked: Asked) -> Rows:
        """The rows, as tuples in the order of the question's columns."""
        found = self._ahead.get(asked)
        return self._now(asked) if found is None else found

    def forget(self) -> None:
        """Something was written: what was asked before may be true no more."""
        self._ahead.clear()

    def _now(self, asked: Asked) -> Rows:
        if self._store.postgresql:
            driver: Any = self._connection.connection.driver_connection
            found: Rows = driver.execute(asked.question.text(self._store), self._values(asked)).fetchall()
            return found
        return self._connection.execute(asked.question.statement(self._store), self._values(asked)).all()

    def _values(self, asked: Asked) -> dict[str, Any]:
        return {k: self._store.several(list(v)) if isinstance(v, tuple) else v for k, v in asked.values}
