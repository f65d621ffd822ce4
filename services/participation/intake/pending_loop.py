"""The loop that decides pending reports: those whose turn has come, and those that were pending too long."""

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
    """Between two looks, unless something wakes the loop."""
    return min(LOOK_SECONDS, max(1, settings.intake_patience))


class PendingLoop:
    """`patience`: seconds that a report may be pending before it is decided for good."""

    def __init__(self, units_of_work: UnitsOfWork, monitor: LoopMonitor, patience: float) -> None:
        self._units_of_work, self._monitor, self._patience = units_of_work, monitor, patience
        self._warnings = QuietLog(_log)
        self.wakeup = Wakeup()

    def wake(self) -> None:
        """Something was accepted that pending reports may have awaited."""
        self.wakeup.set()

    def decide_all(self) -> None:
        """Decide every report whose turn has come, or that was pending too long."""
        try:
            while self.decide_ready_reports() or self.expire_reports():
                self._monitor.pulse(LOOP)
        except Exception as error:
            if not is_transient(error):
                self._warnings.exception("pending reports not decided", type(error).__name__)
            self._monitor.outage(LOOP)

    def decide_ready_reports(self) -> int:
        """One transaction: decides reports again of what they awaited.  How many."""
        return self._in_batch(lambda batch, _: batch.decide_ready(BATCH))

    def expire_reports(self) -> int:
        """One transaction: decides for good what was pending too long.  How many."""
        patience = timedelta(seconds=self._patience)
        return self._in_batch(lambda batch, now: batch.expire(instant(moment(now) - patience), BATCH))

    def _in_batch(self, decide: Callable[[ReportBatch, str], int]) -> int:
        with self._units_of_work.begin("service:participation") as unit_of_work:
            return decide(ReportBatch(unit_of_work), unit_of_work.now)
