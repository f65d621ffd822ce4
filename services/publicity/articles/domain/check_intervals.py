"""Intervals after which the platform is asked again: after an error, about an order, and about public articles.
Pure."""

from datetime import timedelta
from typing import Final

from chassis.events.canonical_json import instant, moment

BACKOFF: Final = (1, 2, 5, 15, 60, 60, 60, 180, 360)
"""Minutes between polls, and between attempts after a temporary error; the last one repeats."""
NO_RIGHT: Final = (60, 360, 1440)
"""Minutes between attempts of a deletion that the platform does not permit: a person must delete it, or obtain the
permission."""
LOOKS: Final = (1440, 3 * 1440, 7 * 1440, 30 * 1440)
"""Minutes between checks of a public article."""
CHECKS: Final = (10, 60, 1440, 3 * 1440)
"""Minutes between checks of an article that a person recorded as taken down."""
SEARCHES: Final = (60, 360, 1440, 3 * 1440, 7 * 1440)
"""Minutes between searches for an order whose outcome is unknown; none after the last."""


def later(at: str, minutes: int) -> str:
    return instant(moment(at) + timedelta(minutes=minutes))


def next_try(steps: tuple[int, ...], count: int, at: str) -> str:
    """The instant of the next attempt after `count` of them; the last interval repeats."""
    return later(at, steps[min(count, len(steps) - 1)])


def next_try_if_any(steps: tuple[int, ...], count: int, at: str) -> str:
    """The instant of the next attempt after `count` of them; empty after the last interval."""
    return later(at, steps[count]) if count < len(steps) else ""
