"""The current time: of the machine, or (rehearsals and tests) of a file."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

Clock = Callable[[], datetime]
"""The instant now, UTC."""


def utcnow() -> datetime:
    return datetime.now(UTC)


def clock_from_file(path: Path) -> Clock:
    """A clock that returns the instant (ISO 8601 with offset) in the file; it changes only when the file does."""

    def now() -> datetime:
        return datetime.fromisoformat(path.read_text().strip()).astimezone(UTC)

    return now
