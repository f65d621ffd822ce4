"""Checks of values in requests that a schema cannot make: ids, one-line texts, instants.  Problem."""

import re
from datetime import datetime, tzinfo

from chassis.events.canonical_json import instant
from chassis.process.text import is_line
from services.publicity.refusal_messages import problem

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def checked_id(text: str, column: str) -> str:
    if not _ID.fullmatch(text):
        raise problem("bad_id", column)
    return text


def one_line_text(text: str, column: str, most: int = 100) -> str:
    """Text of one line, not empty, without blanks around it."""
    if not text.strip() or len(text) > most or not is_line(text):
        raise problem("bad_value", column, column)
    return text.strip()


def instant_until(now: str, zone: tzinfo, text: str, column: str = "at") -> str:
    """The instant of a request (ISO 8601, without an offset local), now when it is empty; never after now."""
    if not text:
        return now
    try:
        given = datetime.fromisoformat(text)
        at = instant(given if given.tzinfo else given.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        raise problem("bad_value", column, column) from None
    if at > now:
        raise problem("bad_value", column, column)
    return at


def day_until(today: str, text: str, column: str) -> str:
    """The day of a request (`YYYY-MM-DD`), today when it is empty; never after today."""
    day = text or today
    if not _DAY.fullmatch(day) or day > today:
        raise problem("bad_value", column, column)
    return day
