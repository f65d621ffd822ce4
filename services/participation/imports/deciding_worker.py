"""The service's side of the process that decides large imports: asks it, a batch at a time, and starts and ends it."""

from collections.abc import Callable
from pathlib import Path

from chassis.events.canonical_json import instant
from chassis.process.problems import Problem
from chassis.process.subprocesses import beating
from chassis.process.worker_process import WorkerProcess
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from chassis.store.write_health import NotWritten
from services.participation.imports.deciding import Advanced
from services.participation.imports.deciding_process import MODULE, Answer, Order

BATCH_SECONDS = 3600.0
"""Units of a province, all at once."""


class DecidingWorker:
    """`heartbeat` is called every few seconds while a batch is decided."""

    def __init__(self, store: Store, units_of_work: UnitsOfWork, folder: Path, heartbeat: Callable[[], None]) -> None:
        self._store, self._units_of_work, self._folder, self._heartbeat = store, units_of_work, folder, heartbeat
        self._worker = WorkerProcess(MODULE)

    def decide_batch(self, import_id: str, actor: str) -> Advanced:
        """As Deciding.decide_batch, from a process.  Problem, NotWritten, ProcessFailed."""
        order = Order(
            database_url=self._store.url.render_as_string(hide_password=False), spool=str(self._folder),
            import_id=import_id, actor=actor, now=instant(self._units_of_work.clock()),
        )  # fmt: skip
        with self._store.lent(), beating(self._heartbeat):
            answer: Answer = self._worker.ask(order, BATCH_SECONDS)
            if away := answer.get("away"):
                raise NotWritten(*away)
        if problem := answer.get("problem"):
            status, code, detail, more = problem
            raise Problem(status, code, detail, **more)
        self._units_of_work.on_appended()
        return Advanced(*answer["advanced"])

    def stop(self) -> None:
        """Until the next batch nobody needs it."""
        self._worker.stop()
