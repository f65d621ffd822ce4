"""The loop that decides pending reports again: those that were released, and those that were pending for too long."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from chassis.events.canonical_json import instant, moment
from chassis.process.greenlets import Wakeup
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.quiet_log import QuietLog
from chassis.process.settings import Settings
from chassis.store.database import is_transient
from chassis.store.unit_of_work import UnitsOfWork
from services.participation.intake.report_batch import ReportBatch

_log = structlog.get_logger(__name__)
LOOP = "waiting"
BATCH = 500
LOOK_SECONDS = 30.0


def pause_seconds(settings: Settings) -> float:
    """The pause between rounds, unless something wakes the loop."""
    return min(LOOK_SECONDS, max(1, settings.intake_patience))


class PendingLoop:
    """`patience`: seconds after which a pending report is decided finally."""

    def __init__(self, units_of_work: UnitsOfWork, monitor: LoopMonitor, patience: float) -> None:
        self._units_of_work, self._monitor, self._patience = units_of_work, monitor, patience
        self._warnings = QuietLog(_log)
        self.wakeup = Wakeup()

    def wake(self) -> None:
        """Called when something was accepted that pending reports may await."""
        self.wakeup.set()

    def decide_all(self) -> None:
        """Decide every report that was released or was pending for too long."""
        try:
            while self.decide_ready_reports() or self.expire_reports():
                self._monitor.pulse(LOOP)
        except Exception as error:
            if not is_transient(error):
                self._warnings.exception("pending reports not decided", type(error).__name__)
            self._monitor.outage(LOOP)

    def decide_ready_reports(self) -> int:
        """One transaction: decide released reports again; returns how many."""
        return self._in_batch(lambda batch, _: batch.decide_ready(BATCH))

    def expire_reports(self) -> int:
        """One transaction: decide finally what was pending for too long; returns how many."""
        patience = timedelta(seconds=self._patience)
        return self._in_batch(lambda batch, now: batch.expire(instant(moment(now) - patience), BATCH))

    def _in_batch(self, decide: Callable[[ReportBatch, str], int]) -> int:
        with self._units_of_work.begin("service:participation") as unit_of_work:
            return decide(ReportBatch(unit_of_work), unit_of_work.now)
