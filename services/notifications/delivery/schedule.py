"""The loop that sends reminders: decides the day's digests once, then has them delivered; one process at a time, never
on a rest day or in quiet hours."""

import time
from collections.abc import Mapping
from datetime import datetime

import structlog

from chassis.process.greenlets import Wakeup
from chassis.runtime.service_runtime import ServiceRuntime
from duties.campaign import Campaign
from duties.days import Day
from services.notifications.calendar.handlers import fill_calendar
from services.notifications.calendar.queries import working_days
from services.notifications.channels import Channel
from services.notifications.delivery.delivery_worker import ACTOR, LOOP, CampaignTime, DeliveryWorker
from services.notifications.delivery.sending_lock import SendingLockLost, try_sending_lock
from services.notifications.digests.handlers import decide_digests, is_decided
from services.notifications.digests.names import NameLookup
from services.notifications.digests.recheck import DigestRecheck
from services.notifications.obligations.queries import campaign_in_force, launched_at
from services.notifications.rules.stages import sending_block_reason
from services.notifications.rules.working_days import WorkingDays

_log = structlog.get_logger(__name__)
TICK_SECONDS = 2.0
REFRESH_SECONDS = 1.0
CATCH_UP_CHECKS, BETWEEN_CHECKS_SECONDS = 20, 0.05


class ReminderSchedule:
    """The one loop that sends."""

    def __init__(self, runtime: ServiceRuntime, channels: Mapping[str, Channel], mail_domain: str) -> None:
        self.runtime, self.wakeup = runtime, Wakeup()
        self.names, self._recheck = NameLookup(runtime), DigestRecheck(runtime)
        self.delivery_worker = DeliveryWorker(
            runtime, channels, mail_domain, self.campaign_time, self._recheck, self.names
        )
        self._calendar_filled = False
        self._requested_day: Day = 0
        self._refreshed_at = 0.0
        self._caught_up_to: tuple[Day, str] = (0, "")
        self._rules: tuple[Campaign | None, WorkingDays, int] = None, WorkingDays(), 0

    def request_run(self, day: Day) -> None:
        """An operator wants the day's reminders sent also on the day of the launch: what there is to know is here."""
        self._requested_day = day

    def tick(self) -> None:
        """Do what there is to do now."""
        now = self.campaign_time()
        if now is None:
            return
        if not self._calendar_filled:
            fill_calendar(self.runtime, ACTOR)
            self._calendar_filled, self._refreshed_at = True, 0.0
            now = self.campaign_time() or now
        if now.block_reason or not self._has_work(now.day):
            return
        with try_sending_lock(self.runtime) as lock:
            if lock is None:
                return
            try:
                if self._caught_up(now):
                    self._decide_day(now)
                    self.delivery_worker.send_pending(lock)
            except SendingLockLost as error:
                _log.warning("stopped sending", reason=str(error))

    def campaign_time(self) -> CampaignTime | None:
        """None without a campaign.  Campaign and calendar are read once a second at most."""
        if time.monotonic() - self._refreshed_at > REFRESH_SECONDS:
            with self.runtime.store.reading() as connection:
                self._rules = campaign_in_force(connection), working_days(connection), launched_at(connection)
            self._refreshed_at = time.monotonic()
        campaign, calendar, launch = self._rules
        if campaign is None:
            return None
        local = self.runtime.clock().astimezone(campaign.zone)
        day, minute = _day_and_minute(local)
        launched = (0, 0)
        if day != self._requested_day:
            launched = _day_and_minute(datetime.fromtimestamp(launch / 1e6, campaign.zone))
        reason = sending_block_reason(day, minute, campaign.reminders, calendar, launched)
        return CampaignTime(campaign, day, f"{local:%H:%M}", reason)

    def _has_work(self, day: Day) -> bool:
        return not is_decided(self.runtime, day) or self.delivery_worker.has_pending()

    def _decide_day(self, now: CampaignTime) -> None:
        with self.runtime.store.reading() as connection:
            positions = self._recheck.inbox_positions(connection)  # what is received after that is checked again
        if is_decided(self.runtime, now.day):
            return
        decide_digests(self.runtime, ACTOR, now.campaign, now.day, lambda: self.runtime.monitor.pulse(LOOP))
        self._recheck.mark_decided(now.day, positions)

    def _caught_up(self, now: CampaignTime) -> bool:
        """Whether everything that the sources recorded up to the day's first check is here: what is still on its way
        may meet what would be reminded of, also in a digest that waited for another attempt."""
        catch_up = self.runtime.catch_up
        if self._caught_up_to[0] != now.day:
            self._caught_up_to = now.day, self.runtime.now()
        for _ in range(CATCH_UP_CHECKS):
            if all(catch_up.watermark(source) >= self._caught_up_to[1] for source in self.runtime.inbox.sources):
                self._caught_up_to = 0, ""
                return True
            catch_up.request()
            self.wakeup.wait(BETWEEN_CHECKS_SECONDS)
        return False


def _day_and_minute(local: datetime) -> tuple[Day, int]:
    return local.date().toordinal(), local.hour * 60 + local.minute
