"""The service's side of the process that decides large imports: starts and ends it, and asks for a batch at a time."""

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
from services.participation.imports.deciding import BatchResult
from services.participation.imports.deciding_process import MODULE, Answer, Order

BATCH_SECONDS = 3600.0
"""Long enough for all units of a province, which are one batch."""
REST, MOST_REST_SECONDS = 3.0, 1.0
"""Pause after a batch, as a multiple of its duration, and its maximum."""


class DecidingWorker:
    """`heartbeat` is called every few seconds while a batch is decided."""

    def __init__(self, store: Store, units_of_work: UnitsOfWork, folder: Path, heartbeat: Callable[[], None]) -> None:
        self._store, self._units_of_work, self._folder, self._heartbeat = store, units_of_work, folder, heartbeat
        self._worker = WorkerProcess(MODULE)
        self._batch_seconds = 0.0

    def decide_batch(self, import_id: str, actor: str, most: int) -> BatchResult:
        """As Deciding.decide_batch, in the process.  Raises Problem, NotWritten, ProcessFailed."""
        order = Order(
            database_url=self._store.url.render_as_string(hide_password=False), spool=str(self._folder),
            import_id=import_id, actor=actor, now=instant(self._units_of_work.clock()), most=most,
        )  # fmt: skip
        if not self._worker.is_running:  # started outside the lock of writers: a start takes as long as many batches
            self._ask_worker({**order, "import_id": ""})
        with self._store.lent(), beating(self._heartbeat):
            began = time.monotonic()
            answer = self._ask_worker(order)
            self._batch_seconds = time.monotonic() - began
        if problem := answer.get("problem"):
            status, code, detail, more = problem
            raise Problem(status, code, detail, **more)
        self._units_of_work.on_appended()
        return BatchResult(*answer["advanced"])

    def _ask_worker(self, order: Order) -> Answer:
        """The worker's answer.  Raises NotWritten if the store is away, ProcessFailed."""
        answer: Answer = self._worker.ask(order, BATCH_SECONDS)
        if away := answer.get("away"):
            raise NotWritten(*away)
        return answer

    def rest(self) -> None:
        """Pause, so that others get the store and the processors."""
        sleep(min(MOST_REST_SECONDS, REST * self._batch_seconds))

    def stop(self) -> None:
        """End the process until the next batch."""
        self._worker.stop()
