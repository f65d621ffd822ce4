"""The current time: read from the machine's clock, or from a file (for rehearsals and tests)."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

Clock = Callable[[], datetime]
"""Returns the current instant as an aware datetime in UTC."""


def utcnow() -> datetime:
    """The current instant by the machine's clock."""
    return datetime.now(UTC)


def clock_from_file(path: Path) -> Clock:
    """A clock that returns the instant (ISO 8601 with offset) in the file; it changes only when the file does."""

    def now() -> datetime:
        return datetime.fromisoformat(path.read_text().strip()).astimezone(UTC)

    return now
