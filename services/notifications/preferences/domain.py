"""The choices of a recipient about their reminders: order of channels, a later hour, stages without messages.  Pure.
The inbox always has everything, and compulsory reminders are always sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.notifications import PreferencesSet
from duties.reminders import CHANNELS, Reminders
from services.notifications.rules.reminder_stages import DUE_SOON, SCORED

OPTIONAL: Final = (DUE_SOON, SCORED)
"""Stages that may be muted: ignoring them has no consequences.  All others are compulsory."""
WHOLE_DAY: Final = 24 * 60
LATEST_BEFORE_QUIET: Final = 30
"""Minutes before the quiet hours from which a later hour no longer delays a message: it would be lost."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """`channels`: tried in this order before the others; `not_before`: minute of the day, 0: the campaign's hour;
    `muted`: stages of which no message is sent."""

    channels: tuple[str, ...] = ()
    not_before: int = 0
    muted: frozenset[str] = frozenset()

    def in_order(self, channels: Sequence[str]) -> list[str]:
        """The campaign's channels in the recipient's order."""
        wanted = [name for name in self.channels if name in channels]
        return [*wanted, *(name for name in channels if name not in wanted)]

    def mutes(self, stages: Collection[str]) -> bool:
        """Whether all these stages are muted."""
        return bool(stages) and set(stages) <= self.muted


NONE: Final = Preferences()


class PreferenceError(NamedTuple):
    """Why preferences are rejected."""

    column: str
    code: str


@dataclass(frozen=True)
class SetPreferences:
    """Replace all preferences; what is not given follows the campaign."""

    recipient: str
    preferences: Preferences

    @property
    def stream(self) -> str:
        return f"preferences-{self.recipient}"


def preference_error(preferences: Preferences, reminders: Reminders) -> PreferenceError | None:
    """What the campaign's rules do not allow; None if they are valid."""
    if not set(preferences.channels) <= set(CHANNELS) or len(set(preferences.channels)) < len(preferences.channels):
        return PreferenceError("channels", "bad_channels")
    if preferences.muted - set(OPTIONAL):
        return PreferenceError("muted", "compulsory")
    minute = preferences.not_before
    if minute and (reminders.is_quiet(minute) or minute >= latest_minute(reminders)):
        return PreferenceError("not_before", "in_quiet")
    return None


def latest_minute(reminders: Reminders) -> int:
    """The minute of the day from which everything is sent, whatever later hour was chosen."""
    return reminders.quiet_from - LATEST_BEFORE_QUIET if reminders.quiet_from > reminders.send_at else WHOLE_DAY


def effective_minute(minute: int, reminders: Reminders) -> int:
    """The minute that a chosen later hour is compared with."""
    return WHOLE_DAY if minute >= latest_minute(reminders) else minute


def minute_of(clock: str) -> int:
    """The minute of the day of `08:30`; 0 for an empty text.  Raises ValueError."""
    if not clock:
        return 0
    hour, colon, minute = clock.partition(":")
    if not colon or len(hour) != 2 or len(minute) != 2 or not (hour + minute).isdecimal():
        raise ValueError(clock)
    result = int(hour) * 60 + int(minute)
    if int(minute) > 59 or result >= WHOLE_DAY:
        raise ValueError(clock)
    return result


def clock_of(minute: int) -> str:
    """The inverse of `minute_of`: empty for 0."""
    return f"{minute // 60:02}:{minute % 60:02}" if minute else ""


def decide(state: Preferences, command: SetPreferences) -> list[Event]:
    """The resulting events; none if nothing changes."""
    chosen = command.preferences
    if chosen == state:
        return []
    return [PreferencesSet(command.recipient, chosen.channels, clock_of(chosen.not_before),
                           tuple(sorted(chosen.muted)))]  # fmt: skip


def evolve(state: Preferences, event: Event) -> Preferences:
    match event:
        case PreferencesSet():
            return Preferences(tuple(event.channels), minute_of(event.not_before), frozenset(event.muted))
    return state


PREFERENCES: Final = Decider(Preferences, decide, evolve)
