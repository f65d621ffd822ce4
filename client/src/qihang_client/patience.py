"""How long, and how often, something is tried again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from qihang_client.errors import Unavailable

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Tries for so many seconds, with pauses that double up to `longest`, and never shorter than Qihang asked for."""

    seconds: float = 600.0
    first: float = 0.5
    longest: float = 60.0
    sleep: Callable[[float], None] = time.sleep

    def until_answered(self, call: Callable[[], T]) -> T:
        """What the call answers, once it does.  Unavailable: it did not in time."""
        end, pause = time.monotonic() + self.seconds, self.first
        while True:
            try:
                return call()
            except Unavailable as away:
                wait = max(away.retry_after, pause * random.uniform(0.5, 1.0))  # noqa: S311 - to spread retries
                if time.monotonic() + wait > end:
                    raise
                self.sleep(wait)
                pause = min(pause * 2, self.longest)
