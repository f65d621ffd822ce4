"""Reads pending reports."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.schema import pending_awaits, pending_reports
from services.participation.intake.items import BEHIND


def list_pending_reports(
    connection: Connection, limit: int, after: int = 0, kind: str = "", code: str | None = None,
    column: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A page of reports that await something, oldest first, and the numbers of all of them by reason."""
    groups = _groups(connection)
    columns, wanted = pending_reports.c, {"type": kind or None, "code": "" if code == BEHIND else code, "field": column}
    query = sa.select(pending_reports).where(columns.seq > after).order_by(columns.seq).limit(limit + 1)
    for name, value in wanted.items():
        query = query.where(columns[name] == value) if value is not None else query
    selected = connection.execute(query).all()
    rows = selected[:limit]
    awaited = _awaited_keys(connection, [row.seq for row in rows])
    return {
        "total": sum(group["count"] for group in groups), "groups": groups, "more": len(selected) > limit,
        "waiting": [
            {"seq": row.seq, "source": row.source, "id": row.id, "type": row.type, "publisher": row.publisher,
             "awaits": awaited[row.seq], "since": row.since, "code": row.code or BEHIND, "column": row.field}
            for row in rows
        ],
    }  # fmt: skip


def _groups(connection: Connection) -> list[dict[str, Any]]:
    """The number of each type by the refusal they would get, and since when the first has been pending."""
    columns = pending_reports.c
    same = (columns.type, columns.code, columns.field)
    query = sa.select(*same, sa.func.count(), sa.func.min(columns.since)).group_by(*same).order_by(*same)
    names = ("type", "code", "column", "count", "since")
    rows = ((row[0], row[1] or BEHIND, *row[2:]) for row in connection.execute(query))
    return [dict(zip(names, row, strict=True)) for row in rows]


def _awaited_keys(connection: Connection, reports: list[int]) -> dict[int, list[str]]:
    """The keys that each of these reports awaits."""
    result: dict[int, list[str]] = {seq: [] for seq in reports}
    if reports:
        query = sa.select(pending_awaits).where(pending_awaits.c.seq.in_(reports)).order_by(pending_awaits.c.key)
        for row in connection.execute(query):
            result[row.seq].append(row.key)
    return result
