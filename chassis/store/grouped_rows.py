"""Streams rows grouped by a key, so that several tables can be merged by key without holding any of them in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

_PAGE = 2000


@dataclass(frozen=True)
class ReplacedRows:
    """`rows` to be used instead of the store's rows whose `id_columns` have one of these `ids`."""

    id_columns: tuple[str, ...]
    ids: frozenset[tuple[Any, ...]]
    rows: tuple[Any, ...]

    def others(self, rows: Iterable[Any]) -> Iterator[Any]:
        """The given rows without those that are replaced."""
        return (row for row in rows if tuple(getattr(row, name) for name in self.id_columns) not in self.ids)


class GroupedRows(Iterator[tuple[str, list[Any]]]):
    """Iterates over (key, rows) in ascending order of the keys, reading in pages.  `replaced`: rows to use instead of
    some of the store's."""

    def __init__(
        self, connection: Connection, query: sa.Select[Any], key: Any, replaced: ReplacedRows | None = None
    ) -> None:
        result: Iterable[Any] = connection.execution_options(yield_per=_PAGE).execute(query.order_by(key))
        name_of = attrgetter(key.name)
        if replaced is not None:
            result = merge(replaced.others(result), sorted(replaced.rows, key=name_of), key=name_of)
        self._groups = ((name, list(rows)) for name, rows in groupby(result, key=name_of))
        self._ahead = next(self._groups, None)

    def __next__(self) -> tuple[str, list[Any]]:
        if self._ahead is None:
            raise StopIteration
        result, self._ahead = self._ahead, next(self._groups, None)
        return result

    def of(self, key: str) -> list[Any]:
        """The rows of that key, or an empty list.  Keys must be asked for in ascending order; groups before the key are
        skipped."""
        while self._ahead is not None and self._ahead[0] < key:
            next(self)
        if self._ahead is not None and self._ahead[0] == key:
            return next(self)[1]
        return []
