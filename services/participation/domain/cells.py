"""The form of single cells (scoring.md 1): text, days, instants, numbers, hashes.  Nothing is trimmed."""

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
"""Posts that exist only in a unit of kind bureau."""
DECISION_KINDS: Final = frozenset({"veto", "decline", "choose"})
MOST_CHARACTERS: Final = 4000
LINES: Final = frozenset({"name", "document"})
"""Columns of one-line text."""
# not in scoring.md: longer numbers are refused as bad_number, so that sums of points can be printed
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
    """Whether it is text of any lines (chassis.process.text) with at most `most` characters."""
    return len(text) <= most and rules_of_text.is_text(text)


def is_line(text: str) -> bool:
    """Whether it is one line, not longer than a cell."""
    return len(text) <= MOST_CHARACTERS and rules_of_text.is_line(text)


@lru_cache(maxsize=16_384)
def is_id(text: str) -> bool:
    """Whether the cell can be an id: not empty, and of an id's form."""
    return rules_of_text.is_id(text)


def text_rule_of(column: str) -> Callable[[str], bool]:
    """The check for the text of that column, if the cell is not empty; a failure is `bad_text`."""
    if column.endswith("_id"):
        return is_id
    return is_line if column in LINES else is_text


@lru_cache(maxsize=16_384)
def is_day(text: str) -> bool:
    """Whether it is `YYYY-MM-DD` in ASCII digits.  Days are stored as this text: its order is the order of time."""
    if len(text) != 10 or _DAY.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class Moment(NamedTuple):
    """An instant as in events: the local day in the campaign's time zone, and UTC text."""

    day: str
    utc: str


def is_instant(text: str) -> bool:
    return _datetime(text) is not None


@lru_cache(maxsize=256)  # the row's check and its event both need it
def moment_of(text: str, zone: tzinfo) -> Moment:
    """The instant of a cell: without an offset in local time; a bare date is its first moment.  Raises ValueError.

    A local time that occurs twice is the first one; one that is skipped is read with the offset before the gap."""
    result = _datetime(text)
    if result is None:
        raise ValueError(f"not an instant: {text!r}")
    if result.tzinfo is None:
        return Moment(text[:10], instant(result.replace(tzinfo=zone)))
    return Moment(result.astimezone(zone).date().isoformat(), instant(result))


@lru_cache(maxsize=256)
def _datetime(text: str) -> datetime | None:
    """ISO 8601 with a full date: no week date, ordinal date, `20221101`, `24:00` or leap second.

    The calendar's first and last two days are excluded: with some offsets they fall outside the calendar."""
    if len(text) > MOST_CHARACTERS or _INSTANT.fullmatch(text) is None:
        return None
    try:
        result = datetime.fromisoformat(text)
    except ValueError:
        return None
    return result if "0001-01-02" < text[:10] < "9999-12-30" else None


def is_number(text: str) -> bool:
    """Whether it is a decimal number such as `2` or `1.5`, with an optional sign: no exponent, no bare point, ASCII
    digits."""
    return len(text) <= MOST_CHARACTERS_OF_A_NUMBER and _NUMBER.fullmatch(text) is not None


def number_of(text: str) -> Fraction:
    """The exact value of a cell that `is_number` accepts."""
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
    """Whether it has four digits."""
    return _YEAR.fullmatch(text) is not None


def is_role(text: str) -> bool:
    return text in ROLES


def elements_of(text: str) -> tuple[str, ...]:
    """The elements of a list cell, separated by `;`: without empty ones, each once."""
    return tuple(dict.fromkeys(item for item in text.split(";") if item))


def are_tags(text: str) -> bool:
    return all(item in TAGS for item in elements_of(text))
