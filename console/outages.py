"""Which services do not answer now, as those who ask them found out, so that nobody waits again for one that
is known to be away.  Shared by all threads."""

import threading
import time
from collections.abc import Callable

AWAY_SECONDS = 15.0
"""How long a service counts as away unless it answers: so long it is asked only for a sign of life first."""


class Outages:
    """Of one console: by service when it was found to be away, and when it last answered (seconds since 1970)."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._away: dict[str, float] = {}
        self._answered: dict[str, float] = {}

    def answered(self, service: str) -> None:
        with self._lock:
            self._answered[service] = self._clock()
            self._away.pop(service, None)

    def found_away(self, service: str) -> None:
        with self._lock:
            self._away[service] = self._clock()

    def is_away(self, service: str) -> bool:
        with self._lock:
            return self._clock() - self._away.get(service, 0.0) < AWAY_SECONDS

    def last_answer(self, service: str) -> float | None:
        """None: it has not answered since the console was started."""
        with self._lock:
            return self._answered.get(service)
