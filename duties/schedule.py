"""The duties of a campaign laid out over its periods, once, so that no subject's calculation touches the calendar."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from duties.campaign import Campaign
from duties.days import EVER, Day
from duties.periods import Period
from duties.rules import Duty


@dataclass(frozen=True, slots=True)
class DutyPeriod:
    """A duty in one period, before anybody owes it (scoring.md 2).

    `late_limit` is the last day on which a record counts; `falls_on` places it in a window that is asked from the day
    `asked_from` on (scoring.md 4); `paused` are the kinds of unit that owe nothing here.  `is_owed` is False where
    joiners alone owe it.
    """

    position: int
    duty: Duty
    period: str
    start: Day
    end: Day
    due: Day
    late_limit: Day
    falls_on: Day
    asked_from: Day
    paused: frozenset[str]
    closes_on: Day
    is_owed: bool = True

    @property
    def joinable(self) -> bool:
        """Whether who comes after the due day owes it, by a due day of their own."""
        return self.duty.joiners_days is not None

    def joiners_due(self, first: Day) -> Day | None:
        """The own due day of a subject that first serves on that day; None where it does not join."""
        days = self.duty.joiners_days
        if days is None or not self.due < first < self.closes_on or not self.duty.is_owed_from(first + days):
            return None
        return first + days

    @property
    def least_service(self) -> int:
        """The days in service within `[start, due]` below which a person owes nothing; none for a once-duty."""
        share = self.duty.min_service
        if self.duty.every == "once":
            return 0
        return -((self.start - self.due - 1) * share.numerator // share.denominator)


class DutyCalendar:
    """One duty's periods, for finding the one to which a record of its kind belongs."""

    def __init__(self, duty: Duty, periods: Iterable[DutyPeriod]) -> None:
        self.duty = duty
        self.periods = tuple(periods)
        self.by_id = {item.period: item for item in self.periods}
        self._starts = [item.start for item in self.periods]

    def containing(self, day: Day) -> DutyPeriod | None:
        """The period of a record that names none (scoring.md 3): the one of its day, or a once-duty's only one."""
        if self.duty.every == "once":
            return self.periods[0] if self.periods else None
        place = bisect_right(self._starts, day) - 1
        return self.periods[place] if place >= 0 and day < self.periods[place].end else None


class Schedule:
    """The duty periods that begin up to a day, or those of them that `wanted` picks.

    Records and instances of periods that are not in the schedule do not exist for it, so `until` must reach the latest
    as-of day that will be asked.
    """

    def __init__(self, campaign: Campaign, until: Day, wanted: Callable[[DutyPeriod], bool] | None = None) -> None:
        self.campaign = campaign
        calendars = [
            DutyCalendar(duty, filter(wanted, _duty_periods(campaign, duty, until))) for duty in campaign.duties
        ]
        self.unit_calendars: Mapping[str, DutyCalendar] = {
            item.duty.record: item for item in calendars if not item.duty.of_persons
        }
        self.person_calendars: Mapping[str, DutyCalendar] = {
            item.duty.record: item for item in calendars if item.duty.of_persons
        }
        self.unit_periods = tuple(period for item in self.unit_calendars.values() for period in item.periods)
        self.person_periods = tuple(
            (period, period.duty.who.roles, period.least_service)
            for calendar in self.person_calendars.values()
            for period in calendar.periods
        )
        self.joinable_person_periods = tuple(period for period, _, _ in self.person_periods if period.joinable)
        awards = campaign.individual_awards
        kinds = (line.record for line in awards.points) if awards else ()
        self.point_only_kinds = frozenset(kinds) - self.person_calendars.keys()
        self.person_kinds = self.point_only_kinds | self.person_calendars.keys()


def _duty_periods(campaign: Campaign, duty: Duty, until: Day) -> list[DutyPeriod]:
    """Those that somebody can owe."""
    periods = (_duty_period(campaign, duty, period) for period in campaign.periods_begun(duty, until))
    return [item for item in periods if item.is_owed or item.joinable]


def _duty_period(campaign: Campaign, duty: Duty, period: Period) -> DutyPeriod:
    due = campaign.due(duty, period)
    pauses = [pause for pause in campaign.pauses if duty.id in pause.duties and period.id in pause.periods]
    return DutyPeriod(
        position=campaign.duties.index(duty),
        duty=duty,
        period=period.id,
        start=period.start,
        end=period.end,
        due=due,
        late_limit=campaign.late_limit(duty, period),
        falls_on=max(period.end - 1 if duty.counts_in_period else due, campaign.starts_on),
        asked_from=max(due, campaign.starts_on),
        paused=frozenset().union(*(pause.kinds for pause in pauses)),
        closes_on=EVER if campaign.closes_on is None else campaign.closes_on,
        is_owed=campaign.is_owed_in(duty, period),
    )
