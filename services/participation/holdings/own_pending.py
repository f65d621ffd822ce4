"""Reads a publisher's own pending reports."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.schema import pending_awaits, pending_reports
from services.participation.domain import ROW_KINDS
from services.participation.domain.rows import ID_COLUMNS
from services.participation.holdings.domain import KINDS, row_id_of
from services.participation.intake.queries import BEHIND

_KIND_OF = {ROW_KINDS[kind].wire: kind for kind in KINDS}


def own_waiting(connection: Connection, publisher: str, limit: int, after: int) -> dict[str, Any]:
    """A page of the publisher's pending reports, the oldest first, with the keys that each awaits."""
    columns = pending_reports.c
    own = sa.select(pending_reports).where(columns.publisher == publisher)
    total = connection.execute(sa.select(sa.func.count()).select_from(own.subquery())).scalar_one()
    rows = connection.execute(own.where(columns.seq > after).order_by(columns.seq).limit(limit + 1)).all()
    shown = rows[:limit]
    awaited = _awaited_keys(connection, [row.seq for row in shown])
    return {"total": total, "more": len(rows) > limit, "waiting": [
        {"seq": row.seq, "source": row.source, "id": row.id, "type": row.type, "row": _row_id(row.type, row.data),
         "awaits": awaited.get(row.seq, []), "since": row.since, "code": row.code or BEHIND, "column": row.field}
        for row in shown
    ]}  # fmt: skip


def waiting_ids(connection: Connection, publisher: str) -> dict[str, frozenset[str]]:
    """The ids of pending rows, by kind."""
    columns = pending_reports.c
    query = sa.select(columns.type, columns.data).where(
        columns.publisher == publisher, columns.type.in_(list(_KIND_OF))
    )
    waiting: dict[str, set[str]] = {}
    for row in connection.execute(query):
        waiting.setdefault(_KIND_OF[row.type], set()).add(_row_id(row.type, row.data))
    return {kind: frozenset(ids) for kind, ids in waiting.items()}


def _row_id(report_type: str, data: str) -> str:
    kind = _KIND_OF.get(report_type)
    if kind is None:
        return ""
    cells = json.loads(data)
    return row_id_of(kind, {column: cells.get(column, "") for column in ID_COLUMNS[kind]})


def _awaited_keys(connection: Connection, reports: list[int]) -> dict[int, list[str]]:
    query = sa.select(pending_awaits).where(pending_awaits.c.seq.in_(reports)).order_by(pending_awaits.c.key)
    result: dict[int, list[str]] = {}
    for row in connection.execute(query):
        result.setdefault(row.seq, []).append(row.key)
    return result
