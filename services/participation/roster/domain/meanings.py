"""The meanings of a roster's words: a unit by id, full name or a stored answer; a role by code, label or answer.
Nothing is guessed.  Pure."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from services.participation.roster.domain.lines import Book

ROLE_LABELS: Final = {"cadre": "干部", "teacher": "教师", "other": "其他"}
_ROLES: Final = {**{code: code for code in ROLE_LABELS}, **{label: code for code, label in ROLE_LABELS.items()},
                 "专任教师": "teacher", "其它": "other", "其他人员": "other"}  # fmt: skip
UNIT, ROLE = "unit_id", "role"
_NARROW: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


class Meaning(NamedTuple):
    """The id or code; or why there is none."""

    value: str
    fault: str = ""


def word_of(text: str) -> str:
    """The normalised text under which answers are stored: blanks and full-width forms do not matter."""
    return "".join(text.translate(_NARROW).split())


class Meanings:
    """Reads the words of one roster."""

    def __init__(self, book: Book, as_of: str) -> None:
        self._book, self._as_of = book, as_of
        by_name: defaultdict[str, list[str]] = defaultdict(list)
        for unit_id, unit in book.units.items():
            if unit.in_service(as_of):
                by_name[word_of(unit.name)].append(unit_id)
        self._by_name: Mapping[str, list[str]] = by_name

    def unit(self, text: str) -> Meaning:
        """A stored answer has priority over id and name, since a person decided it; but not after its unit was closed,
        since the word then means the successor."""
        word = word_of(text)
        answered = self._book.meanings.get((UNIT, word), "")
        meant = self._book.units.get(answered)
        if meant and not meant.closed_by(self._as_of):
            return Meaning(answered)
        if text in self._book.units:
            return Meaning(text)
        match self._by_name.get(word, []):
            case [unit_id]:
                return Meaning(unit_id)
            case []:
                return Meaning("", "unit_closed" if meant else "unknown_unit" if word else "missing")
        return Meaning("", "ambiguous_name")

    def role(self, text: str) -> Meaning:
        """Empty: the file does not say."""
        word = word_of(text)
        answered = self._book.meanings.get((ROLE, word), "")
        code = answered or _ROLES.get(word.lower(), "")
        return Meaning(code, "" if code or not word else "unknown_role")
