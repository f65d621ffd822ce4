"""Bulk import: uploaded files become spooled rows, and rows become events, one batch a transaction.

What was decided is remembered with its place in the same transaction, so an import that was cut off goes on where it
stopped, and every row keeps the outcome that it got first."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from chassis.events.canonical_json import canonical
from chassis.intake.pending_reports import PendingReports
from chassis.process import subprocesses
from chassis.process.greenlets import yield_control
from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import subject_keys
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import ImportAdvanced, ImportFinished, ImportStarted
from services.participation import queries
from services.participation.counting import Dry, Line, counted
from services.participation.domain import (
    ROW_KINDS,
    Ledger,
    message,
    row_of,
    streams_of,
    subjects_of,
)
from services.participation.judging import judge, open_book, rules_of, touched
from services.participation.queries import FileProgress, Import

KIND_OF_FILE = {kind.file: name for name, kind in ROW_KINDS.items() if kind.file}
ORDER = list(KIND_OF_FILE)
LARGEST_FILE = 2 * 1024**3
BATCH = 500
SECONDS = 1.0


class Importing:
    """The imports of this service; the spool lies under `data`/participation/imports."""

    def __init__(self, runtime: ServiceRuntime, on_commit: Callable[[], None]) -> None:
        self.runtime = runtime
        self.folder = Path(runtime.settings.data) / "participation" / "imports"
        self.on_commit = on_commit
        self._dry: dict[str, Dry] = {}

    def begin(self, manifest: list[list[str]], dry: bool, actor: object, correlation: str) -> tuple[str, bool]:
        """(id, whether an unfinished import of the same files goes on)."""
        manifest = sorted(manifest, key=lambda item: ORDER.index(item[0]))
        text = canonical(manifest)
        with self.runtime.unit_of_work(actor, correlation) as work:
            if rules_of(work) is None:
                raise Problem(409, "no_campaign", "还没有启动活动方案，请先执行 qihang campaign launch。")
            if not dry and (result := queries.unfinished_import(work.connection, text)) is not None:
                return result.import_id, True
            digest = hashlib.sha256(f"{text}{work.now}{dry}".encode()).hexdigest()[:10]
            import_id = f"{work.now[:10].replace('-', '')}-{digest}"
            if dry:
                files = [FileProgress(name, 0, 0, 0, 0, 0, False) for name, _, _ in manifest]
                self._dry = {import_id: Dry(Import(import_id, manifest, False, files), Ledger(), [])}
            else:
                work.append(ImportStarted(import_id, tuple(tuple(item) for item in manifest)))
        return import_id, False

    def spooled(self, import_id: str, name: str) -> Path:
        return self.folder / import_id / f"{name}.rows"

    def found(self, import_id: str) -> Import:
        """Problem 404."""
        if import_id in self._dry:
            return self._dry[import_id].progress
        with self.runtime.store.reading() as connection:
            result = queries.import_named(connection, import_id)
        if result is None:
            raise Problem(404, "unknown_import", f"没有编号为 {import_id} 的导入。")
        return result

    def upload(self, result: Import, name: str, pieces: Iterable[bytes]) -> None:
        """Take a file's bytes, durably, and spool its rows.  Problems 404, 409, 422."""
        announced = {file: digest for file, digest, _ in result.manifest}
        if name not in announced:
            raise Problem(404, "unknown_file", f"本次导入没有登记 {name}。")
        target = self.spooled(result.import_id, name)
        if target.exists():
            for _ in pieces:
                pass
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        raw, fresh = target.with_suffix(f".{os.urandom(4).hex()}.raw"), target.with_suffix(".new")
        try:
            if _receive(pieces, raw) != announced[name]:
                raise Problem(409, "changed", f"{name} 的内容与登记时不同，请重新导入。")
            told = subprocesses.run_module("services.participation.spooling", KIND_OF_FILE[name], str(raw), str(fresh))
            if "unreadable" in told:
                raise Problem(422, "unreadable", f"{name}：{told['unreadable']}", column=name)
            with fresh.open("rb+") as file:
                os.fsync(file.fileno())
            fresh.replace(target)
        finally:
            raw.unlink(missing_ok=True)

    def advance(self, result: Import, actor: object, correlation: str) -> tuple[Import, list[str]]:
        """About a second of work: (how far it is, the positions made)."""
        limit = time.monotonic() + SECONDS
        positions: list[str] = []
        while not result.finished and time.monotonic() < limit:
            current = next((file for file in result.files if not file.done), None)
            if result.import_id in self._dry:
                result = self._dry_step(result, current)
            else:
                positions = self._step(result, current, actor, correlation) or positions
                result = self.found(result.import_id)
            yield_control()
        return result, positions

    def _step(self, result: Import, current: FileProgress | None, actor: object, correlation: str) -> list[str]:
        with self.runtime.unit_of_work(actor, correlation) as work:
            if current is None:
                work.append(ImportFinished(result.import_id))
            else:
                self._batch(work, result, current.file)
        if current is None:
            self.discard(result.import_id)
        self.on_commit()
        return list(work.positions)

    def _batch(self, work: UnitOfWork, result: Import, name: str) -> None:
        """One batch of one file, from the place where the store says it is (another call may have moved it)."""
        now = queries.import_named(work.connection, result.import_id)
        assert now is not None
        current = next(file for file in now.files if file.file == name)
        if current.done:
            return
        lines, done_bytes, ended = self._lines(result.import_id, current)
        ledger = open_book(work, [line.row for line in lines])
        rules = rules_of(work)
        decided = judge([line.row for line in lines], ledger, rules, work.keys.of, allow_pending=False)
        created = counted(current, lines, decided)
        progress = replace(created.progress, done_bytes=done_bytes, done=ended)
        work.append(*created.events)
        work.append(ImportAdvanced(
            result.import_id, name, progress.rows, progress.accepted, progress.unchanged, progress.refused,
            created.refused, done_bytes, ended,
        ))  # fmt: skip
        PendingReports(self.runtime.store, work.connection, work.query).touch(touched(created.events))

    def _lines(self, import_id: str, current: FileProgress) -> tuple[list[Line], int, bool]:
        """The next rows, the place after them, and whether the file ends there.  Units come all at once."""
        path = self.spooled(import_id, current.file)
        if not path.exists():
            raise Problem(409, "file_needed", f"请先上传 {current.file}。", column=current.file)
        kind = KIND_OF_FILE[current.file]
        columns, most = ROW_KINDS[kind].columns, 1_000_000 if kind == "unit" else BATCH
        lines = []
        with path.open("rb") as spool:
            spool.seek(current.done_bytes)
            for raw in _at_most(spool, most):
                number, cells = json.loads(raw)
                lines.append(Line(number, row_of(kind, dict(zip(columns, cells, strict=True)))))
            place = spool.tell()
            return lines, place, not spool.read(1)

    def _dry_step(self, result: Import, current: FileProgress | None) -> Import:
        """The same decisions, against a book that is kept in memory and never written."""
        dry = self._dry[result.import_id]
        if current is None:
            dry.progress = replace(result, finished=True)
            self.discard(result.import_id)
            return dry.progress
        lines, done_bytes, ended = self._lines(result.import_id, current)
        rows = [line.row for line in lines]
        with self.runtime.unit_of_work("dry-run") as work:  # nothing is appended, so nothing is written
            fresh = {name for row in rows for name in streams_of(row)} - dry.loaded
            dry.ledger.fold(work.load(fresh))
            dry.loaded |= fresh
            subjects = {subject for row in rows for subject in subjects_of(row, dry.ledger)}
            dry.keys.update(subject_keys.named(work.connection, subjects))
            decided = judge(rows, dry.ledger, rules_of(work), dry.key_of, allow_pending=False)
        created = counted(current, lines, decided)
        dry.refused.extend((current.file, *item) for item in created.refused)
        progress = replace(created.progress, done_bytes=done_bytes, done=ended)
        files = [progress if file.file == current.file else file for file in result.files]
        dry.progress = replace(result, files=files)
        return dry.progress

    def refused(self, result: Import, after: int, limit: int) -> list[dict[str, Any]]:
        """Refused rows past the first `after`, each with a message for the clerk."""
        if result.import_id in self._dry:
            lines = self._dry[result.import_id].refused[after : after + limit]
            rows: list[dict[str, Any]] = [
                {"seq": after + at, "file": file, "line": int(line), "column": column, "code": code}
                for at, (file, line, column, code) in enumerate(lines, 1)
            ]
        else:
            with self.runtime.store.reading() as connection:
                rows = queries.refused(connection, result, after, limit)
        return [row | {"message": message(row["code"], row["column"], "")} for row in rows]

    def discard(self, import_id: str) -> None:
        """The spool is not needed any more: the log has the rows."""
        shutil.rmtree(self.folder / import_id, ignore_errors=True)


def _at_most(spool: IO[bytes], most: int) -> Iterator[bytes]:
    """Lines by readline: `tell` must say where the last one ended."""
    for _ in range(most):
        if not (raw := spool.readline()):
            return
        yield raw


def _receive(pieces: Iterable[bytes], target: Path) -> str:
    """Write the bytes durably; their SHA-256 (hex)."""
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for piece in pieces:
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()
