"""Compares a service's read models with freshly replayed ones; lists rows that were changed, lost or added by hand."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import eventlet
import sqlalchemy as sa
import structlog
from sqlalchemy import Connection, Table, Text

from chassis.process import greenlets
from chassis.store.database import Store
from chassis.store.kept_outcome import KeptOutcome
from chassis.store.rebuild import Rebuild
from chassis.store.replay import Replay, ReplayProgress, progress_of
from chassis.store.row_statements import column_names, key_names
from chassis.store.shadow_rows import ShadowRows

_log = structlog.get_logger(__name__)
COMPARISON = "comparison"
READ_ROWS = 500
MOST_DIFFERENCES, LONGEST = 50, 80


class RebuildBeganError(Exception):
    """The comparison was ended because a rebuild began, which replaces the rows to be compared."""


@dataclass(frozen=True)
class RowDifference:
    """A row that differs.  `kind`: `changed` (`column` has the value `kept`, replay gives `rebuilt`), `missing` or
    `extra` in the live rows."""

    table: str
    key: str
    kind: str
    column: str = ""
    kept: str = ""
    rebuilt: str = ""


@dataclass
class Comparison:
    """Result so far: numbers of tables and rows compared, number of `different` rows, the first `differences`."""

    tables: int = 0
    rows: int = 0
    different: int = 0
    differences: list[RowDifference] = field(default_factory=list)

    def add(self, differences: list[RowDifference]) -> None:
        """Count one more different row, with its differences."""
        self.different += 1
        self.differences += differences[: max(MOST_DIFFERENCES - len(self.differences), 0)]

    def without_values(self) -> dict[str, Any]:
        """The result to be saved in a file: without values, which may be personal data."""
        places = [{"table": each.table, "key": each.key, "kind": each.kind, "column": each.column}
                  for each in self.differences]  # fmt: skip
        return {"tables": self.tables, "rows": self.rows, "different": self.different, "differences": places}


def comparison_of(outcome: Mapping[str, Any]) -> Comparison:
    """The result that was saved; empty where nothing was."""
    tables, rows, different = (int(outcome.get(name) or 0) for name in ("tables", "rows", "different"))
    return Comparison(tables, rows, different, [RowDifference(**each) for each in outcome.get("differences") or ()])


class RowVerification:
    """Comparison of one service's rows while the service runs; one run at a time."""

    def __init__(self, store: Store, replay: Replay, rebuild: Rebuild, outcome: KeptOutcome | None = None) -> None:
        self._store, self._replay, self._rebuild = store, replay, rebuild
        self._outcome = outcome or KeptOutcome()
        before = self._outcome.read()
        self._replay.progress, self.comparison = progress_of(before), comparison_of(before)

    @property
    def progress(self) -> ReplayProgress:
        """Progress of the current or last run."""
        return self._replay.progress

    def begin(self, spawn: Callable[..., Any] = eventlet.spawn_n) -> None:
        """Start in the background unless one runs."""
        if self.progress.state != "running":
            self._replay.progress, self.comparison = ReplayProgress("running"), Comparison()
            spawn(self._run_logging_errors)

    def _run_logging_errors(self) -> None:
        try:
            self.run()
        except Exception as error:
            _log.exception("rows were not compared")
            self.progress.state, self.progress.detail = "failed", repr(error)[:500]
        self.progress.ended_at = self._outcome.now()
        self._outcome.keep({**self.progress.as_json(), **self.comparison.without_values()})

    def run(self) -> Comparison:
        """Fill shadow rows, compare them with the live ones in one snapshot of the store, and drop them.  Raises
        UsedElsewhereError, RebuildBeganError."""
        shadow = ShadowRows(self._store, COMPARISON)
        with shadow.held():
            return self._run(shadow)

    def _run(self, shadow: ShadowRows) -> Comparison:
        started = time.monotonic()
        self.comparison = Comparison()
        self._replay.begin()
        try:
            shadow.prepare()
            for _ in self._replay.fill(shadow):
                self._give_way()
                self.progress.seconds = time.monotonic() - started
            with self._store.reading() as snapshot:
                self._hold_tables(snapshot)
                with shadow.at_moment_of(snapshot) as (connection, rows):
                    self._replay.finish(snapshot, rows)
                    self._compare(shadow, snapshot, connection)
        finally:
            shadow.drop()
        self.progress.seconds = max(time.monotonic() - started, 1e-6)
        self.progress.state = "done"
        return self.comparison

    def _give_way(self) -> None:
        if self._rebuild.progress.state == "running":
            raise RebuildBeganError("a rebuild of these rows runs: compare again when it is done")

    def _hold_tables(self, snapshot: Connection) -> None:
        """Lock the tables before the first read takes the snapshot: no rebuild of another replica may swap them."""
        if self._store.postgresql:
            tables = ", ".join(str(table) for table in self._store.rows.sorted_tables)
            snapshot.exec_driver_sql(f"LOCK TABLE {tables} IN ACCESS SHARE MODE")

    def _compare(self, shadow: ShadowRows, snapshot: Connection, connection: Connection) -> None:
        for table in self._store.rows.sorted_tables:
            query = sa.select(table).order_by(*map(self._by_code_point, table.primary_key.columns))
            self._give_way()
            kept = iter(shadow.read_live(snapshot, query, READ_ROWS))
            rebuilt = iter(shadow.read(connection, query, READ_ROWS))
            for differences in different_rows(table, self._count_rows(kept), rebuilt):
                self.comparison.add(differences)
            self.comparison.tables += 1

    def _by_code_point(self, column: sa.Column[Any]) -> Any:
        """The column ordered by code point, as Python compares texts."""
        return column.collate("C") if self._store.postgresql and isinstance(column.type, Text) else column

    def _count_rows(self, rows: Iterator[Any]) -> Iterator[Any]:
        for row in rows:
            self.comparison.rows += 1
            if self.comparison.rows % READ_ROWS == 0:
                greenlets.yield_control()
                self._give_way()
            yield row


def different_rows(table: Table, kept: Iterator[Any], rebuilt: Iterator[Any]) -> Iterator[list[RowDifference]]:
    """The differences of each row that differs; both iterators must be ordered by primary key."""
    keys = key_names(table)

    def key_of(row: Any) -> tuple[Any, ...]:
        return tuple(getattr(row, name) for name in keys)

    row, other = next(kept, None), next(rebuilt, None)
    while row is not None or other is not None:
        if other is None or (row is not None and key_of(row) < key_of(other)):
            yield [RowDifference(table.name, _shown_key(key_of(row)), "extra")]
            row = next(kept, None)
        elif row is None or key_of(other) < key_of(row):
            yield [RowDifference(table.name, _shown_key(key_of(other)), "missing")]
            other = next(rebuilt, None)
        else:
            if tuple(row) != tuple(other):
                yield list(_different_columns(table, _shown_key(key_of(row)), row, other))
            row, other = next(kept, None), next(rebuilt, None)


def _different_columns(table: Table, key: str, row: Any, other: Any) -> Iterator[RowDifference]:
    for name, kept, rebuilt in zip(column_names(table), row, other, strict=True):
        if kept != rebuilt:
            yield RowDifference(table.name, key, "changed", name, short_text(kept), short_text(rebuilt))


def _shown_key(key: tuple[Any, ...]) -> str:
    return ", ".join(map(short_text, key))


def short_text(value: Any) -> str:
    """The value as short text, with control characters escaped."""
    text = str(value)
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)
