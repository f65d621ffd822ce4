"""Reads values out of plain data and notes every problem instead of stopping at the first."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from datetime import date
from fractions import Fraction
from typing import Final, TypeVar
from unicodedata import category

from duties.days import Day, day_of
from duties.problems import Path, Problem

_EXACT: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12}|/[0-9]{1,12})?")
MOST_DAYS: Final = 3660
"""The most days that a key of a campaign may give."""
_LONGEST_TEXT: Final = 200
_LONGEST_LIST: Final = 1000
_FIRST_YEAR, _LAST_YEAR = "1900", "2999"
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
C = TypeVar("C", bound=str)


def plain(value: object) -> object:
    """The same data with only strings, integers, booleans, None, lists and dicts, as canonical JSON can carry it.

    Dates become ISO text, exact and binary fractions their text, keys text; TypeError for anything else.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case date():
            return value.isoformat()
        case float() | Fraction():
            return str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    raise TypeError(f"no plain form for {type(value).__name__}")


class Section:
    """One mapping of the campaign.  A reader returns a harmless stand-in for what is missing or wrong."""

    def __init__(
        self,
        value: object,
        path: Path,
        problems: list[Problem],
        required: Collection[str] = (),
        optional: Collection[str] = (),
        *,
        more_sections: bool = False,
    ) -> None:
        self.path = path
        self.problems = problems
        self.data: dict[str, object] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.report("not_mapping")
            return
        for key in required:
            if self.data.get(key) is None:
                self.report("missing_key", key=key)
        known = [*required, *optional]
        for key, item in self.data.items():
            if key not in known and not (more_sections and isinstance(item, dict) and not _similar(key, known)):
                self.report("unknown_key", key, key=key, similar=_similar(key, known))

    def report(self, code: str, *at: str | int, **params: str | int) -> None:
        self.problems.append(Problem((*self.path, *at), code, params))

    def gives(self, key: str) -> bool:
        return self.data.get(key) is not None

    def text(self, key: str, default: str = "") -> str:
        return self._text(self.data[key], key) if self.gives(key) else default

    def _text(self, value: object, *at: str | int) -> str:
        value = _digits(value)  # an id or a period such as 2023 is a number only by accident of writing
        if not isinstance(value, str):
            self.report("not_text", *at)
        elif not value.strip():
            self.report("empty", *at)
        elif len(value) > _LONGEST_TEXT:
            self.report("too_long", *at, longest=_LONGEST_TEXT)
        elif any(category(letter) in _UNSEEN for letter in value):
            self.report("control_character", *at)
        elif value != value.strip():
            self.report("spaces_around", *at)
        else:
            return value
        return ""

    def integer(self, key: str, low: int, high: int, default: int) -> int:
        if not self.gives(key):
            return default
        value = self.data[key]
        if not isinstance(value, int) or isinstance(value, bool):
            self.report("not_integer", key)
        elif not low <= value <= high:
            self.report("out_of_range", key, low=low, high=high)
        else:
            return value
        return default

    def exact(self, key: str, low: int, high: int, default: Fraction, *, above: bool = False) -> Fraction:
        """An integer, a decimal or a fraction such as 1/2; with `above`, `low` itself is too little."""
        if not self.gives(key):
            return default
        text = _digits(self.data[key])
        if not isinstance(text, str) or not _EXACT.fullmatch(text) or re.search(r"/0+$", text):
            self.report("not_a_number", key)
            return default
        number = Fraction(text)
        if not low <= number <= high or (above and number == low):
            self.report("not_above" if above else "out_of_range", key, low=low, high=high)
            return default
        return number

    def day(self, key: str) -> Day | None:
        if not self.gives(key):
            return None
        value = self.data[key]
        try:
            day = day_of(value if isinstance(value, str) else "")
        except ValueError:
            self.report("bad_date", key)
            return None
        if not _FIRST_YEAR <= str(value)[:4] <= _LAST_YEAR:
            self.report("bad_date", key)
            return None
        return day

    def month_day(self, key: str) -> tuple[int, int] | None:
        """A day of every year, written MM-DD; 02-29 is one."""
        if not self.gives(key):
            return None
        value = self.data[key]
        try:
            day = day_of(f"2000-{value}" if isinstance(value, str) else "")
        except ValueError:
            self.report("bad_month_day", key)
            return None
        given = date.fromordinal(day)
        return given.month, given.day

    def flag(self, key: str, default: bool) -> bool:
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.report("not_boolean", key)
            return default
        return value

    def choice(self, key: str, allowed: Collection[C], default: C) -> C:
        value = self.data.get(key)
        for item in allowed:
            if item == value:
                return item
        if value is not None:
            self.report("not_a_choice", key, value=str(value)[:40], allowed=", ".join(allowed))
        return default

    def _list(self, key: str) -> list[object]:
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.report("not_list", key)
            return []
        if len(value) > _LONGEST_LIST:
            self.report("too_many", key, longest=_LONGEST_LIST)
        return value[:_LONGEST_LIST]

    def texts(
        self,
        key: str,
        allowed: Collection[str] | None = None,
        *,
        may_be_empty: bool = False,
        code: str = "not_a_choice",
    ) -> tuple[str, ...]:
        """A list of different texts, each one of `allowed` if that is given (else `code`)."""
        if self.data.get(key) == [] and not may_be_empty:
            self.report("empty", key)
        return self.unlike(self._list(key), key, allowed, code=code)

    def unlike(
        self,
        values: list[object],
        key: str,
        allowed: Collection[str] | None,
        *at: int,
        code: str = "not_a_choice",
    ) -> tuple[str, ...]:
        result: dict[str, None] = {}
        for place, value in enumerate(values):
            text = self._text(value, key, *at, place)
            if text and allowed is not None and text not in allowed:
                self.report(code, key, *at, place, value=text[:40], allowed=", ".join(allowed))
            elif text in result:
                self.report("duplicate", key, *at, place, value=text)
            elif text:
                result[text] = None
        return tuple(result)

    def lists(self, key: str) -> list[list[object]]:
        """A list of lists."""
        rows = self._list(key)
        for place, row in enumerate(rows):
            if not isinstance(row, list):
                self.report("not_list", key, place)
        return [row if isinstance(row, list) else [] for row in rows]

    def section(self, key: str, required: Collection[str], optional: Collection[str] = ()) -> Section | None:
        if not self.gives(key):
            return None
        return Section(self.data[key], (*self.path, key), self.problems, required, optional)

    def sections(self, key: str, required: Collection[str], optional: Collection[str] = ()) -> list[Section]:
        return [
            Section(value, (*self.path, key, place), self.problems, required, optional)
            for place, value in enumerate(self._list(key))
        ]


def _digits(value: object) -> object:
    """An integer as text; everything else, and an integer past all sense, as it is."""
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18
    return str(value) if whole else value


def _similar(key: str, known: Collection[str]) -> str:
    return next(iter(difflib.get_close_matches(key, known, 1, 0.8)), "")
