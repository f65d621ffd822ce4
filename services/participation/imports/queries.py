"""Reads imports: progress, lists, refused rows."""

import json
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.participation.imports.domain import ImportProgress, PartProgress
from services.participation.imports.projections import fingerprint_of, import_parts, imports, refused_rows


def find_import(connection: Connection, import_id: str) -> ImportProgress | None:
    row = connection.execute(sa.select(imports).where(imports.c.import_id == import_id)).one_or_none()
    return None if row is None else _progress(connection, row)


def latest_of_same(
    connection: Connection, manifest: str, late_entry: str, campaign: str, source: str, unit_id: str
) -> ImportProgress | None:
    """The last import of the same files, for the same campaign, source, unit and late-entry reason, that was not
    stopped; open ones first."""
    given = {"fingerprint": fingerprint_of(manifest), "late_entry": late_entry, "campaign": campaign, "source": source,
             "unit_id": unit_id}  # fmt: skip
    query = sa.select(imports).where(imports.c.stopped == "", *(imports.c[key] == given[key] for key in given))
    order = (sa.case((imports.c.finished_at == "", 0), else_=1), imports.c.started_at.desc(), imports.c.import_id)
    row = connection.execute(query.order_by(*order).limit(1)).one_or_none()
    return None if row is None else _progress(connection, row)


def open_imports(connection: Connection) -> list[ImportProgress]:
    """Those neither finished nor stopped, oldest first."""
    query = sa.select(imports).where(imports.c.finished_at == "").order_by(imports.c.started_at, imports.c.import_id)
    return [_progress(connection, row) for row in connection.execute(query).all()]


def began_at(connection: Connection, import_id: str) -> str:
    """When it began; empty if there is no such import."""
    query = sa.select(imports.c.started_at).where(imports.c.import_id == import_id)
    return connection.execute(query).scalar_one_or_none() or ""


def import_list(
    connection: Connection, before: tuple[str, str] | None, limit: int, own: Collection[str] | None
) -> list[dict[str, Any]]:
    """The imports that began before an instant and id (None: now), latest first; `own`: of these units."""
    c = imports.c
    query = sa.select(imports).order_by(c.started_at.desc(), c.import_id.desc()).limit(limit)
    if own is not None:
        query = query.where(c.unit_id.in_(sorted(own)))
    if before:
        query = query.where(sa.tuple_(c.started_at, c.import_id) < sa.tuple_(*map(sa.literal, before)))
    rows = connection.execute(query).all()
    counts = _counts(connection, [row.import_id for row in rows])
    return [_import_summary(row, counts.get(row.import_id, {})) for row in rows]


def _counts(connection: Connection, import_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    c = import_parts.c
    sums = [sa.func.sum(c[name]).label(name) for name in ("total", "rows", "accepted", "unchanged", "refused")]
    query = sa.select(c.import_id, c.kind, *sums).where(c.import_id.in_(import_ids)).group_by(c.import_id, c.kind)
    result: dict[str, dict[str, Any]] = {}
    for import_id, kind, *figures in connection.execute(query.order_by(sa.func.min(c.part))):
        counts = result.setdefault(import_id, {"kinds": [], "figures": [0, 0, 0, 0, 0]})
        counts["kinds"].append(kind)
        counts["figures"] = [a + int(b) for a, b in zip(counts["figures"], figures, strict=True)]
    return result


def _import_summary(row: Any, counts: dict[str, Any]) -> dict[str, Any]:
    total, decided, accepted, unchanged, refused = counts.get("figures", [0] * 5)
    return {
        "import_id": row.import_id, "actor": row.actor, "started_at": row.started_at, "finished_at": row.finished_at,
        "undone_at": row.undone_at, "stopped": row.stopped, "read": bool(row.read), "late_entry": row.late_entry,
        "source": row.source, "unit_id": row.unit_id,
        "files": [name for name, *_ in json.loads(row.manifest)], "kinds": counts.get("kinds", []), "total": total,
        "rows": decided, "accepted": accepted, "unchanged": unchanged, "refused": refused,
    }  # fmt: skip


def _progress(connection: Connection, row: Any) -> ImportProgress:
    query = sa.select(import_parts).where(import_parts.c.import_id == row.import_id).order_by(import_parts.c.part)
    parts = [PartProgress(p.part, p.name, p.kind, p.file, p.total, p.sheet, p.rows, p.accepted, p.unchanged, p.refused,
                          p.done_bytes, bool(p.done)) for p in connection.execute(query)]  # fmt: skip
    return ImportProgress(row.import_id, json.loads(row.manifest), bool(row.finished_at) and not row.stopped,
                          parts if row.read else None, row.late_entry, row.campaign, row.source, row.stopped, row.actor,
                          row.started_at, row.finished_at, row.unit_id, row.undone_at)  # fmt: skip


def refused_rows_of(connection: Connection, import_id: str, after: int, limit: int) -> list[dict[str, Any]]:
    """The refused rows after the first `after`, ordered by part and line."""
    query = (
        sa.select(refused_rows)
        .where(refused_rows.c.import_id == import_id)
        .order_by(refused_rows.c.part, refused_rows.c.line)
        .offset(after)
        .limit(limit)
    )
    return [
        {"seq": seq, "file": row.file, "line": row.line, "column": row.field, "code": row.code}
        for seq, row in enumerate(connection.execute(query), after + 1)
    ]
