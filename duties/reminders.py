"""When people are reminded and along which steps: the campaign file's section `notifications`, with its defaults."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from duties.section_reader import Section

LEVELS: Final = ("person", "clerk", "head", "office", "campaign_office")
"""The line upwards: person, 填报员, 主要负责人, 包联股室 or 督查室, 活动领导小组办公室 (domain.md)."""
CHANNELS: Final = ("email", "wecom", "dingtalk")
_KEYS: Final = (
    "due_soon_days",
    "steps",
    "send_at",
    "quiet",
    "channels",
    "campaign_office",
    "catch_up_days",
    "repeat_days",
)
_MOST_STEPS: Final = 60
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_ADDRESS: Final = re.compile(r'[^@\s<>,;:"()\[\]\\]{1,64}@[^@\s<>,;:"()\[\]\\]+\.[^@\s<>,;:"()\[\]\\.]{2,}')


@dataclass(frozen=True, slots=True)
class Steps:
    """How many working days after the due day each level is reminded of something overdue; 0: never."""

    person: int = 1
    clerk: int = 1
    head: int = 3
    office: int = 6
    campaign_office: int = 10

    def of(self, level: str) -> int:
        return int(getattr(self, level))

    @property
    def reminded_levels(self) -> tuple[str, ...]:
        """The levels that are reminded of what is overdue, from the person upwards."""
        return tuple(level for level in LEVELS if self.of(level))


@dataclass(frozen=True, slots=True)
class Reminders:
    """`due_soon_days` are working days before the due day (0: no such stage); times are minutes of the local day.

    Nothing is sent on `[quiet_from, quiet_to)`, which may pass midnight.  A reminder that was due more than
    `catch_up_days` ago is not sent any more, so that history that is imported reminds nobody.  At the top of the line
    what is overdue is said again every `repeat_days` working days until it is done (0: not).
    """

    due_soon_days: int = 3
    steps: Steps = Steps()
    send_at: int = 8 * 60 + 30
    quiet_from: int = 20 * 60
    quiet_to: int = 8 * 60
    channels: tuple[str, ...] = CHANNELS
    campaign_office: str = ""
    catch_up_days: int = 10
    repeat_days: int = 0

    def is_quiet(self, minute: int) -> bool:
        """Whether nothing may be sent at that minute of the local day."""
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= minute < self.quiet_to
        return minute >= self.quiet_from or minute < self.quiet_to


def is_address(text: str) -> bool:
    """Whether the text can be an e-mail address: a dot-atom and a host name (RFC 5321); letters of any script may
    stand in both (RFC 6532, IDNA).  Nobody is asked whether the host exists."""
    user, _, host = text.rpartition("@")
    if len(text.encode()) > 254 or _ADDRESS.fullmatch(text) is None or len(user.encode()) > 64:
        return False
    if not text.isprintable() or not all(user.split(".")):
        return False
    try:
        labels = host.encode("idna").decode().split(".")
    except UnicodeError:
        return False
    return all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()


def read_reminders(top: Section) -> Reminders:
    """The section, or the defaults where the file has none."""
    usual = Reminders()
    row = top.section("notifications", (), _KEYS)
    if row is None:
        return usual
    quiet_from, quiet_to = _quiet(row, usual)
    reminders = Reminders(
        due_soon_days=row.integer("due_soon_days", 0, _MOST_STEPS, usual.due_soon_days),
        steps=_steps(row),
        send_at=_time(row, "send_at", usual.send_at),
        quiet_from=quiet_from,
        quiet_to=quiet_to,
        channels=row.texts("channels", CHANNELS, may_be_empty=True) if row.gives("channels") else usual.channels,
        campaign_office=row.text("campaign_office"),
        catch_up_days=row.integer("catch_up_days", 1, 366, usual.catch_up_days),
        repeat_days=row.integer("repeat_days", 0, _MOST_STEPS, usual.repeat_days),
    )
    if reminders.campaign_office and not is_address(reminders.campaign_office):
        row.report("bad_address", "campaign_office", value=reminders.campaign_office[:60])
    if reminders.is_quiet(reminders.send_at):
        row.report("send_in_quiet", "send_at" if row.gives("send_at") else "quiet")
    return reminders


def _steps(row: Section) -> Steps:
    usual = Steps()
    steps = row.section("steps", (), LEVELS)
    if steps is None:
        return usual
    result = Steps(*(steps.integer(level, 0, _MOST_STEPS, usual.of(level)) for level in LEVELS))
    before = 0
    for level in LEVELS:
        days = result.of(level)
        if 0 < days < before:
            steps.report("step_too_early", *([level] if steps.gives(level) else []), days=days, before=before)
        before = max(before, days)
    return result


def _quiet(row: Section, usual: Reminders) -> tuple[int, int]:
    quiet = row.section("quiet", ("from", "to"))
    if quiet is None:
        return usual.quiet_from, usual.quiet_to
    return _time(quiet, "from", usual.quiet_from), _time(quiet, "to", usual.quiet_to)


def _time(row: Section, key: str, usual: int) -> int:
    """Minutes of the day of a time written as 08:30."""
    if not row.gives(key):
        return usual
    value = row.data[key]
    result = _TIME.fullmatch(value) if isinstance(value, str) else None
    if result is None:
        row.report("bad_time", key)
        return usual
    return int(result[1]) * 60 + int(result[2])
