"""E: the `eventsourcing` library's event store over its PostgreSQL recorder, the same events in the same batches.

`functions` lets the recorder insert by a function in the database, the faster of its two ways."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from sqlalchemy import make_url

from benchmarks import district_rows, running


@dataclass(frozen=True)
class RecordSubmitted(DomainEvent):
    """The fields of our event of that name."""

    record_id: str
    kind: str
    unit_id: str
    person_id: str
    day: str
    done_at: str
    period: str
    content: str
    evidence: str
    campaign: str
    campaign_version: int
    digest: str
    title: str


def main() -> None:
    order = running.order()
    url = make_url(order["database"])
    application = Application(env={
        "PERSISTENCE_MODULE": "eventsourcing.postgres", "POSTGRES_DBNAME": url.database or "",
        "POSTGRES_HOST": url.host or "", "POSTGRES_PORT": str(url.port), "POSTGRES_USER": url.username or "",
        "POSTGRES_PASSWORD": str(url.password), "POSTGRES_ENABLE_DB_FUNCTIONS": "y" if order["functions"] else "n",
    })  # fmt: skip
    now = datetime.now(UTC)
    events = [RecordSubmitted(uuid5(NAMESPACE_URL, item["record_id"]), 1, now, **item)
              for item in district_rows.impersonal(0, order["events"])]  # fmt: skip
    size = order["batch"]
    began = time.monotonic()
    for at in range(0, len(events), size):
        application.events.put(events[at : at + size])
    running.answer(events=len(events), seconds=time.monotonic() - began)
    application.close()


if __name__ == "__main__":
    main()
