"""How one cell may be written (scoring.md 1): text, days, instants, numbers, hashes.  Nothing is trimmed."""

import re
from collections.abc import Callable
from datetime import date, datetime, tzinfo
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from chassis.events.canonical_json import instant
from chassis.process import text as rules_of_text
from duties.rules import ROLES, TAGS, UNIT_KINDS

POSTS: Final = frozenset({"head", "clerk", "leader", "campaign_office", "inspector"})
BUREAU_POSTS: Final = frozenset({"leader", "campaign_office"})
"""Posts of a unit of kind bureau only."""
DECISION_KINDS: Final = frozenset({"veto", "decline", "choose"})
MOST_CHARACTERS: Final = 4000
LINES: Final = frozenset({"name", "document"})
"""Columns of text in one line."""
# Not in scoring.md: longer figures are refused as bad_number, so that sums of points stay printable.
MOST_CHARACTERS_OF_A_NUMBER: Final = 100

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:T[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_YEAR: Final = re.compile(r"[0-9]{4}")
_SHA256: Final = re.compile(r"[0-9A-Fa-f]{64}")


def is_text(text: str, most: int = MOST_CHARACTERS) -> bool:
    """Text of several lines (chassis.process.text), at most `most` characters."""
    return len(text) <= most and rules_of_text.is_text(text)


def is_line(text: str) -> bool:
    """Text of one line, of a cell's length."""
    return len(text) <= MOST_CHARACTERS and rules_of_text.is_line(text)


@lru_cache(maxsize=16_384)
def is_id(text: str) -> bool:
    """Whether the cell can name anything at all: given, and of an id's form."""
    return rules_of_text.is_id(text)


def text_rule_of(column: str) -> Callable[[str], bool]:
    """Which text a cell of that column may hold, when it is given: else `bad_text`."""
    if column.endswith("_id"):
        return is_id
    return is_line if column in LINES else is_text


@lru_cache(maxsize=16_384)
def is_day(text: str) -> bool:
    """`YYYY-MM-DD` in ASCII digits.  Days are kept as this text: its order is the order of time."""
    if len(text) != 10 or _DAY.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class Moment(NamedTuple):
    """An instant as events keep it: the local day in the campaign's timezone, and UTC text."""

    day: str
    utc: str


def is_instant(text: str) -> bool:
    return _datetime(text) is not None


@lru_cache(maxsize=256)  # the checks of a row ask, and what is made of it asks again
def moment_of(text: str, zone: tzinfo) -> Moment:
    """The moment that an instant names: without an offset local, a bare date its first.  Else ValueError.

    A local time that the clocks passed twice is the first one; one that they left out is read with the offset
    before the gap.
    """
    result = _datetime(text)
    if result is None:
        raise ValueError(f"not an instant: {text!r}")
    if result.tzinfo is None:
        return Moment(text[:10], instant(result.replace(tzinfo=zone)))
    return Moment(result.astimezone(zone).date().isoformat(), instant(result))


@lru_cache(maxsize=256)
def _datetime(text: str) -> datetime | None:
    """ISO 8601, the date in full: no week date, ordinal date, `20221101`, `24:00` or leap second.

    The calendar's first and last two days are left out: under some offset and zone they leave the calendar.
    """
    if len(text) > MOST_CHARACTERS or _INSTANT.fullmatch(text) is None:
        return None
    try:
        result = datetime.fromisoformat(text)
    except ValueError:
        return None
    return result if "0001-01-02" < text[:10] < "9999-12-30" else None


def is_number(text: str) -> bool:
    """A decimal number such as `2` or `1.5`, a sign allowed: no exponent, no bare point, ASCII digits."""
    return len(text) <= MOST_CHARACTERS_OF_A_NUMBER and _NUMBER.fullmatch(text) is not None


def number_of(text: str) -> Fraction:
    """The exact value of a cell for which `is_number` holds."""
    return Fraction(text)


def is_sha256(text: str) -> bool:
    return _SHA256.fullmatch(text) is not None


def is_unit_kind(text: str) -> bool:
    return text in UNIT_KINDS


def is_decision_kind(text: str) -> bool:
    return text in DECISION_KINDS


def is_post(text: str) -> bool:
    return text in POSTS


def is_year(text: str) -> bool:
    """Four digits."""
    return _YEAR.fullmatch(text) is not None


def is_role(text: str) -> bool:
    return text in ROLES


def elements_of(text: str) -> tuple[str, ...]:
    """The elements of a list cell: separated by `;`, empty ones ignored, each once."""
    return tuple(dict.fromkeys(item for item in text.split(";") if item))


def are_tags(text: str) -> bool:
    return all(item in TAGS for item in elements_of(text))
