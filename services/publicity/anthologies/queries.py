"""Rows -> anthologies with their readings."""

from typing import Any

from sqlalchemy import Connection

from services.publicity.anthologies.projections import anthologies
from services.publicity.matching_rows import matching_rows
from services.publicity.readings.queries import with_readings


def anthology_rows(connection: Connection, **criteria: str) -> list[dict[str, Any]]:
    """Anthologies (by unit_id, semester or anthology_id) with the readings and readers of the edition in force."""
    result = matching_rows(connection, anthologies, anthologies.c.anthology_id, criteria)
    return with_readings(connection, "anthology", "anthology_id", result)
