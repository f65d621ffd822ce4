"""The campaign's local day and time, and whether reminders may be sent at that moment."""

import time
from datetime import datetime
from typing import NamedTuple

from chassis.process.clock import Clock
from chassis.store.database import Store
from duties.campaign import Campaign
from duties.days import Day
from services.notifications.calendar.queries import working_days
from services.notifications.obligations.queries import campaign_in_force, launched_at
from services.notifications.preferences.domain import effective_minute, minute_of
from services.notifications.rules.reminder_stages import sending_block_reason
from services.notifications.rules.working_days import WorkingDays

REFRESH_SECONDS = 1.0


class CampaignTime(NamedTuple):
    """The campaign's local day and time; `block_reason`: why nothing may be sent now, empty if it may."""

    campaign: Campaign
    day: Day
    clock: str
    block_reason: str

    @property
    def minute(self) -> int:
        """The minute of the day, to compare with a recipient's chosen hour."""
        return effective_minute(minute_of(self.clock), self.campaign.reminders)


class CampaignClock:
    """The clock in the campaign's time zone, with the calendar of working days."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._requested_day: Day = 0
        self._refreshed_at = 0.0
        self._rules: tuple[Campaign | None, WorkingDays, int] = None, WorkingDays(), 0

    def allow_on_launch_day(self, day: Day) -> None:
        """Allow sending on the launch day too, at an operator's request: the data is complete."""
        self._requested_day = day

    def refresh(self) -> None:
        """Read campaign and calendar again at the next call of `now`."""
        self._refreshed_at = 0.0

    def now(self) -> CampaignTime | None:
        """None without a campaign.  Campaign and calendar are cached for a second."""
        if self._rules[0] is None or time.monotonic() - self._refreshed_at > REFRESH_SECONDS:
            with self._store.reading() as connection:
                self._rules = campaign_in_force(connection), working_days(connection), launched_at(connection)
            self._refreshed_at = time.monotonic()
        campaign, calendar, launch = self._rules
        if campaign is None:
            return None
        local = self._clock().astimezone(campaign.zone)
        day, minute = _day_and_minute(local)
        launched = (0, 0)
        if day != self._requested_day:
            launched = _day_and_minute(datetime.fromtimestamp(launch / 1e6, campaign.zone))
        reason = sending_block_reason(day, minute, campaign.reminders, calendar, launched)
        return CampaignTime(campaign, day, f"{local:%H:%M}", reason)


def _day_and_minute(local: datetime) -> tuple[Day, int]:
    return local.date().toordinal(), local.hour * 60 + local.minute
