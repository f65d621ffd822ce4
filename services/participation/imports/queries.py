"""Reads how far imports are, and their refused rows."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.participation.imports.domain import FileProgress, ImportProgress
from services.participation.imports.projections import import_files, imports, refused_rows


def find_import(connection: Connection, import_id: str) -> ImportProgress | None:
    row = connection.execute(sa.select(imports).where(imports.c.import_id == import_id)).one_or_none()
    return None if row is None else _progress(connection, row)


def unfinished_import(connection: Connection, manifest: str, late_entry: str, campaign: str) -> ImportProgress | None:
    """The import of the very same files, for the same campaign and entered late for the same reason or not, that was
    started and not finished."""
    same = imports.c.manifest == manifest, imports.c.late_entry == late_entry, imports.c.campaign == campaign
    query = sa.select(imports).where(*same, imports.c.finished_at == "")
    row = connection.execute(query.order_by(imports.c.import_id).limit(1)).one_or_none()
    return None if row is None else _progress(connection, row)


def _progress(connection: Connection, row: Any) -> ImportProgress:
    manifest = json.loads(row.manifest)
    files = connection.execute(sa.select(import_files).where(import_files.c.import_id == row.import_id))
    by_name = {f.file: FileProgress(f.file, f.rows, f.accepted, f.unchanged, f.refused, f.done_bytes, bool(f.done))
               for f in files}  # fmt: skip
    ordered = [by_name[name] for name, _, _ in manifest]
    return ImportProgress(row.import_id, manifest, bool(row.finished_at), ordered, row.late_entry, row.campaign)


def refused_rows_of(connection: Connection, progress: ImportProgress, after: int, limit: int) -> list[dict[str, Any]]:
    """The refused rows past the first `after`, in file order and line order."""
    order = {name: at for at, (name, _, _) in enumerate(progress.manifest)}
    rank = sa.case(order, value=refused_rows.c.file)
    query = (
        sa.select(refused_rows)
        .where(refused_rows.c.import_id == progress.import_id)
        .order_by(rank, refused_rows.c.line)
        .offset(after)
        .limit(limit)
    )
    return [
        {"seq": seq, "file": row.file, "line": row.line, "column": row.field, "code": row.code}
        for seq, row in enumerate(connection.execute(query), after + 1)
    ]
