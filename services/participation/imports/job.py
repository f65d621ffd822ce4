"""The background work on imports: files are read as they arrive, then batch after batch is decided.

Any replica that has an import's spool may work on it, one at a time under the spool's lock; after a crash another
process continues where the log says."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import structlog

from chassis.events.canonical_json import moment
from chassis.process.greenlets import ProgressSignal, Wakeup, yield_control
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.problems import Problem
from chassis.process.quiet_log import QuietLog
from chassis.store.database import Store, is_transient
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.imports import ImportFinished, ImportRead, ImportStopped
from services.participation.imports.deciding import BatchDecider, correlation_of, keep_texts
from services.participation.imports.deciding_worker import DecidingWorker
from services.participation.imports.domain import (
    ImportProgress,
    parts_in_order,
)
from services.participation.imports.dry_run import DryRun, DryRuns
from services.participation.imports.kept_dry_runs import all_kept
from services.participation.imports.queries import find_import, open_imports
from services.participation.imports.spool import BATCH, BATCH_ALONE, Spool
from services.participation.imports.upload_reading import read_upload

_log = structlog.get_logger(__name__)
READING, DECIDING = "import-reading", "imports"
LOOK_SECONDS = 10.0
"""The interval of looking for work that another process left."""
AT_ONCE = 200
"""Imports of at most so many rows are decided in the service: that is faster than starting a process."""
LATELY_SECONDS = 5.0
"""While the last request of others is no older, an import takes small batches and rests between them."""
TURN_SECONDS = 0.5
"""The longest time for one import before the next one's turn."""
MOST_KEPT = 100_000
SWEEP_SECONDS, ABANDONED_AFTER = 600.0, timedelta(days=1)


class ImportJob:
    """Reads files and decides rows; `on_commit` wakes the loop that decides pending reports; `others_ask`: whether
    there was a recent request other than those of imports."""

    def __init__(
        self, store: Store, units_of_work: UnitsOfWork, spool: Spool, dry_runs: DryRuns, monitor: LoopMonitor,
        on_commit: Callable[[], None], others_ask: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._store, self._units_of_work, self._spool, self._dry_runs = store, units_of_work, spool, dry_runs
        self._monitor, self._on_commit, self._others_ask = monitor, on_commit, others_ask
        self._own = BatchDecider(units_of_work, spool)
        self._worker = DecidingWorker(store, units_of_work, spool.folder, lambda: monitor.pulse(DECIDING))
        self._warnings = QuietLog(_log)
        self.reading, self.deciding, self.moved = Wakeup(), Wakeup(), ProgressSignal()
        self.faults: dict[str, Exception] = {}
        self._swept_at = float("-inf")

    def wake(self) -> None:
        self.reading.set()
        self.deciding.set()

    def read_all(self) -> None:
        """Read all uploads, a file of each import in turn."""
        while self._each_open(READING, self._read_next):
            pass

    def decide_all(self) -> None:
        """Decide what is read, a batch of each import in turn, until nothing is left."""
        if time.monotonic() - self._swept_at > SWEEP_SECONDS:
            self._swept_at = time.monotonic()
            self._each_open(DECIDING, self._abandon_old)
            self._sweep()
        while self._each_open(DECIDING, self._decide_next):
            pass
        self._worker.stop()

    def _each_open(self, loop: str, work: Callable[[ImportProgress, DryRun | None], bool]) -> bool:
        """Call `work` for each open import; returns whether any advanced.  An error in one does not affect the
        others."""
        moved = False
        for progress, run in self._open_runs(loop):
            if self._monitor.stopping:
                return False
            try:
                with self._spool.locked(progress.import_id) as acquired:
                    moved = (acquired and work(progress, run)) or moved
                self.faults.pop(progress.import_id, None)
            except Exception as error:
                if not is_transient(error):
                    self._warnings.exception("import not advanced", f"{progress.import_id} {type(error).__name__}")
                self._handle_failure(loop, progress.import_id, error)
            self._monitor.pulse(loop)
            yield_control()
        return moved

    def _open_runs(self, loop: str) -> list[tuple[ImportProgress, DryRun | None]]:
        runs: list[tuple[ImportProgress, DryRun | None]] = [(run.progress, run) for run in self._dry_runs.open()]
        try:
            with self._store.reading() as connection:
                return [*((progress, None) for progress in open_imports(connection)), *runs]
        except Exception as error:
            if not is_transient(error):
                self._warnings.exception("imports not read", type(error).__name__)
            self._handle_failure(loop, "", error)
            return []

    def _handle_failure(self, loop: str, import_id: str, error: Exception) -> None:
        """It is retried in the next round; meanwhile requests for the import get the error."""
        self.faults[import_id] = error
        self._monitor.outage(loop)
        self.moved.advance()

    def _abandon_old(self, progress: ImportProgress, run: DryRun | None) -> bool:
        """End an import whose files did not arrive for a day."""
        if run is not None:  # the id of a rehearsal's import has no day
            return False
        is_old = self._units_of_work.clock() - moment(progress.started_at) > ABANDONED_AFTER
        if is_old and self._spool.files_needed(progress):
            self._append(progress, ImportStopped(progress.import_id, "abandoned"))
            self._spool.end(progress.import_id, keep_files=False)
        return False

    def _sweep(self) -> None:
        for import_id in self._dry_runs.forget_old():
            self._spool.discard(import_id)
        with self._store.reading() as connection:
            alive = [progress.import_id for progress in open_imports(connection)]
        elsewhere = [kept.progress.import_id for kept in all_kept(self._spool.folder, None, MOST_KEPT)
                     if kept.progress.is_open]  # fmt: skip
        self._spool.sweep([*alive, *self._dry_runs.ids(), *elsewhere])

    def _read_next(self, progress: ImportProgress, _run: DryRun | None) -> bool:
        unread = self._spool.unread(progress)
        if not unread:
            return False
        folder, (name, _, _, table) = self._spool.folder_of(progress.import_id), progress.manifest[unread[0]]
        read_upload(folder, unread[0], name, table, progress.unit_id)
        self.deciding.set()
        return True

    def _decide_next(self, progress: ImportProgress, run: DryRun | None) -> bool:
        if run is None:
            progress = self._stored_progress(progress.import_id)
        if not progress.is_open:
            return False
        if progress.parts is None or self._spool.is_lost(progress):
            return self._begin_deciding(progress, run)
        if not progress.left:
            self._finish(progress, run)
        elif run is not None:
            self._decide_dry(progress, run)
        else:
            self._decide_turn(progress)
        return True

    def _begin_deciding(self, progress: ImportProgress, run: DryRun | None) -> bool:
        """When all files are read, record their parts; or end the import if one cannot be read."""
        try:
            discovered = self._spool.read_parts(progress)
        except Problem as unreadable:
            self._stop(progress, run, unreadable)
            return True
        if discovered is None:
            return False
        parts = parts_in_order(progress.manifest, discovered)
        self._spool.arrange(progress, discovered, parts)
        if run is not None:
            run.begin_deciding(parts)
        elif progress.parts is None:
            listed = tuple((part.name, part.table, part.file, part.sheet, str(part.total)) for part in parts)
            self._append(progress, ImportRead(progress.import_id, listed))
        return True

    def _stop(self, progress: ImportProgress, run: DryRun | None, unreadable: Problem) -> None:
        self._spool.keep_fault(progress.import_id, unreadable.detail)
        if run is not None:
            run.end("unreadable")
        else:
            self._append(progress, ImportStopped(progress.import_id, "unreadable"))
        self._spool.end(progress.import_id, keep_files=False)
        self.moved.advance()

    def _finish(self, progress: ImportProgress, run: DryRun | None) -> None:
        if run is not None:
            run.end()
        else:
            self._append(progress, ImportFinished(progress.import_id))
        self._spool.end(progress.import_id)
        self.moved.advance()

    def _append(self, progress: ImportProgress, event: ImportRead | ImportFinished | ImportStopped) -> None:
        with self._begin(progress) as unit_of_work:
            unit_of_work.append(event)

    def _begin(self, progress: ImportProgress) -> AbstractContextManager[UnitOfWork]:
        return self._units_of_work.begin(progress.actor, correlation_of(progress.import_id))

    def _stored_progress(self, import_id: str) -> ImportProgress:
        with self._store.reading() as connection:
            stored = find_import(connection, import_id)
        assert stored is not None
        return stored

    def _decide_dry(self, progress: ImportProgress, run: DryRun) -> None:
        decided_batch = run.decide(self._spool.read(progress.import_id, progress.left, self._rows_at_once()))
        self._spool.notes.add_of_rows(progress.import_id, decided_batch.notes)
        for spooled, decided, decisions in decided_batch.parts:
            keep_texts(self._spool, progress.import_id, spooled, decided, decisions)

    def _rows_at_once(self) -> int:
        return BATCH if self._others_ask() else BATCH_ALONE

    def _decide_turn(self, progress: ImportProgress) -> None:
        """In the service itself if that is quick, else in a process."""
        rows, until = sum(part.total for part in progress.parts or ()), time.monotonic() + TURN_SECONDS
        deciding = self._own if rows <= AT_ONCE else self._worker
        while not self._monitor.stopping:
            released, is_left = deciding.decide_batch(progress.import_id, progress.actor, self._rows_at_once())
            if released:
                self._on_commit()
            if is_left and deciding is self._worker and self._others_ask():
                self._worker.rest()
            if not is_left or time.monotonic() >= until:
                return
            yield_control()
