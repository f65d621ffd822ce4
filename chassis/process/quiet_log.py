"""Rate-limited logging for loops that fail repeatedly: each reason at most once a minute, with the number of messages
suppressed since, so that an outage does not fill the log (which may be on the disk that is full)."""

import time
from typing import Any

EVERY_SECONDS = 60.0


class QuietLog:
    """Wraps a structlog logger; one instance per loop."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def warning(self, event: str, reason: str, **more: Any) -> None:
        """Log a warning unless it is suppressed.  `reason` groups messages: an error's type or a short word, not a text
        that differs each time."""
        if (times := self._suppressed_count(event, reason)) is not None:
            self._log.warning(event, reason=reason, not_logged=times, **more)

    def exception(self, event: str, reason: str, **more: Any) -> None:
        """The same as an error, with the traceback of the exception that is being handled."""
        if (times := self._suppressed_count(event, reason)) is not None:
            self._log.exception(event, reason=reason, not_logged=times, **more)

    def _suppressed_count(self, event: str, reason: str) -> int | None:
        """How many messages were suppressed since the last one logged; None: this one is suppressed."""
        now = time.monotonic()
        at, left_out = self._seen.get((event, reason), (float("-inf"), 0))
        due = now - at >= EVERY_SECONDS
        self._seen[event, reason] = (now, 0) if due else (at, left_out + 1)
        return left_out if due else None
