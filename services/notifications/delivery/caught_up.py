"""Whether all events that the other services had recorded are applied here: one still on its way may settle what would
be reminded of, including in digests waiting for another attempt."""

from collections.abc import Callable, Collection

from chassis.messaging.catch_up import CatchUp
from chassis.process.greenlets import Wakeup
from duties.days import Day

CHECKS, BETWEEN_CHECKS_SECONDS = 20, 0.05


class SourcesCaughtUp:
    """Checks up to the first success of a day, or since the last success."""

    def __init__(self, catch_up: CatchUp, sources: Collection[str], now: Callable[[], str]) -> None:
        self._catch_up, self._sources, self._now = catch_up, sources, now
        self._up_to: tuple[Day, str] = (0, "")

    def check(self, day: Day, wakeup: Wakeup) -> bool:
        """Whether the sources are caught up; waits for it at most a second."""
        if self._up_to[0] != day:
            self._up_to = day, self._now()
        for _ in range(CHECKS):
            if all(self._catch_up.watermark(source) >= self._up_to[1] for source in self._sources):
                self._up_to = 0, ""
                return True
            self._catch_up.request()
            wakeup.wait(BETWEEN_CHECKS_SECONDS)
        return False
