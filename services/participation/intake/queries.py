"""Reads the reports that are pending."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.schema import pending_awaits, pending_reports


def list_pending_reports(connection: Connection, limit: int) -> dict[str, Any]:
    """What awaits something that may still arrive, oldest first."""
    total = connection.execute(sa.select(sa.func.count()).select_from(pending_reports)).scalar_one()
    rows = connection.execute(sa.select(pending_reports).order_by(pending_reports.c.seq).limit(limit)).all()
    keys: dict[int, list[str]] = {row.seq: [] for row in rows}
    if rows:
        for row in connection.execute(sa.select(pending_awaits).where(pending_awaits.c.seq.in_(list(keys)))):
            keys[row.seq].append(row.key)
    return {
        "total": total,
        "waiting": [
            {"source": row.source, "id": row.id, "type": row.type, "awaits": keys[row.seq], "since": row.since,
             "code": row.code, "column": row.field} for row in rows
        ],
    }  # fmt: skip
