"""When the platform is asked again: after a fault, about an order, and about what is public.  Pure."""

from datetime import timedelta
from typing import Final

from chassis.events.canonical_json import instant, moment

BACKOFF: Final = (1, 2, 5, 15, 60, 60, 60, 180, 360)
"""Minutes between polls and between tries after a passing fault; the last one again and again."""
NO_RIGHT: Final = (60, 360, 1440)
"""Minutes between tries of a deletion that the platform does not grant: a person has to, or to mend the right."""
LOOKS: Final = (1440, 3 * 1440, 7 * 1440, 30 * 1440)
"""Minutes between looks at what is public."""
CHECKS: Final = (10, 60, 1440, 3 * 1440)
"""Minutes between looks at what a person recorded as gone."""
SEARCHES: Final = (60, 360, 1440, 3 * 1440, 7 * 1440)
"""Minutes between searches for an order of which nobody knows what became; none after the last one."""


def later(at: str, minutes: int) -> str:
    return instant(moment(at) + timedelta(minutes=minutes))


def next_try(steps: tuple[int, ...], count: int, at: str) -> str:
    """The instant of the next try after so many; the last step again and again."""
    return later(at, steps[min(count, len(steps) - 1)])


def next_try_if_any(steps: tuple[int, ...], count: int, at: str) -> str:
    """The instant of the next try after so many; empty after the last step."""
    return later(at, steps[count]) if count < len(steps) else ""
