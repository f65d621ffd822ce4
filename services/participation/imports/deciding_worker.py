"""The service's side of the process that decides large imports: asks it, a batch at a time, and starts and ends it."""

import time
from collections.abc import Callable
from pathlib import Path

from chassis.events.canonical_json import instant
from chassis.process.greenlets import sleep
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
REST, MOST_REST_SECONDS = 3.0, 1.0
"""So many times as long as a batch took, nothing is decided after it."""


class DecidingWorker:
    """`heartbeat` is called every few seconds while a batch is decided."""

    def __init__(self, store: Store, units_of_work: UnitsOfWork, folder: Path, heartbeat: Callable[[], None]) -> None:
        self._store, self._units_of_work, self._folder, self._heartbeat = store, units_of_work, folder, heartbeat
        self._worker = WorkerProcess(MODULE)
        self._batch_seconds = 0.0

    def decide_batch(self, import_id: str, actor: str) -> Advanced:
        """As Deciding.decide_batch, from a process.  Problem, NotWritten, ProcessFailed."""
        order = Order(
            database_url=self._store.url.render_as_string(hide_password=False), spool=str(self._folder),
            import_id=import_id, actor=actor, now=instant(self._units_of_work.clock()),
        )  # fmt: skip
        if not self._worker.is_running:  # nobody who writes waits for its start, which takes as long as many batches
            self._ask({**order, "import_id": ""})
        with self._store.lent(), beating(self._heartbeat):
            began = time.monotonic()
            answer = self._ask(order)
            self._batch_seconds = time.monotonic() - began
        if problem := answer.get("problem"):
            status, code, detail, more = problem
            raise Problem(status, code, detail, **more)
        self._units_of_work.on_appended()
        return Advanced(*answer["advanced"])

    def _ask(self, order: Order) -> Answer:
        """NotWritten, ProcessFailed."""
        answer: Answer = self._worker.ask(order, BATCH_SECONDS)
        if away := answer.get("away"):
            raise NotWritten(*away)
        return answer

    def rest(self) -> None:
        """Leaves the store and the processors to the others, who had to wait for the last batch."""
        sleep(min(MOST_REST_SECONDS, REST * self._batch_seconds))

    def stop(self) -> None:
        """Until the next batch nobody needs it."""
        self._worker.stop()
