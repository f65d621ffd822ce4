"""The work on imports that nobody need wait for: files are read as they come, then batch after batch is decided.

Any replica that has an import's spool works on it, one at a time under the spool's lock; a process that is killed
anywhere is followed by the next, from the place that the log says."""

import time
from collections.abc import Callable, Sequence
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
from contracts.imports import ImportAdvanced, ImportFinished, ImportRead, ImportStopped
from services.participation.batch.handlers import release_pending_reports, submit_foreign_rows
from services.participation.campaign.queries import rules_of
from services.participation.domain import Accepted, Decision, Refused
from services.participation.imports.domain import (
    DecidedRows,
    ImportProgress,
    SpooledRows,
    count_outcomes,
    decide_lines,
    parts_in_order,
)
from services.participation.imports.dry_run import DryRun, DryRuns
from services.participation.imports.queries import find_import, open_imports
from services.participation.imports.refused_values import values_at_fault
from services.participation.imports.spool import Spool
from services.participation.imports.upload_reading import read_upload
from services.participation.imports.value_reading import read_values
from services.participation.intake.causes import cause_of_report

_log = structlog.get_logger(__name__)
READING, DECIDING = "import-reading", "imports"
LOOK_SECONDS = 10.0
"""Between two looks for work that another process left."""
SWEEP_SECONDS, ABANDONED_AFTER = 600.0, timedelta(days=1)


def correlation_of(import_id: str) -> str:
    """What every event that an import causes bears: by it the import's rows are discovered."""
    return f"import-{import_id}"


class ImportJob:
    """Reads and decides; `on_commit` wakes who decides pending reports."""

    def __init__(
        self, store: Store, units_of_work: UnitsOfWork, spool: Spool, dry_runs: DryRuns, monitor: LoopMonitor,
        on_commit: Callable[[], None],
    ) -> None:  # fmt: skip
        self._store, self._units_of_work, self._spool, self._dry_runs = store, units_of_work, spool, dry_runs
        self._monitor, self._on_commit = monitor, on_commit
        self._warnings = QuietLog(_log)
        self.reading, self.deciding, self.moved = Wakeup(), Wakeup(), ProgressSignal()
        self.faults: dict[str, Exception] = {}
        self._swept_at = float("-inf")

    def wake(self) -> None:
        self.reading.set()
        self.deciding.set()

    def read_all(self) -> None:
        """Reads every upload that is there, a file of each import in turn."""
        while self._each_open(READING, self._read_next):
            pass

    def decide_all(self) -> None:
        """Decides what is read, a batch of each import in turn, until nothing is left to do."""
        if time.monotonic() - self._swept_at > SWEEP_SECONDS:
            self._swept_at = time.monotonic()
            self._each_open(DECIDING, self._abandon_old)
            self._sweep()
        while self._each_open(DECIDING, self._decide_next):
            pass

    def _each_open(self, loop: str, work: Callable[[ImportProgress, DryRun | None], bool]) -> bool:
        """Whether one of the open imports moved on.  The fault of one is no other's."""
        moved = False
        for progress, run in self._open(loop):
            if self._monitor.stopping:
                return False
            try:
                with self._spool.locked(progress.import_id) as acquired:
                    moved = (acquired and work(progress, run)) or moved
                self.faults.pop(progress.import_id, None)
            except Exception as error:
                if not is_transient(error):
                    self._warnings.exception("import not advanced", f"{progress.import_id} {type(error).__name__}")
                self._failed(loop, progress.import_id, error)
            self._monitor.pulse(loop)
            yield_control()
        return moved

    def _open(self, loop: str) -> list[tuple[ImportProgress, DryRun | None]]:
        runs: list[tuple[ImportProgress, DryRun | None]] = [(run.progress, run) for run in self._dry_runs.open()]
        try:
            with self._store.reading() as connection:
                return [*((progress, None) for progress in open_imports(connection)), *runs]
        except Exception as error:
            if not is_transient(error):
                self._warnings.exception("imports not read", type(error).__name__)
            self._failed(loop, "", error)
            return []

    def _failed(self, loop: str, import_id: str, error: Exception) -> None:
        """It is tried again at the next look; who asks for the import meanwhile is told."""
        self.faults[import_id] = error
        self._monitor.outage(loop)
        self.moved.advance()

    def _abandon_old(self, progress: ImportProgress, run: DryRun | None) -> bool:
        """Ends an import whose files did not come for a day."""
        is_old = self._units_of_work.clock() - moment(progress.started_at) > ABANDONED_AFTER
        if run is None and is_old and self._spool.files_needed(progress):
            self._append(progress, ImportStopped(progress.import_id, "abandoned"))
            self._spool.end(progress.import_id, keep_files=False)
        return False

    def _sweep(self) -> None:
        for import_id in self._dry_runs.forget_old():
            self._spool.discard(import_id)
        with self._store.reading() as connection:
            alive = [progress.import_id for progress in open_imports(connection)]
        self._spool.sweep([*alive, *self._dry_runs.ids()])

    def _read_next(self, progress: ImportProgress, _run: DryRun | None) -> bool:
        unread = self._spool.unread(progress)
        if not unread:
            return False
        folder, (name, _, _, table) = self._spool.folder_of(progress.import_id), progress.manifest[unread[0]]
        read_upload(folder, unread[0], name, table)
        self.deciding.set()
        return True

    def _decide_next(self, progress: ImportProgress, run: DryRun | None) -> bool:
        if run is None:
            progress = self._stored(progress.import_id)
        if not progress.is_open:
            return False
        if progress.parts is None or self._spool.is_lost(progress):
            return self._begin_deciding(progress, run)
        if not progress.left:
            self._finish(progress, run)
        elif run is not None:
            self._decide_dry(progress, run)
        else:
            self._decide_batch(progress)
        return True

    def _begin_deciding(self, progress: ImportProgress, run: DryRun | None) -> bool:
        """Once all files are read: their parts are known from now on, or the import ends for what cannot be read."""
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

    def _stored(self, import_id: str) -> ImportProgress:
        with self._store.reading() as connection:
            stored = find_import(connection, import_id)
        assert stored is not None
        return stored

    def _decide_dry(self, progress: ImportProgress, run: DryRun) -> None:
        decided_batch = run.decide(self._spool.read(progress.import_id, progress.left))
        self._spool.notes.add_of_rows(progress.import_id, decided_batch.notes)
        for spooled, decided, decisions in decided_batch.parts:
            self._keep_texts(progress.import_id, spooled, decided, decisions)

    def _decide_batch(self, progress: ImportProgress) -> None:
        """From the place where the store says the import is: another process may have moved it."""
        with self._begin(progress) as unit_of_work:
            stored = find_import(unit_of_work.connection, progress.import_id)
            if stored is None or not stored.is_open or not stored.left:
                return
            batch = self._spool.read(progress.import_id, stored.left)
            self._decide_rows(unit_of_work, stored, batch)
        self._on_commit()

    def _decide_rows(self, unit_of_work: UnitOfWork, stored: ImportProgress, batch: Sequence[SpooledRows]) -> None:
        rules = rules_of(unit_of_work, stored.campaign)
        cause = cause_of_report(stored.source, correlation_of(stored.import_id)) if stored.source else ""
        batch, notes = read_values(unit_of_work, batch, rules)
        self._spool.notes.add_of_rows(stored.import_id, notes)
        lines = [line for spooled in batch for line in spooled.lines]
        decisions = decide_lines(lines, lambda rows: submit_foreign_rows(
            unit_of_work, rows, rules, late_entry=stored.late_entry, causation=cause))  # fmt: skip
        for spooled in batch:
            own, decisions = decisions[: len(spooled.lines)], decisions[len(spooled.lines) :]
            decided = count_outcomes(spooled, own)
            part = decided.progress
            unit_of_work.append(ImportAdvanced(
                stored.import_id, part.number, part.name, part.rows, part.accepted, part.unchanged, part.refused,
                decided.refused, part.done_bytes, part.done,
            ))  # fmt: skip
            self._keep_texts(stored.import_id, spooled, decided, own)
            release_pending_reports(unit_of_work, decided.events)

    def _keep_texts(
        self, import_id: str, spooled: SpooledRows, decided: DecidedRows, decisions: Sequence[Decision]
    ) -> None:
        """What the log does not hold: the values of refused cells, and which rows were accepted."""
        values = values_at_fault(spooled.lines, decided.refused)
        self._spool.refused_values.add(import_id, spooled.part.name, values)
        self._spool.keep_outcomes(import_id, spooled, [_outcome(decision) for decision in decisions])


def _outcome(decision: Decision) -> str:
    match decision:
        case Accepted():
            return "accepted"
        case Refused():
            return "refused"
    return "unchanged"
