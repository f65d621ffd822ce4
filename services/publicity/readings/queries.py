"""Rows -> the readings that an article or anthology has passed, and who is appointed to read it."""

import sqlalchemy as sa
from sqlalchemy import Connection

from duties.publicity import STAGES
from services.publicity.readings.projections import appointed_readers, readings


def readings_of(connection: Connection, subject: str, subject_id: str, content: str) -> list[dict[str, str]]:
    """Of exactly this content, in the order of their stages."""
    r = readings.c
    query = sa.select(r.stage, r.reader_id, r.read_on).where(
        r.subject == subject, r.subject_id == subject_id, r.content == content, r.read_on != ""
    )
    order = {stage: at for at, stage in enumerate(STAGES)}
    return sorted((dict(row._mapping) for row in connection.execute(query)), key=lambda item: order[item["stage"]])


def is_appointed_reader(connection: Connection, subject: str, subject_id: str, person_id: str) -> bool:
    r = appointed_readers.c
    query = sa.select(r.stage).where(r.subject == subject, r.subject_id == subject_id, r.reader_id == person_id)
    return bool(person_id) and connection.execute(query.limit(1)).first() is not None
