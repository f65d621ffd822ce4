"""The background work on rosters: files are read and compared.  Any replica with the folder works on it, one at a time
under the comparison's lock; after a crash another process continues."""

from dataclasses import replace
from typing import Final

import sqlalchemy as sa
import structlog

from chassis.process import subprocesses
from chassis.process.greenlets import ProgressSignal, Wakeup, yield_control
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.problems import Problem
from chassis.process.quiet_log import QuietLog
from chassis.store.database import Store, is_transient
from services.participation.registry.projections import memberships
from services.participation.roster import comparing
from services.participation.roster.comparing import Order
from services.participation.roster.comparisons import ABANDONED, READING, UNREADABLE, Comparison, Comparisons
from services.participation.roster.previews import Previews
from services.participation.roster.uploads import read_upload

_log = structlog.get_logger(__name__)
LOOP: Final = "rosters"
LOOK_SECONDS: Final = 10.0
"""The interval of looking for work that another process left."""
AT_ONCE: Final = 1_000
"""At most so many rows and memberships are compared in the service: that is faster than starting a process."""
LONGEST_SECONDS: Final = 1800.0
MOST_ATTEMPTS: Final = 5
GAVE_UP: Final = "比对没有做完，请重新上传；仍不行的，按单位拆分文件，或联系运维人员。"


class RosterJob:
    """Reads and compares what was begun in the folder of `previews`."""

    def __init__(self, store: Store, previews: Previews, comparisons: Comparisons, monitor: LoopMonitor) -> None:
        self._store, self._previews, self._comparisons, self._monitor = store, previews, comparisons, monitor
        self._warnings = QuietLog(_log)
        self.wakeup, self.moved = Wakeup(), ProgressSignal()

    def compare_all(self) -> None:
        """One after the other; an error in one does not affect the others."""
        for comparison in self._comparisons.open():
            if self._monitor.stopping:
                return
            with self._comparisons.locked(comparison.head.roster_id) as acquired:
                if acquired and (open_still := self._comparisons.find(comparison.head.roster_id)):
                    self._advance(open_still)
            self.moved.advance()
            self._monitor.pulse(LOOP)
            yield_control()

    def _advance(self, comparison: Comparison) -> None:
        if not comparison.is_open:
            return
        begun = replace(comparison, state=READING, attempts=comparison.attempts + 1)
        self._comparisons.note(begun)
        try:
            self._compare(begun)
        except Problem as problem:
            if problem.status >= 500:  # other files can still be read
                self._comparisons.note(comparison)
            else:
                self._comparisons.fail(begun, UNREADABLE, problem.detail)
        except Exception as error:
            is_away = is_transient(error) or isinstance(error, OSError)
            if not is_away:
                self._warnings.exception("roster not compared", f"{comparison.head.roster_id} {type(error).__name__}")
            self._handle_failure(comparison if is_away else begun)

    def _handle_failure(self, comparison: Comparison) -> None:
        """It is tried again in the next round, up to a number of attempts."""
        if comparison.attempts >= MOST_ATTEMPTS:
            self._comparisons.fail(comparison, ABANDONED, GAVE_UP)
        else:
            self._comparisons.note(comparison)
        self._monitor.outage(LOOP)

    def _compare(self, comparison: Comparison) -> None:
        roster_id = comparison.head.roster_id
        if self._comparisons.upload(roster_id).exists():
            with subprocesses.beating(self._pulse):
                rows = read_upload(self._comparisons.place(roster_id), comparison.head.file)
        elif preview := self._previews.find(roster_id):
            rows = sum(preview.counts.values())
        else:  # somebody was erased meanwhile
            self._comparisons.end(roster_id)
            return
        if rows + self._memberships() <= AT_ONCE:
            comparing.compare(self._store, self._previews, self._comparisons, comparison, yield_control)
        else:
            self._compare_elsewhere(roster_id)
        self._comparisons.end(roster_id)

    def _compare_elsewhere(self, roster_id: str) -> None:
        """Compare in a process of its own.  Raises ProcessFailed."""
        order = Order(database_url=self._store.url.render_as_string(hide_password=False),
                      folder=str(self._previews.folder), roster_id=roster_id)  # fmt: skip
        subprocesses.run_module(comparing.MODULE, given=order, seconds=LONGEST_SECONDS, heartbeat=self._pulse)

    def _pulse(self) -> None:
        self._monitor.pulse(LOOP)

    def _memberships(self) -> int:
        with self._store.reading() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(memberships)).scalar_one())
