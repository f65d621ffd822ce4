"""Projects events into rows of anthologies."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.articles import ReadingReturned
from contracts.publicity import AnthologyCompiled, AnthologyOutdated, AnthologyTakenDown
from services.publicity.shown_works import shown_works
from services.publicity.tables import metadata

anthologies = Table(
    "anthologies", metadata,
    Column("anthology_id", Key, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("semester", Text, nullable=False),
    Column("edition", BigInteger, nullable=False),
    Column("level", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("works", Text, nullable=False),
    Column("authors", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("compiled_at", Text, nullable=False),
    Column("outdated", BigInteger, nullable=False),
    Column("returned", Text, nullable=False),
    Column("taken_down_at", Text, nullable=False),
    Index("anthologies_unit", "unit_id"),
)  # fmt: skip

anthology_editions = Table(
    "anthology_editions", metadata,
    Column("anthology_id", Key, primary_key=True),
    Column("edition", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("works", BigInteger, nullable=False),
    Column("compiled_at", Text, nullable=False),
)  # fmt: skip
"""All editions, including those replaced by a later one."""


def store_edition(rows: Rows, event: AnthologyCompiled, _: RecordedEvent) -> None:
    rows.put(anthologies, anthology_id=event.anthology_id, unit_id=event.unit_id, semester=event.semester,
             edition=event.edition, level=event.level, title=event.title, works=";".join(event.works),
             authors=";".join(event.authors), content=event.content, size=event.size,
             compiled_at=event.compiled_at)  # fmt: skip
    rows.put(anthology_editions, anthology_id=event.anthology_id, edition=event.edition, title=event.title,
             level=event.level, works=len(event.works), compiled_at=event.compiled_at)  # fmt: skip
    for work_id in event.works:
        rows.put(shown_works, work_id=work_id, subject="anthology", subject_id=event.anthology_id)


def mark_outdated(rows: Rows, event: AnthologyOutdated, _: RecordedEvent) -> None:
    rows.amend(anthologies, {"anthology_id": event.anthology_id}, outdated=1)


def take_down_anthology(rows: Rows, event: AnthologyTakenDown, _: RecordedEvent) -> None:
    rows.amend(anthologies, {"anthology_id": event.anthology_id}, taken_down_at=event.taken_down_at)


def mark_anthology_returned(rows: Rows, event: ReadingReturned, _: RecordedEvent) -> None:
    if event.subject == "anthology":
        rows.amend(anthologies, {"anthology_id": event.subject_id}, returned=event.reason or "-")
