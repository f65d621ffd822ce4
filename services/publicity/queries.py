"""Rows -> answers of publicity."""

import sqlalchemy as sa
from sqlalchemy import Connection

from services.publicity.domain import Reader, may_review
from services.publicity.projections import memberships


def units_of(connection: Connection, person_id: str, day: str) -> set[str]:
    """Where a person serves on a day (`YYYY-MM-DD`)."""
    m = memberships.c
    query = sa.select(m.unit_id).where(m.person_id == person_id, m.since <= day, sa.or_(m.until == "", m.until > day))
    return {row.unit_id for row in connection.execute(query)}


def may_read(connection: Connection, reader_id: str, author_id: str, day: str) -> bool:
    """Whether this person may be asked to review that author's work on a day."""
    reader = Reader(reader_id, units_of(connection, reader_id, day))
    return may_review(reader, author_id, units_of(connection, author_id, day))
