"""The stages of reminders: on which day which level is notified that something is due soon, due today, overdue; at most
the latest of them (domain.md, 逐级提醒)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from duties.days import Day
from duties.reminders import LEVELS, Reminders
from services.notifications.rules.working_days import WorkingDays

DUE_SOON: Final = "due_soon"
DUE_TODAY: Final = "due_today"
OVERDUE: Final = "overdue"
RAISED: Final = "raised"
SCORED: Final = "scored"
RETURNED: Final = "returned"
REPEATED: Final = "repeated"
TAKE_DOWN: Final = "take_down"
TO_REVIEW: Final = "to_review"
REVIEW_LATE: Final = "review_late"
TO_CHECK: Final = "to_check"
CHECK_LATE: Final = "check_late"
CLOSED: Final = "closed"
TO_READ: Final = "to_read"
SELECTED: Final = "selected"
DESELECTED: Final = "deselected"


class ReachedStage(NamedTuple):
    """A stage, and the first day on which it is to be sent."""

    stage: str
    since: Day


@dataclass(frozen=True)
class Stages:
    """The stages on one day, for any due day."""

    day: Day
    reminders: Reminders
    working_days: WorkingDays
    launched_on: Day = 0
    _repetitions: dict[tuple[Day, str], list[ReachedStage]] = field(default_factory=dict, compare=False)

    def reached(self, due: Day, level: str, owner: bool, top: bool = False) -> ReachedStage | None:
        """The latest stage that the level has reached.  Only the `owner` of a duty (its lowest level) is reminded
        before it is overdue; only the `top` level is reminded repeatedly while it is.  None: no stage yet, or one too
        old to be sent."""
        if top and (due, level) not in self._repetitions:
            self._repetitions[due, level] = self._latest_repetition(due, level)
        for stage in self._repetitions[due, level] if top else ():
            return stage if self.is_fresh(stage.since) else None
        for stage in self._latest_first(due, level, owner):
            if stage.since <= self.day:
                return stage if self.is_fresh(stage.since) else None
        return None

    def _latest_repetition(self, due: Day, level: str) -> list[ReachedStage]:
        """The latest repetition: every `repeat_days` working days after the level's first reminder.  If that was due
        long before the launch, it was never sent and is not repeated either."""
        step, every = self.reminders.steps.of(level), self.reminders.repeat_days
        first = self.working_days.after(due, step) if step and every else 0
        if not first or first < self.launched_on - self.reminders.catch_up_days:
            return []
        since = first
        while (following := self.working_days.after(since, every)) <= self.day:
            since = following
        return [] if since == first else [ReachedStage(REPEATED, since)]

    def is_fresh(self, since: Day) -> bool:
        """Whether what was due to be sent from that day on may still be sent."""
        return self.day - self.reminders.catch_up_days <= since <= self.day

    def _latest_first(self, due: Day, level: str, owner: bool) -> list[ReachedStage]:
        step, soon = self.reminders.steps.of(level), self.reminders.due_soon_days
        stages = [ReachedStage(OVERDUE, self.working_days.after(due, step))] if step else []
        if owner:
            last_working_day = self.working_days.on_or_before(due)
            stages.append(ReachedStage(DUE_TODAY, last_working_day))
            if soon:
                stages.append(ReachedStage(DUE_SOON, self.working_days.before(last_working_day, soon)))
        return stages

    @property
    def reach(self) -> tuple[Day, Day]:
        """The first and last due day that can matter today: twice the working days, plus a long holiday."""
        steps = max(self.reminders.steps.of(level) for level in LEVELS)
        first = self.day - self.reminders.catch_up_days - 2 * steps - 30
        if self.reminders.repeat_days:  # whatever is overdue since the start of the campaign is repeated
            first = min(first, self.launched_on - self.reminders.catch_up_days - 2 * steps - 30)
        return first, self.day + 2 * self.reminders.due_soon_days + 30


def sending_block_reason(
    day: Day, minute: int, reminders: Reminders, working_days: WorkingDays, launched: tuple[Day, int] = (0, 0)
) -> str:
    """Why nothing may be sent now; empty if it may.  `rest_day`, `quiet_hours`, `too_early` (before the hour of
    sending), `launched_today` (after that hour: the district's records are still arriving; `launched` is day and
    minute)."""
    if not working_days.is_working_day(day):
        return "rest_day"
    if reminders.is_quiet(minute):
        return "quiet_hours"
    if minute < reminders.send_at:
        return "too_early"
    return "launched_today" if launched >= (day, reminders.send_at) else ""
