"""Projects the progress of imports and their refused rows into read models."""

import hashlib

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.imports import ImportAdvanced, ImportFinished, ImportRead, ImportStarted, ImportStopped, ImportUndone
from services.participation.tables import METADATA

imports = Table(
    "imports", METADATA,
    Column("import_id", Text, primary_key=True),
    Column("manifest", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("late_entry", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("read", Integer, nullable=False),
    Column("stopped", Text, nullable=False),
    Column("finished_at", Text, nullable=False),
    Column("undone_at", Text, nullable=False),
    Index("imports_open", "finished_at"),
    Index("imports_fingerprint", "fingerprint"),
    Index("imports_started", "started_at"),
    Index("imports_unit", "unit_id", "started_at"),
)  # fmt: skip

import_parts = Table(
    "import_parts", METADATA,
    Column("import_id", Text, primary_key=True),
    Column("part", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("unchanged", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("done_bytes", BigInteger, nullable=False),
    Column("done", Integer, nullable=False),
)  # fmt: skip

refused_rows = Table(
    "refused_rows", METADATA,
    Column("import_id", Text, primary_key=True),
    Column("part", BigInteger, primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("file", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("code", Text, nullable=False),
)  # fmt: skip


def fingerprint_of(manifest: str) -> str:
    """Identifies an unfinished import of the same files; the list itself may be long."""
    return hashlib.sha256(manifest.encode()).hexdigest()


def store_import(rows: Rows, event: ImportStarted, recorded: RecordedEvent) -> None:
    manifest = canonical([list(item) for item in event.files])
    rows.put(imports, import_id=event.import_id, manifest=manifest, fingerprint=fingerprint_of(manifest),
             late_entry=event.late_entry, campaign=event.campaign, source=event.source,
             unit_id=event.unit_id, actor=recorded.actor, started_at=recorded.recorded_at, read=0, stopped="",
             finished_at="", undone_at="")  # fmt: skip


def store_parts(rows: Rows, event: ImportRead, _: RecordedEvent) -> None:
    rows.amend(imports, {"import_id": event.import_id}, read=1)
    for number, (name, kind, file, sheet, total) in enumerate(event.parts):
        rows.put(import_parts, import_id=event.import_id, part=number, name=name, kind=kind, file=file,
                 sheet=sheet, total=int(total))  # fmt: skip


def store_progress(rows: Rows, event: ImportAdvanced, _: RecordedEvent) -> None:
    rows.amend(import_parts, {"import_id": event.import_id, "part": event.part}, rows=event.rows,
               accepted=event.accepted, unchanged=event.unchanged, refused=event.refused, done_bytes=event.done_bytes,
               done=int(event.file_done))  # fmt: skip
    for line, column, code in event.refused_rows:
        rows.put(refused_rows, import_id=event.import_id, part=event.part, line=int(line), file=event.file,
                 field=column, code=code)  # fmt: skip


def finish_import(rows: Rows, event: ImportFinished, recorded: RecordedEvent) -> None:
    rows.amend(imports, {"import_id": event.import_id}, finished_at=recorded.recorded_at)


def stop_import(rows: Rows, event: ImportStopped, recorded: RecordedEvent) -> None:
    rows.amend(imports, {"import_id": event.import_id}, stopped=event.reason, finished_at=recorded.recorded_at)


def mark_undone(rows: Rows, event: ImportUndone, recorded: RecordedEvent) -> None:
    rows.amend(imports, {"import_id": event.import_id}, undone_at=recorded.recorded_at)
