"""The loop that sends reminders: decides the day's digests once, then has them delivered; one process at a time, never
on a rest day or in quiet hours."""

from collections.abc import Collection
from pathlib import Path

import structlog

from chassis.events.canonical_json import instant
from chassis.messaging.catch_up import CatchUp
from chassis.process.greenlets import Wakeup
from chassis.process.loop_monitor import LoopMonitor
from chassis.store.unit_of_work import UnitsOfWork
from duties.days import Day
from services.notifications.calendar.handlers import fill_calendar
from services.notifications.delivery.campaign_clock import CampaignClock, CampaignTime
from services.notifications.delivery.delivery_worker import ACTOR, LOOP, DeliveryWorker
from services.notifications.delivery.sending_lock import SendingLockLost, try_sending_lock
from services.notifications.digests.handlers import decide_digests, is_decided
from services.notifications.digests.recheck import DigestRecheck

_log = structlog.get_logger(__name__)
TICK_SECONDS = 2.0
CATCH_UP_CHECKS, BETWEEN_CHECKS_SECONDS = 20, 0.05


class ReminderSchedule:
    """The one loop that sends.  `sources`: the services whose events it waits for; `folder`: for its files."""

    def __init__(
        self, units_of_work: UnitsOfWork, monitor: LoopMonitor, catch_up: CatchUp, sources: Collection[str],
        folder: Path, campaign_clock: CampaignClock, recheck: DigestRecheck, delivery_worker: DeliveryWorker,
    ) -> None:  # fmt: skip
        self.monitor, self.wakeup = monitor, Wakeup()
        self._units_of_work, self._store, self._folder = units_of_work, units_of_work.store, folder
        self._catch_up, self._sources = catch_up, sources
        self._campaign_clock, self._recheck, self._delivery_worker = campaign_clock, recheck, delivery_worker
        self._calendar_filled = False
        self._caught_up_to: tuple[Day, str] = (0, "")

    def tick(self) -> None:
        """Do what there is to do now."""
        now = self._campaign_clock.now()
        if now is None:
            return
        if not self._calendar_filled:
            fill_calendar(self._units_of_work, ACTOR)
            self._calendar_filled = True
            self._campaign_clock.refresh()
            now = self._campaign_clock.now() or now
        if now.block_reason or not self._has_work(now.day):
            return
        with try_sending_lock(self._store, self._folder) as lock:
            if lock is None:
                return
            try:
                if self._caught_up(now):
                    self._decide_day(now)
                    self._delivery_worker.send_pending(lock)
            except SendingLockLost as error:
                _log.warning("stopped sending", reason=str(error))

    def _has_work(self, day: Day) -> bool:
        return not is_decided(self._store, day) or self._delivery_worker.has_pending()

    def _decide_day(self, now: CampaignTime) -> None:
        with self._store.reading() as connection:
            positions = self._recheck.inbox_positions(connection)  # what is received after that is checked again
        if is_decided(self._store, now.day):
            return
        decide_digests(
            self._units_of_work, self._folder, ACTOR, now.campaign, now.day, lambda: self.monitor.pulse(LOOP)
        )
        self._recheck.mark_decided(now.day, positions)

    def _caught_up(self, now: CampaignTime) -> bool:
        """Whether everything that the sources recorded up to the day's first check is here: what is still on its way
        may meet what would be reminded of, also in a digest that waited for another attempt."""
        if self._caught_up_to[0] != now.day:
            self._caught_up_to = now.day, instant(self._units_of_work.clock())
        for _ in range(CATCH_UP_CHECKS):
            if all(self._catch_up.watermark(source) >= self._caught_up_to[1] for source in self._sources):
                self._caught_up_to = 0, ""
                return True
            self._catch_up.request()
            self.wakeup.wait(BETWEEN_CHECKS_SECONDS)
        return False
