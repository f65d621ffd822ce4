"""P: the job in the plain way, as nameko's guide shows it: one event a message, one SQLAlchemy transaction an event.

Its row and, so that a repeated delivery changes nothing and what was received can be looked up, the event itself."""

import os

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"  # so that psycopg's waiting lets the other workers go on
import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
import time  # noqa: E402

import sqlalchemy as sa  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from nameko.events import EventDispatcher, event_handler  # noqa: E402
from nameko.extensions import DependencyProvider  # noqa: E402
from sqlalchemy.dialects.postgresql import insert  # noqa: E402

from benchmarks import running  # noqa: E402
from benchmarks.subjects.plain_tables import metadata, received, records  # noqa: E402

ORDER = running.order()


class Database(DependencyProvider):  # type: ignore[misc]
    """One engine a service; the handlers open transactions on it."""

    def setup(self) -> None:
        self.engine = sa.create_engine(ORDER["database"], pool_size=10)
        metadata.create_all(self.engine)

    def get_dependency(self, _worker_context: object) -> sa.Engine:
        return self.engine


class HandledEvents:
    """When the first and the last of the expected events were handled."""

    def __init__(self, expected: int) -> None:
        self.expected, self.count, self.first, self.last = expected, 0, 0.0, 0.0
        self.done = eventlet.event.Event()

    def one_more(self) -> None:
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.count += 1
        if self.count == self.expected:
            self.done.send()


SEEN = HandledEvents(ORDER["events"])


class Plain:
    """Handles an event and, in a chain, tells the next service."""

    name = ORDER["name"]
    database = Database()
    dispatch = EventDispatcher()

    @event_handler(ORDER["source"], "record_submitted")
    def record_submitted(self, payload: dict[str, object]) -> None:
        with self.database.begin() as connection:
            kept = insert(received).values(id=payload["record_id"], data=json.dumps(payload)).on_conflict_do_nothing()
            if connection.execute(kept).rowcount:
                row = {column.name: payload[column.name] for column in records.columns}
                connection.execute(insert(records).values(row).on_conflict_do_update(
                    index_elements=[records.c.record_id], set_=row))  # fmt: skip
        if ORDER.get("tells"):
            self.dispatch("record_submitted", payload)
        SEEN.one_more()


def main() -> None:
    container = ServiceContainer(Plain, {"AMQP_URI": ORDER["amqp"]})
    container.start()
    with eventlet.Timeout(running.LIMIT):
        SEEN.done.wait()
    running.answer(events=SEEN.count - 1, seconds=SEEN.last - SEEN.first, began=SEEN.first, ended=SEEN.last)
    container.stop()


if __name__ == "__main__":
    main()
