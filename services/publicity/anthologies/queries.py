"""Rows -> anthologies with their readings."""

from typing import Any

from sqlalchemy import Connection

from services.publicity.anthologies.projections import anthologies
from services.publicity.matching_rows import matching_rows
from services.publicity.readings.queries import readings_of


def anthology_rows(connection: Connection, **criteria: str) -> list[dict[str, Any]]:
    """Anthologies (by unit_id, semester or anthology_id) with the readings of the edition in force."""
    result = matching_rows(connection, anthologies, anthologies.c.anthology_id, criteria)
    return [item | {"readings": readings_of(connection, "anthology", item["anthology_id"], item["content"])}
            for item in result]  # fmt: skip
