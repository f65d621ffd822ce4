"""Rows streamed in groups of an equal key, so that several tables are read side by side and none is held in memory."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

_PAGE = 2000


class GroupedRows(Iterator[tuple[str, list[Any]]]):
    """(key, rows) in the order of the keys, read in pages."""

    def __init__(self, connection: Connection, query: sa.Select[Any], key: Any) -> None:
        result = connection.execution_options(yield_per=_PAGE).execute(query.order_by(key))
        self._groups = ((name, list(rows)) for name, rows in groupby(result, key=attrgetter(key.name)))
        self._ahead = next(self._groups, None)

    def __next__(self) -> tuple[str, list[Any]]:
        if self._ahead is None:
            raise StopIteration
        result, self._ahead = self._ahead, next(self._groups, None)
        return result

    def of(self, key: str) -> list[Any]:
        """The rows of that key, asked for in ascending order; groups before it belong to nobody and are skipped."""
        while self._ahead is not None and self._ahead[0] < key:
            next(self)
        if self._ahead is not None and self._ahead[0] == key:
            return next(self)[1]
        return []
