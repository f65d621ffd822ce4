"""Projects the progress of imports and their refused rows into their read models."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.imports import ImportAdvanced, ImportFinished, ImportStarted
from services.participation.tables import METADATA

imports = Table(
    "imports", METADATA,
    Column("import_id", Text, primary_key=True),
    Column("manifest", Text, nullable=False),
    Column("late_entry", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text, nullable=False),
    Index("imports_manifest", "manifest"),
)  # fmt: skip

import_files = Table(
    "import_files", METADATA,
    Column("import_id", Text, primary_key=True),
    Column("file", Text, primary_key=True),
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
    Column("file", Text, primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("field", Text, nullable=False),
    Column("code", Text, nullable=False),
)  # fmt: skip


def store_import(rows: Rows, event: ImportStarted, recorded: RecordedEvent) -> None:
    manifest = canonical([list(item) for item in event.files])
    rows.put(imports, import_id=event.import_id, manifest=manifest, late_entry=event.late_entry,
             campaign=event.campaign, actor=recorded.actor, started_at=recorded.recorded_at,
             finished_at="")  # fmt: skip
    for name, _, _ in event.files:
        rows.put(import_files, import_id=event.import_id, file=name)


def store_progress(rows: Rows, event: ImportAdvanced, _: RecordedEvent) -> None:
    rows.put(import_files, import_id=event.import_id, file=event.file, rows=event.rows, accepted=event.accepted,
             unchanged=event.unchanged, refused=event.refused, done_bytes=event.done_bytes,
             done=int(event.file_done))  # fmt: skip
    for line, column, code in event.refused_rows:
        rows.put(refused_rows, import_id=event.import_id, file=event.file, line=int(line), field=column, code=code)


def finish_import(rows: Rows, event: ImportFinished, recorded: RecordedEvent) -> None:
    rows.amend(imports, {"import_id": event.import_id}, finished_at=recorded.recorded_at)
