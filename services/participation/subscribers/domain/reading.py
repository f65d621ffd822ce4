"""How far a reader of the feed is, by what it asked and was given; Qihang keeps no cursor for it.  Pure."""

from dataclasses import dataclass, replace
from typing import Final

SAME_PLACE: Final = "same_place"
"""It was given events past a cursor and asks past the same cursor again: it does not keep what it is given."""
SILENT_SECONDS: Final = 3 * 24 * 3600
"""So long a reader that was here before may stay away from what waits for it before somebody is told."""


@dataclass(frozen=True)
class Reading:
    """`asked`: the cursor that it asked past last, so that all before it is surely its own; `position`: the cursor past
    what it was given then; `given`: how many events.  `last_at` '': it never asked."""

    name: str
    asked: str = ""
    position: str = ""
    given: int = 0
    last_at: str = ""
    failing_since: str = ""
    code: str = ""


def page_given(before: Reading, asked: str, position: str, count: int, now: str) -> Reading:
    """Who always reads from the first event (no cursor) chose to; it does not hang."""
    hangs = bool(asked) and asked == before.asked and before.position not in ("", asked)
    since, code = (before.failing_since or now, SAME_PLACE) if hangs else ("", "")
    return Reading(before.name, asked, position, before.given + count, now, since, code)


def cursor_refused(before: Reading, code: str, now: str) -> Reading:
    """It asked past what is no cursor here (any more)."""
    return replace(before, last_at=now, failing_since=before.failing_since or now, code=code)
