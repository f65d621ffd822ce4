"""When a service last received a request, so that background work can yield while somebody uses the service."""

import time
from collections.abc import Collection


class LatestRequests:
    """The time of the last request for each receiver: the module of a route, or the name of a queue."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def note(self, receiver: str) -> None:
        """Record a request now."""
        self._at[receiver] = time.monotonic()

    def seconds_since_last(self, excluding: Collection[str]) -> float:
        """Since the last request to any other receiver; infinite if there was none."""
        latest = max((at for name, at in self._at.items() if name not in excluding), default=float("-inf"))
        return time.monotonic() - latest
