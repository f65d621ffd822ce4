"""A loop that probes whether the service can write, so that readiness reports a full disk, and its end, without
traffic."""

import time
from pathlib import Path

import structlog

from chassis.process import greenlets
from chassis.process.loop_monitor import LoopMonitor
from chassis.store.database import Store
from chassis.store.unit_of_work import HANDLER_ERRORS
from chassis.store.write_health import WriteFault, WriteHealth, ask_for_room

_log = structlog.get_logger(__name__)
LOOP = "write_probe"
PROBE_SECONDS = 5.0


class WriteProbe:
    """Probes the store and the data folder, which holds uploads, reports and content."""

    def __init__(self, store: Store, folder: Path, monitor: LoopMonitor) -> None:
        self._store, self._folder, self._monitor = store, folder, monitor
        self._files = WriteHealth()
        self._word = ""

    @property
    def fault(self) -> WriteFault | None:
        return self._store.write_health.fault or self._files.fault

    def run(self) -> None:
        while not self._monitor.stopping:
            self.look()
            self._monitor.pulse(LOOP)
            greenlets.sleep(PROBE_SECONDS)

    def look(self) -> None:
        """Probe by writing, unless writes succeeded since the last probe and none failed."""
        health = self._store.write_health
        if health.fault or time.monotonic() - health.written_at > PROBE_SECONDS:
            try:
                self._store.probe_writing()
                health.recovered()
            except HANDLER_ERRORS as error:
                if not health.failed(error):
                    _log.warning("the store was not probed", error=repr(error)[:300])
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            ask_for_room(self._folder)
            self._files.recovered()
        except OSError as error:
            self._files.failed(error)
        self._log_change()

    def _log_change(self) -> None:
        fault = self.fault
        word = fault.word if fault else ""
        if word == self._word:
            return
        self._word = word
        if fault:
            _log.error("writing fails", reason=word, detail=fault.detail)
        else:
            _log.warning("writing works again")
