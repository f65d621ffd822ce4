"""Rebuild: the rows anew from own log and inbox, beside the live ones, swapped in when equal in position.

Only projections are replayed; decide and reactions never are."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eventlet
import sqlalchemy as sa
import structlog
from sqlalchemy import Connection
from sqlalchemy.schema import CreateIndex, CreateTable

from chassis.events.recorded_event import RecordedEvent, event_from_row
from chassis.store import event_log
from chassis.store.database import ROWS, Store, is_transient
from chassis.store.prepared_query import PreparedQuery, QueryRunner
from chassis.store.projections import Projections, Rows, decoded
from chassis.store.schema import cursors, events, inbox

_log = structlog.get_logger(__name__)
SHADOW, RETIRED = "shadow", "retired"
PAGE = 1000
SWAPS, SWAP_AGAIN_SECONDS = 5, 0.2
READ_INBOX_PAGE = PreparedQuery(lambda _: (
    sa.select(*[inbox.c[c.name] for c in events.columns])
    .where(inbox.c.source == sa.bindparam("source"), inbox.c.partition == sa.bindparam("partition"),
           inbox.c.position > sa.bindparam("after"))
    .order_by(inbox.c.position)
    .limit(sa.bindparam("most", type_=sa.Integer))
))  # fmt: skip


@dataclass
class Progress:
    """How far a rebuild is; `seconds` from its start."""

    state: str = "idle"
    events: int = 0
    total: int = 0
    seconds: float = 0.0
    detail: str = ""


class Rebuild:
    """One rebuild at a time of one service's rows.  `sources`: the services whose events its inbox keeps."""

    def __init__(self, store: Store, projections: Projections, service: str, sources: Sequence[str]) -> None:
        self._store, self._projections, self._service, self._sources = store, projections, service, sources
        self.progress = Progress()
        self._places: dict[tuple[str, int], int] = {}

    def begin(self, spawn: Callable[..., Any] = eventlet.spawn_n) -> Progress:
        """Start in the background unless one runs."""
        if self.progress.state != "running":
            self.progress = Progress("running")
            spawn(self._guarded)
        return self.progress

    def _guarded(self) -> None:
        try:
            self.run()
        except Exception as error:
            _log.exception("rebuild failed; the live rows are as they were")
            self.progress.state, self.progress.detail = "failed", repr(error)[:500]

    def run(self) -> Progress:
        """Rebuild and swap; the service answers from the old rows meanwhile."""
        started = time.monotonic()
        self.progress, self._places = Progress("running"), {}
        with self._store.reading() as connection:
            self.progress.total = self._total(connection)
        shadow = _Shadow(self._store)
        shadow.prepare()
        while self._replay_page(shadow) >= PAGE or self.progress.events < self.progress.total:
            self.progress.seconds = time.monotonic() - started
            eventlet.sleep(0)  # the service goes on
        shadow.index()
        self._swap(shadow)
        self.progress.seconds = max(time.monotonic() - started, 1e-6)
        self.progress.state = "done"
        self._store.rebuilds += 1
        return self.progress

    def _swap(self, shadow: "_Shadow") -> None:
        """A reader of several tables may deadlock with it, and the server ends one of both: then again."""
        for left in reversed(range(SWAPS if self._store.postgresql else 1)):
            places, events = dict(self._places), self.progress.events
            try:
                shadow.swap(self._finish)
                return
            except Exception as error:
                if not (left and is_transient(error)):
                    raise
                self._places, self.progress.events = places, events
                eventlet.sleep(SWAP_AGAIN_SECONDS)

    def _total(self, connection: Connection) -> int:
        kept = connection.execute(sa.select(sa.func.count()).select_from(inbox)).scalar_one()
        return int(kept) + sum(head.position for head in event_log.read_heads(connection))

    def _replay_page(self, shadow: "_Shadow") -> int:
        """How many events it had: a short page past the total is what came meanwhile, and is left to the swap."""
        with self._store.reading() as connection:
            page = next(self._pages(connection), None)
        if page is None:
            self.progress.total = self.progress.events
            return 0
        with shadow.filling() as rows:
            self._apply(rows, page)
        return len(page)

    def _finish(self, connection: Connection, rows: Rows) -> None:
        event_log.lock_heads(connection)
        held = sa.select(cursors)
        connection.execute(held.with_for_update() if self._store.postgresql else held).all()
        for page in self._pages(connection):
            self._apply(rows, page)

    def _apply(self, rows: Rows, page: list[RecordedEvent]) -> None:
        self._projections.apply(rows, decoded(page))
        rows.flush()
        self.progress.events += len(page)

    def _pages(self, connection: Connection) -> Iterator[list[RecordedEvent]]:
        """The next pages past what was replayed: own log first, then the inbox, source by source."""
        for partition in range(self._store.partitions):
            place = (self._service, partition)
            while page := event_log.read(connection, partition, self._places.get(place, 0), PAGE):
                self._places[place] = page[-1].position
                yield page
        for source in self._sources:
            for partition in range(self._store.partitions):
                while page := self._inbox_page(connection, source, partition):
                    yield page

    def _inbox_page(self, connection: Connection, source: str, partition: int) -> list[RecordedEvent]:
        after = self._places.get((source, partition), 0)
        query = READ_INBOX_PAGE(source=source, partition=partition, after=after, most=PAGE)
        page = [event_from_row(row) for row in QueryRunner(connection)(query)]
        if page:
            self._places[(source, partition)] = page[-1].position
        return page


class _Shadow:
    """Where the new rows grow: a second schema on PostgreSQL, a second file on SQLite."""

    def __init__(self, live: Store) -> None:
        self.live = live
        self._file = Path(f"{live.url.database}.shadow")
        self._store = live
        self._space = SHADOW if live.postgresql else ROWS

    def prepare(self) -> None:
        """Tables without the indexes that only readers need: to fill them is cheaper, to index them at once as well."""
        if self.live.postgresql:
            with self.live.writing() as connection:
                connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SHADOW} CASCADE")
                connection.exec_driver_sql(f"CREATE SCHEMA {SHADOW}")
        else:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._file}{suffix}").unlink(missing_ok=True)
            self._store = Store(f"sqlite:///{self._file}", self.live.rows)
        self._make(CreateTable(table) for table in self.live.rows.sorted_tables)

    def index(self) -> None:
        tables = self.live.rows.sorted_tables
        self._make(CreateIndex(item) for table in tables for item in sorted(table.indexes, key=lambda i: str(i.name)))

    def _make(self, parts: Iterable[CreateTable | CreateIndex]) -> None:
        with self._store.writing() as connection:
            for part in parts:
                self._store.with_row_schema(connection, self._space).execute(part)

    @contextlib.contextmanager
    def filling(self) -> Iterator[Rows]:
        """Nobody relies on these rows before the swap: its commit makes them durable, all at once."""
        with self._store.writing() as connection:
            if self.live.postgresql:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield self._rows(connection)

    def _rows(self, connection: Connection) -> Rows:
        return Rows(self._store, connection, self._space)

    def swap(self, finish: Callable[[Connection, Rows], None]) -> None:
        if self.live.postgresql:
            with self.live.writing() as connection:
                finish(connection, self._rows(connection))
                for statement in (f"ALTER SCHEMA {ROWS} RENAME TO {RETIRED}", f"ALTER SCHEMA {SHADOW} RENAME TO {ROWS}",
                                  f"DROP SCHEMA {RETIRED} CASCADE"):  # fmt: skip
                    connection.exec_driver_sql(statement)
            return
        # the other file is attached before the transaction; only the live file is written in it, so it is atomic
        with self.live.writing_with_attached(self._file) as connection:
            with self._store.writing() as defer_write:
                finish(connection, self._rows(defer_write))
            for table in self.live.rows.sorted_tables:
                connection.exec_driver_sql(f"DELETE FROM main.{table.name}")
                # a migrated table may have its columns in another order
                columns = ", ".join(f'"{column.name}"' for column in table.columns)
                connection.exec_driver_sql(
                    f"INSERT INTO main.{table.name} ({columns}) SELECT {columns} FROM attached.{table.name}"
                )
        self._store.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._file}{suffix}").unlink(missing_ok=True)
