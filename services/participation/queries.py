"""Rows -> answers of participation."""

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import PreparedQuery
from chassis.store.schema import awaits, waiting
from services.participation.projections import campaigns, import_files, imports, refused_rows, units


def campaign(connection: Connection) -> tuple[str, int, dict[str, Any]] | None:
    """(id, version, document) of the district's campaign."""
    row = connection.execute(sa.select(campaigns)).one_or_none()
    return None if row is None else (row.campaign, row.version, json.loads(row.document))


IN_FORCE = PreparedQuery(lambda _: sa.select(campaigns.c.campaign, campaigns.c.version))
"""(id, version) of it, at a tenth of the price: for those who remember the document."""


def all_units(connection: Connection) -> list[dict[str, Any]]:
    result = connection.execute(sa.select(units).order_by(units.c.unit_id))
    return [dict(row._mapping) | {"tags": [t for t in row.tags.split(";") if t]} for row in result]


@dataclass(frozen=True)
class FileProgress:
    """How far one file of an import is; `done_bytes` of its spooled rows."""

    file: str
    rows: int
    accepted: int
    unchanged: int
    refused: int
    done_bytes: int
    done: bool


@dataclass(frozen=True)
class Import:
    import_id: str
    manifest: list[list[str]]
    finished: bool
    files: list[FileProgress]


def import_named(connection: Connection, import_id: str) -> Import | None:
    row = connection.execute(sa.select(imports).where(imports.c.import_id == import_id)).one_or_none()
    return None if row is None else _import(connection, row)


def unfinished_import(connection: Connection, manifest: str) -> Import | None:
    """The import of the very same files that was begun and not finished."""
    query = sa.select(imports).where(imports.c.manifest == manifest, imports.c.finished_at == "")
    row = connection.execute(query.order_by(imports.c.import_id).limit(1)).one_or_none()
    return None if row is None else _import(connection, row)


def _import(connection: Connection, row: Any) -> Import:
    manifest = json.loads(row.manifest)
    result = connection.execute(sa.select(import_files).where(import_files.c.import_id == row.import_id))
    by_name = {f.file: FileProgress(f.file, f.rows, f.accepted, f.unchanged, f.refused, f.done_bytes, bool(f.done))
               for f in result}  # fmt: skip
    return Import(row.import_id, manifest, bool(row.finished_at), [by_name[name] for name, _, _ in manifest])


def refused(connection: Connection, result: Import, after: int, limit: int) -> list[dict[str, Any]]:
    """The refused rows past the first `after`, in file order and line order."""
    order = {name: at for at, (name, _, _) in enumerate(result.manifest)}
    rank = sa.case(order, value=refused_rows.c.file)
    query = (
        sa.select(refused_rows)
        .where(refused_rows.c.import_id == result.import_id)
        .order_by(rank, refused_rows.c.line)
        .offset(after)
        .limit(limit)
    )
    return [
        {"seq": after + at, "file": r.file, "line": r.line, "column": r.field, "code": r.code}
        for at, r in enumerate(connection.execute(query), 1)
    ]


def waiting_rows(connection: Connection, limit: int) -> dict[str, Any]:
    """What waits for something that may still arrive, oldest first."""
    total = connection.execute(sa.select(sa.func.count()).select_from(waiting)).scalar_one()
    result = connection.execute(sa.select(waiting).order_by(waiting.c.seq).limit(limit)).all()
    keys: dict[int, list[str]] = {row.seq: [] for row in result}
    if result:
        for row in connection.execute(sa.select(awaits).where(awaits.c.seq.in_(list(keys)))):
            keys[row.seq].append(row.key)
    return {
        "total": total,
        "waiting": [
            {"source": r.source, "id": r.id, "type": r.type, "awaits": keys[r.seq], "since": r.since, "code": r.code,
             "column": r.field} for r in result
        ],
    }  # fmt: skip
