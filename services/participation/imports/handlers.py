"""Imports files: what was uploaded is decided, a batch of rows a transaction.

How far a file is decided is an event of the same transaction, so an import that was cut off goes on where it stopped,
and every row keeps the outcome that it got first."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chassis.events.canonical_json import canonical
from chassis.process.greenlets import yield_control
from chassis.process.problems import Problem
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.imports import ImportAdvanced, ImportFinished, ImportStarted
from services.participation.batch.handlers import release_pending_reports, submit_foreign_rows
from services.participation.campaign.queries import rules_in_force, rules_of
from services.participation.domain import message
from services.participation.imports.domain import FileProgress, ImportProgress, count_outcomes
from services.participation.imports.dry_run import DryRun
from services.participation.imports.queries import find_import, refused_rows_of, unfinished_import
from services.participation.imports.refused_values import Place, values_at_fault
from services.participation.imports.spool import KIND_OF_FILE, Spool

ORDER = list(KIND_OF_FILE)
LARGEST_FILE = 2 * 1024**3
ADVANCE_SECONDS = 1.0


class Imports:
    """The imports of this service.  `on_commit`: wakes who decides pending reports."""

    def __init__(self, store: Store, units_of_work: UnitsOfWork, spool: Spool, on_commit: Callable[[], None]) -> None:
        self._store, self._units_of_work, self._spool, self._on_commit = store, units_of_work, spool, on_commit
        self._dry_runs: dict[str, DryRun] = {}

    def begin_import(
        self,
        manifest: list[list[str]],
        dry: bool,
        late_entry: str,
        actor: object,
        correlation: str,
        campaign: str = "",
    ) -> tuple[str, bool]:
        """(id, whether an unfinished import of the same files goes on).  `late_entry` (补录) is why their records are
        entered late, empty: they are not; `campaign` an earlier one by whose rules they are judged, empty: the one in
        force.  Problems 404, 409, 422."""
        if len({name for name, _, _ in manifest}) < len(manifest):
            raise Problem(422, "bad_body", "每个文件只能出现一次。", column="files")
        manifest = sorted(manifest, key=lambda file: ORDER.index(file[0]))
        text = canonical(manifest)
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            if campaign and rules_of(unit_of_work, campaign) is None:
                raise Problem(404, "unknown_campaign", f"没有启动过编号为 {campaign[:40]} 的活动方案。")
            if rules_in_force(unit_of_work) is None:
                raise Problem(409, "no_campaign", "还没有启动活动方案，请先执行 qihang campaign launch。")
            unfinished = None if dry else unfinished_import(unit_of_work.connection, text, late_entry, campaign)
            if unfinished is not None:
                return unfinished.import_id, True
            digest = hashlib.sha256(f"{text}{unit_of_work.now}{dry}{late_entry}{campaign}".encode()).hexdigest()[:10]
            import_id = f"{unit_of_work.now[:10].replace('-', '')}-{digest}"
            if dry:
                self._dry_runs = {import_id: DryRun(import_id, manifest, self._units_of_work, campaign)}
            else:
                unit_of_work.append(ImportStarted(import_id, tuple(map(tuple, manifest)), late_entry, campaign))
        return import_id, False

    def files_needed(self, import_id: str) -> list[dict[str, Any]]:
        """Which files must still be uploaded.  Problem 404."""
        return [
            {"name": file.file, "needed": not file.done and not self._spool.is_spooled(import_id, file.file)}
            for file in self._progress(import_id).files
        ]

    def upload_file(self, import_id: str, name: str, chunks: Iterable[bytes]) -> None:
        """Takes a file's bytes, durably, and spools its rows.  Problems 404, 409, 422."""
        announced = {file: sha256 for file, sha256, _ in self._progress(import_id).manifest}
        if name not in announced:
            raise Problem(404, "unknown_file", f"本次导入没有登记 {name}。")
        self._spool.receive(import_id, name, announced[name], chunks)

    def advance_import(self, import_id: str, actor: object, correlation: str) -> dict[str, Any]:
        """Decides rows for about a second: how far each file is, whether all are done, the positions."""
        limit = time.monotonic() + ADVANCE_SECONDS
        positions: list[str] = []
        progress = self._progress(import_id)
        while not progress.finished and time.monotonic() < limit:
            if dry_run := self._dry_runs.get(import_id):
                self._advance_dry_run(dry_run)
            else:
                positions = self._decide_batch(progress, actor, correlation) or positions
            progress = self._progress(import_id)
            yield_control()
        files = [self._file_progress(import_id, file) for file in progress.files]
        return {"finished": progress.finished, "files": files, "positions": positions}

    def refused_rows(self, import_id: str, after: int, limit: int) -> list[dict[str, Any]]:
        """Refused rows past the first `after`, each with a message for the clerk.  Problem 404."""
        if dry_run := self._dry_runs.get(import_id):
            rows: list[dict[str, Any]] = dry_run.refused_rows(after, limit)
            values: Mapping[Place, str] = dry_run.refused_values
        else:
            progress = self._progress(import_id)
            with self._store.reading() as connection:
                rows = refused_rows_of(connection, progress, after, limit)
            values = self._spool.refused_values.of_import(import_id)
        return [row | {"message": message(row["code"], row["column"], values.get((row["file"], row["line"]), ""))}
                for row in rows]  # fmt: skip

    def erase_rows_of(self, person_id: str) -> int:
        """Empties what waits to be imported of a person who is erased.  How many rows."""
        return self._spool.erase(person_id)

    def _progress(self, import_id: str) -> ImportProgress:
        if dry_run := self._dry_runs.get(import_id):
            return dry_run.progress
        with self._store.reading() as connection:
            progress = find_import(connection, import_id)
        if progress is None:
            raise Problem(404, "unknown_import", f"没有编号为 {import_id} 的导入。")
        return progress

    def _file_progress(self, import_id: str, file: FileProgress) -> dict[str, Any]:
        size = self._spool.size(import_id, file.file)
        return {"file": file.file, "rows": file.rows, "accepted": file.accepted, "unchanged": file.unchanged,
                "refused": file.refused, "done_bytes": file.done_bytes,
                "bytes": file.done_bytes if size is None else size}  # fmt: skip

    def _decide_batch(self, progress: ImportProgress, actor: object, correlation: str) -> list[str]:
        """One batch of the current file, or the end of the import; the positions."""
        current = progress.current
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            if current is None:
                unit_of_work.append(ImportFinished(progress.import_id))
            else:
                self._decide_rows(unit_of_work, progress.import_id, current.file)
        if current is None:
            self._spool.discard(progress.import_id)
        self._on_commit()
        return list(unit_of_work.positions)

    def _decide_rows(self, unit_of_work: UnitOfWork, import_id: str, name: str) -> None:
        """From the place where the store says the file is: another call may have moved it."""
        stored = find_import(unit_of_work.connection, import_id)
        assert stored is not None
        current = next(file for file in stored.files if file.file == name)
        if current.done:
            return
        rows = self._spool.read(import_id, current)
        rules = rules_of(unit_of_work, stored.campaign)
        given = [line.row for line in rows.lines]
        decisions = submit_foreign_rows(unit_of_work, given, rules, late_entry=stored.late_entry)
        decided = count_outcomes(current, rows, decisions)
        progress = decided.progress
        unit_of_work.append(ImportAdvanced(
            import_id, name, progress.rows, progress.accepted, progress.unchanged, progress.refused,
            decided.refused, progress.done_bytes, progress.done,
        ))  # fmt: skip
        self._spool.refused_values.add(import_id, name, values_at_fault(rows.lines, decided.refused))
        release_pending_reports(unit_of_work, decided.events)

    def _advance_dry_run(self, dry_run: DryRun) -> None:
        if current := dry_run.progress.current:
            dry_run.decide(current, self._spool.read(dry_run.progress.import_id, current))
        else:
            dry_run.finish()
            self._spool.discard(dry_run.progress.import_id)
