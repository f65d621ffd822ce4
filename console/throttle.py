"""Limits password guessing: after some failures an address has to wait, twice as long after each further one."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE_TRIES = 5
FIRST_WAIT = 30.0
LONGEST_WAIT = 900.0
MAX_ADDRESSES = 10_000  # addresses; beyond that (an attack) the oldest are dropped


@dataclass
class Failures:
    """Failed sign-ins of one address."""

    count: int
    until: float


class Throttle:
    """Failed sign-ins by address, in the memory of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, Failures] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """Seconds until this address may try again; 0: now."""
        with self._lock:
            entry = self._failures.get(address)
            return max(0, int(entry.until - self._clock() + 0.999)) if entry else 0

    def failed(self, address: str) -> None:
        """Counts one failure."""
        with self._lock:
            entry = self._failures.setdefault(address, Failures(0, 0.0))
            self._failures.move_to_end(address)
            entry.count += 1
            if entry.count >= FREE_TRIES:
                doublings = min(entry.count - FREE_TRIES, 10)
                entry.until = self._clock() + min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)
            while len(self._failures) > MAX_ADDRESSES:
                self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forgets the address."""
        with self._lock:
            self._failures.pop(address, None)
