"""What time it is: the machine's clock, or for a rehearsal a file that somebody moves."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path


def utcnow() -> datetime:
    return datetime.now(UTC)


def rehearsal(path: Path) -> Callable[[], datetime]:
    """A clock that shows the instant (ISO 8601 with offset) written in the file; it stands still in between."""

    def now() -> datetime:
        return datetime.fromisoformat(path.read_text().strip()).astimezone(UTC)

    return now
