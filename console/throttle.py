"""Slows down whoever tries passwords: after a few failures an address waits, longer every time."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE_TRIES = 5
FIRST_WAIT = 30.0
LONGEST_WAIT = 900.0
REMEMBERED = 10_000  # addresses; more than that at once is an attack that may push out its own oldest


@dataclass
class Failures:
    """What is remembered of one address."""

    count: int
    until: float


class Throttle:
    """Failures by address, in memory, for one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, Failures] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """Seconds that this address has to wait before it may try again; 0 when it may."""
        with self._lock:
            known = self._failures.get(address)
            return max(0, int(known.until - self._clock() + 0.999)) if known else 0

    def failed(self, address: str) -> None:
        """Counts one failure."""
        with self._lock:
            known = self._failures.setdefault(address, Failures(0, 0.0))
            self._failures.move_to_end(address)
            known.count += 1
            if known.count >= FREE_TRIES:
                doublings = min(known.count - FREE_TRIES, 10)
                known.until = self._clock() + min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)
            while len(self._failures) > REMEMBERED:
                self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forgets the address."""
        with self._lock:
            self._failures.pop(address, None)
