"""On which day which level is told: due soon, due today, overdue; at most the latest of them (domain.md, 逐级提醒)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from duties.days import Day
from duties.reminders import LEVELS, Reminders
from services.notifications.domain.working_days import WorkingDays

DUE_SOON: Final = "due_soon"
DUE_TODAY: Final = "due_today"
OVERDUE: Final = "overdue"
RAISED: Final = "raised"
SCORED: Final = "scored"
RETURNED: Final = "returned"


class ReachedStage(NamedTuple):
    """A stage and the day on which it was to be told first."""

    stage: str
    since: Day


@dataclass(frozen=True)
class Stages:
    """The stages of one day, for any due day."""

    day: Day
    reminders: Reminders
    working_days: WorkingDays

    def reached(self, due: Day, level: str, owner: bool) -> ReachedStage | None:
        """The latest stage that the level has reached; only the `owner` of a duty (the first of its line) is told
        before it is overdue.  None: nothing yet, or so long ago that it is left at that."""
        for told in self._stages(due, level, owner):
            if told.since <= self.day:
                return told if self.is_fresh(told.since) else None
        return None

    def is_fresh(self, since: Day) -> bool:
        """Whether what was to be told on that day may still be told."""
        return self.day - self.reminders.catch_up_days <= since <= self.day

    def _stages(self, due: Day, level: str, owner: bool) -> list[ReachedStage]:
        """Latest first."""
        step, soon, table = self.reminders.steps.of(level), self.reminders.due_soon_days, self.working_days
        result = [ReachedStage(OVERDUE, table.after(due, step))] if step else []
        if owner:
            last = table.on_or_before(due)
            result.append(ReachedStage(DUE_TODAY, last))
            if soon:
                result.append(ReachedStage(DUE_SOON, table.before(last, soon)))
        return result

    @property
    def reach(self) -> tuple[Day, Day]:
        """The first and last due day that can matter today: twice the working days, and a long holiday."""
        steps = max(self.reminders.steps.of(level) for level in LEVELS)
        first = self.day - self.reminders.catch_up_days - 2 * steps - 30
        return first, self.day + 2 * self.reminders.due_soon_days + 30


def sending_block_reason(
    day: Day, minute: int, reminders: Reminders, working_days: WorkingDays, launched: tuple[Day, int] = (0, 0)
) -> str:
    """Empty, or why nothing is sent now: `rest_day`, `quiet_hours`, `too_early` (before the hour of sending),
    `launched_today` (after that hour: what the district has done is still coming in; `launched` is day and minute)."""
    if not working_days.is_working_day(day):
        return "rest_day"
    if reminders.is_quiet(minute):
        return "quiet_hours"
    if minute < reminders.send_at:
        return "too_early"
    return "launched_today" if launched >= (day, reminders.send_at) else ""
