"""Replays a service's log and inbox through its projections, page by page; it never runs deciders or reactions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.recorded_event import RecordedEvent, event_from_row
from chassis.process import greenlets
from chassis.store import event_log
from chassis.store.database import Store
from chassis.store.prepared_query import PreparedQuery, QueryRunner
from chassis.store.projections import Projections, Rows, decoded
from chassis.store.schema import events, inbox
from chassis.store.shadow_rows import ShadowRows

PAGE = 1000
READ_INBOX_PAGE = PreparedQuery(lambda _: (
    sa.select(*[inbox.c[c.name] for c in events.columns])
    .where(inbox.c.source == sa.bindparam("source"), inbox.c.partition == sa.bindparam("partition"),
           inbox.c.position > sa.bindparam("after"))
    .order_by(inbox.c.position)
    .limit(sa.bindparam("most", type_=sa.Integer))
))  # fmt: skip


@dataclass
class ReplayProgress:
    """Progress: `events` of `total` replayed; `state`: idle, running, done or failed; `seconds` since the start."""

    state: str = "idle"
    events: int = 0
    total: int = 0
    seconds: float = 0.0
    detail: str = ""
    ended_at: str = ""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "seconds": f"{self.seconds:.3f}"}


def progress_of(outcome: Mapping[str, Any]) -> ReplayProgress:
    """The progress that was saved; idle where nothing was."""
    number = int(outcome.get("events") or 0), int(outcome.get("total") or 0), float(outcome.get("seconds") or 0)
    texts = (str(outcome.get(name) or "") for name in ("detail", "ended_at"))
    return ReplayProgress(str(outcome.get("state") or "idle"), *number, *texts)


class Replay:
    """Fills shadow rows by replaying.  `sources`: the services whose events are in the inbox."""

    def __init__(self, store: Store, projections: Projections, service: str, sources: Sequence[str]) -> None:
        self._store, self._projections, self._service, self._sources = store, projections, service, sources
        self.progress = ReplayProgress()
        self.places: dict[tuple[str, int], int] = {}

    def begin(self) -> None:
        """Start again at the first event."""
        self.progress, self.places = ReplayProgress("running"), {}
        with self._store.reading() as connection:
            kept = connection.execute(sa.select(sa.func.count()).select_from(inbox)).scalar_one()
            self.progress.total = int(kept) + sum(head.position for head in event_log.read_heads(connection))

    def fill(self, shadow: ShadowRows) -> Iterator[None]:
        """Replay all events recorded so far while the service goes on working; each step replays a page and commits."""
        while self._page(shadow) >= PAGE or self.progress.events < self.progress.total:
            greenlets.yield_control()
            yield

    def _page(self, shadow: ShadowRows) -> int:
        """Replay the next page; returns its number of events.  Events that arrive at the very end are left to
        `finish`."""
        with self._store.reading() as connection:
            page = next(self._pages(connection), None)
        if page is None:
            self.progress.total = self.progress.events
            return 0
        with shadow.filling() as rows:
            self._apply(rows, page)
        return len(page)

    def finish(self, connection: Connection, rows: Rows) -> None:
        """Replay the remaining events that this connection sees, in its transaction."""
        for page in self._pages(connection):
            self._apply(rows, page)

    def _apply(self, rows: Rows, page: list[RecordedEvent]) -> None:
        self._projections.apply(rows, decoded(page))
        rows.flush()
        self.progress.events += len(page)

    def _pages(self, connection: Connection) -> Iterator[list[RecordedEvent]]:
        """The pages not replayed yet: the service's own log first, then the inbox, source by source."""
        for partition in range(self._store.partitions):
            place = (self._service, partition)
            while page := event_log.read(connection, partition, self.places.get(place, 0), PAGE):
                self.places[place] = page[-1].position
                yield page
        for source in self._sources:
            for partition in range(self._store.partitions):
                while page := self._inbox_page(connection, source, partition):
                    yield page

    def _inbox_page(self, connection: Connection, source: str, partition: int) -> list[RecordedEvent]:
        after = self.places.get((source, partition), 0)
        query = READ_INBOX_PAGE(source=source, partition=partition, after=after, most=PAGE)
        page = [event_from_row(row) for row in QueryRunner(connection)(query)]
        if page:
            self.places[(source, partition)] = page[-1].position
        return page
