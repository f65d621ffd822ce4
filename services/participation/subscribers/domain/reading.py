"""The progress of a reader of the feed, from its requests; no cursor is stored on its behalf.  Pure."""

from dataclasses import dataclass, replace
from typing import Final

SAME_PLACE: Final = "same_place"
"""It got events after a cursor and asks again after the same cursor: it does not process what it gets."""
SILENT_SECONDS: Final = 3 * 24 * 3600
"""How long a known reader may be silent while events wait, before it is reported."""


@dataclass(frozen=True)
class Reading:
    """`asked`: the cursor of the last request, up to which it must have processed everything; `position`: the cursor
    after what it got then; `given`: the number of events.  `last_at` '': it never asked."""

    name: str
    asked: str = ""
    position: str = ""
    given: int = 0
    last_at: str = ""
    failing_since: str = ""
    code: str = ""


def page_given(before: Reading, asked: str, position: str, count: int, now: str) -> Reading:
    """A reader that always starts from the first event (no cursor) does so on purpose; it is not stuck."""
    hangs = bool(asked) and asked == before.asked and before.position not in ("", asked)
    since, code = (before.failing_since or now, SAME_PLACE) if hangs else ("", "")
    return Reading(before.name, asked, position, before.given + count, now, since, code)


def cursor_refused(before: Reading, code: str, now: str) -> Reading:
    """It asked with a cursor that is not, or no longer, valid."""
    return replace(before, last_at=now, failing_since=before.failing_since or now, code=code)
