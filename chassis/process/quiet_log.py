"""Warnings of what fails again and again: each reason once a minute, with how often it came meanwhile, so that an
outage does not fill the log (which may lie on the disk that is full)."""

import time
from typing import Any

EVERY_SECONDS = 60.0


class QuietLog:
    """Of one loop."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def warning(self, event: str, reason: str, **more: Any) -> None:
        """`reason` is one of few: a type or a word, no text that differs each time."""
        if (times := self._due(event, reason)) is not None:
            self._log.warning(event, reason=reason, not_logged=times, **more)

    def exception(self, event: str, reason: str, **more: Any) -> None:
        """With the traceback of the error in hand."""
        if (times := self._due(event, reason)) is not None:
            self._log.exception(event, reason=reason, not_logged=times, **more)

    def _due(self, event: str, reason: str) -> int | None:
        """How often it was left out since it was logged; None: it is left out now."""
        now = time.monotonic()
        at, left_out = self._seen.get((event, reason), (float("-inf"), 0))
        due = now - at >= EVERY_SECONDS
        self._seen[event, reason] = (now, 0) if due else (at, left_out + 1)
        return left_out if due else None
