"""Verifies content files against the log (files that events refer to must exist unchanged) and deletes orphans."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from chassis.http.compared_files import FilesPart
from chassis.store import event_log
from chassis.store.database import Store
from chassis.store.remote_subject_keys import RemoteKeys
from chassis.store.schema import events
from contracts.articles import ArticleDrafted
from contracts.publicity import AnthologyCompiled, WorkNominated, WorkRevised
from services.publicity.content_store import ContentStore

OWNERS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    WorkNominated.wire: lambda data: [data["author_id"]],
    WorkRevised.wire: lambda data: [data["author_id"]],
    AnthologyCompiled.wire: lambda data: data["authors"],
    ArticleDrafted.wire: lambda data: data["authors"],
}
"""Events that refer to a content file, and the subjects whose keys encrypt it."""
ADDRESS = re.compile(r"[0-9a-f]{64}")
PAGE = 200
SWEEP_SECONDS = 24 * 3600.0
SAFE_SECONDS = 24 * 3600.0
"""No request takes longer from storing its file to appending its event."""


class ContentFiles:
    """`seconds`: the clock that decides when a sweep is due."""

    def __init__(
        self, store: Store, content_store: ContentStore, keys: RemoteKeys, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._content_store, self._keys, self._seconds = store, content_store, keys, seconds
        self._swept_at: float | None = None

    def compare(self, partition: int, after: int) -> FilesPart:
        """Verify the files that the next events after `after` refer to.  Raises PeerUnavailable: nothing can be
        verified without keys."""
        with self._store.reading() as connection:
            head = {item.partition: item.position for item in event_log.read_heads(connection)}[partition]
            query = (
                sa.select(events.c.position, events.c.type, events.c.stream, events.c.data)
                .where(events.c.partition == partition, events.c.position > after, events.c.type.in_(OWNERS))
                .order_by(events.c.position)
                .limit(PAGE)
            )
            page = connection.execute(query).all()
        erased, problems = 0, []
        for row in page:
            data = json.loads(row.data)
            owners = OWNERS[row.type](data)
            if len(self._keys.of(owners)) < len(set(owners)):
                erased += 1
            elif state := self._content_store.state_of(owners, data["content"]):
                problems.append(
                    {"position": row.position, "stream": row.stream, "file": data["content"], "state": state}
                )
        return FilesPart(len(page), erased, page[-1].position if len(page) == PAGE else head, head, problems)

    def orphans(self, older_than: float) -> list[str]:
        """Addresses of files that no event refers to and that were not written within the last `older_than` seconds."""
        there = self._content_store.addresses(older_than)  # before reading the log: an event may be appended meanwhile
        return sorted(there - self._addresses_in_log()) if there else []

    def sweep_when_due(self) -> int:
        """At the start and once a day: delete files whose event was never appended because of a crash.  Returns their
        number."""
        now = self._seconds()
        if self._swept_at is not None and now - self._swept_at < SWEEP_SECONDS:
            return 0
        gone = self.orphans(SAFE_SECONDS)
        for address in gone:
            self._content_store.remove(address, SAFE_SECONDS)
        self._swept_at = now
        return len(gone)

    def _addresses_in_log(self) -> set[str]:
        """Everything in the log that looks like an address: deleting too few files is harmless."""
        result: set[str] = set()
        with self._store.reading() as connection:
            for (data,) in connection.execute(sa.select(events.c.data).execution_options(yield_per=1000)):
                result.update(ADDRESS.findall(data))
        return result
