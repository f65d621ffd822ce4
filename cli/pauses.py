"""Pauses between two looks at what a service is busy with: short at first, since most is done at once."""

from collections.abc import Iterator

FIRST_SECONDS, GROWTH = 0.1, 1.5


def growing(longest: float, first: float = FIRST_SECONDS) -> Iterator[float]:
    """Seconds, without end."""
    pause = min(first, longest)
    while True:
        yield pause
        pause = min(pause * GROWTH, longest)
