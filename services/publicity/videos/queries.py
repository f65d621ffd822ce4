"""Rows -> videos."""

from typing import Any

from sqlalchemy import Connection

from services.publicity.matching_rows import matching_rows
from services.publicity.videos.projections import videos


def video_rows(connection: Connection, unit_id: str) -> list[dict[str, Any]]:
    return matching_rows(connection, videos, videos.c.video_id, {"unit_id": unit_id})
