"""The loops of reminders: one decides each day's digests once, one per channel sends them; each runs in one process at
a time, never on rest days or in quiet hours."""

from pathlib import Path

import structlog

from chassis.events.canonical_json import instant
from chassis.process.greenlets import Wakeup
from chassis.process.loop_monitor import LoopMonitor
from chassis.store import event_log
from chassis.store.unit_of_work import UnitsOfWork
from duties.days import iso
from services.notifications.calendar.handlers import fill_calendar
from services.notifications.delivery.campaign_clock import CampaignClock, CampaignTime
from services.notifications.delivery.caught_up import SourcesCaughtUp
from services.notifications.delivery.channel_queries import channel_health
from services.notifications.delivery.delivery_worker import ACTOR, DeliveryWorker
from services.notifications.delivery.domain import DELIVERY, SupersedeDelivery
from services.notifications.delivery.pending import START, has_pending, pending_before
from services.notifications.delivery.sending_lock import DECIDING, SendingLockLost, try_sending_lock
from services.notifications.digests.handlers import decide_digests, is_decided
from services.notifications.digests.recheck import DigestRecheck

_log = structlog.get_logger(__name__)
LOOP = "reminding"
TICK_SECONDS = 2.0


class ReminderSchedule:
    """The loop that decides a day; `folder`: for its files."""

    def __init__(
        self, units_of_work: UnitsOfWork, monitor: LoopMonitor, caught_up: SourcesCaughtUp, folder: Path,
        campaign_clock: CampaignClock, recheck: DigestRecheck,
    ) -> None:  # fmt: skip
        self.monitor, self.wakeup = monitor, Wakeup()
        self._units_of_work, self._store, self._folder = units_of_work, units_of_work.store, folder
        self._campaign_clock, self._recheck, self._caught_up = campaign_clock, recheck, caught_up
        self._calendar_filled = False

    def tick(self) -> bool:
        """Decide the day if it is due.  Returns whether it was decided now."""
        now = self._campaign_clock.now()
        if now is None:
            return False
        if not self._calendar_filled:
            fill_calendar(self._units_of_work, ACTOR)
            self._calendar_filled = True
            self._campaign_clock.refresh()
            now = self._campaign_clock.now() or now
        if now.block_reason or is_decided(self._store, now.day):
            return False
        with try_sending_lock(self._store, self._folder, DECIDING) as lock:
            if lock is None or not self._caught_up.check(now.day, self.wakeup):
                return False
            self._decide_day(now)
        return True

    def _decide_day(self, now: CampaignTime) -> None:
        with self._store.reading() as connection:
            # events received after these positions are checked again before sending
            positions = self._recheck.inbox_positions(connection)
        if is_decided(self._store, now.day):
            return
        self._supersede(now)
        decide_digests(
            self._units_of_work, self._folder, ACTOR, now.campaign, now.day, lambda: self.monitor.pulse(LOOP)
        )
        self._recheck.mark_decided(now.day, positions)

    def _supersede(self, now: CampaignTime) -> None:
        """End the pending digests of earlier days: the one decided now covers them."""
        after = START
        while True:
            with self._store.reading() as connection:
                page = pending_before(connection, now.day, after)
            if not page:
                return
            with self._units_of_work.begin(ACTOR) as work:
                work.execute_all(DELIVERY, [SupersedeDelivery(recipient, iso(day)) for recipient, day in page])
            after = page[-1]
            self.monitor.pulse(LOOP)


class ChannelLoop:
    """The loop of one channel: sends what is pending, unless the channel's circuit breaker is open."""

    def __init__(
        self, worker: DeliveryWorker, units_of_work: UnitsOfWork, folder: Path, campaign_clock: CampaignClock,
        caught_up: SourcesCaughtUp,
    ) -> None:  # fmt: skip
        self.wakeup, self._worker = Wakeup(), worker
        self._units_of_work, self._store, self._folder = units_of_work, units_of_work.store, folder
        self._campaign_clock, self._caught_up = campaign_clock, caught_up
        self._probe_at_once = False
        self._idle_at: tuple[object, ...] = ()

    def request(self) -> None:
        """Called when an operator wants the day's digests sent: probes an open channel at once."""
        self._probe_at_once = True
        self.wakeup.set()

    def tick(self) -> None:
        """Send what is due."""
        now = self._campaign_clock.now()
        if now is None or now.block_reason or not is_decided(self._store, now.day):
            return
        at = instant(self._units_of_work.clock())
        with self._store.reading() as connection:
            health = channel_health(connection, self._worker.name)
            mark = (at[:16], *(head.position for head in event_log.read_heads(connection)))
            if mark == self._idle_at or not has_pending(connection, at, now.minute):
                return  # nothing changed since the last query found nothing for this channel
        state, self._probe_at_once = (
            ("half_open" if self._probe_at_once and health.failures else health.state(at)),
            False,
        )
        if state == "open":
            return
        self._send(now, mark, state == "half_open")

    def _send(self, now: CampaignTime, mark: tuple[object, ...], probing: bool) -> None:
        with try_sending_lock(self._store, self._folder, self._worker.name) as lock:
            if lock is None or not self._caught_up.check(now.day, self.wakeup):
                return
            try:
                self._worker.send_pending(lock, probing)
            except SendingLockLost as error:
                _log.warning("stopped sending", channel=self._worker.name, reason=str(error))
                return
        with self._store.reading() as connection:
            heads = tuple(head.position for head in event_log.read_heads(connection))
        self._idle_at = mark if mark[1:] == heads else ()
