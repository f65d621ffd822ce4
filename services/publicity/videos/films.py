"""Films of units among the evidence that participation stores, from which videos can be drafted."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Connection, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.evidence import EvidenceReceived
from services.publicity.tables import metadata

films = Table(
    "films", metadata,
    Column("content", Key, primary_key=True),
    Column("unit_id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
)  # fmt: skip


def store_film(rows: Rows, event: EvidenceReceived, _: RecordedEvent) -> None:
    """Not a person's file: it is encrypted under the person's key and shown to nobody else."""
    if event.media_type.startswith("video/") and not event.person_id:
        rows.put(films, content=event.content, unit_id=event.unit_id, name=event.name, media_type=event.media_type,
                 size=event.size)  # fmt: skip


def film_of(connection: Connection, content: str, unit_id: str) -> dict[str, Any] | None:
    f = films.c
    row = connection.execute(sa.select(films).where(f.content == content, f.unit_id == unit_id)).one_or_none()
    return dict(row._mapping) if row else None
