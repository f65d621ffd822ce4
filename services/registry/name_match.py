"""Ranks how well a typed text matches a thing: by id, name, pinyin of the name, or initials.  Pure."""

import enum
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from services.registry.syllables import syllables_of

_LONGEST_NAME: Final = 60
"""The most characters of a name that are compared by pinyin."""


class Match(enum.IntEnum):
    """Kinds of matches, better ones first."""

    EXACT = 0
    BEGINS = 1
    CONTAINS = 2
    PINYIN = 3
    NONE = 4


def folded(text: str) -> str:
    """The text in lower case, half width, without surrounding blanks."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


class NameSearch:
    """A text to search for."""

    def __init__(self, text: str) -> None:
        self.text = folded(text)
        letters = "".join(self.text.split())
        self._letters = letters if letters.isascii() and letters.isalpha() else ""

    def match(self, thing_id: str, name: str) -> Match:
        """How well the text matches a thing with this id and name."""
        return min(self._match_text(folded(thing_id)), self._match_text(folded(name)), self._match_pinyin(name))

    def _match_text(self, text: str) -> Match:
        if self.text == text:
            return Match.EXACT
        if text.startswith(self.text):
            return Match.BEGINS
        return Match.CONTAINS if self.text in text else Match.NONE

    def _match_pinyin(self, name: str) -> Match:
        if not self._letters:
            return Match.NONE
        return Match.PINYIN if is_spelt(self._letters, name[:_LONGEST_NAME]) else Match.NONE


def is_spelt(letters: str, name: str) -> bool:
    """Whether the letters spell consecutive characters of the name, each by the beginning of a syllable: `zhangsan`,
    `zs`, `zhangs` and `zhsan` all spell 张三.  Characters that are not Chinese stand for themselves."""
    characters = [_syllables(character) for character in folded(name)]
    return any(_spells(letters, characters[start:]) for start in range(len(characters)))


def _spells(letters: str, characters: Sequence[tuple[str, ...]]) -> bool:
    """Tracks, character by character, the set of positions in `letters` that can be reached."""
    reached = {0}
    for syllables in characters:
        reached = {at + length for at in reached for syllable in syllables
                   for length in _common(letters, at, syllable)}  # fmt: skip
        if len(letters) in reached:
            return True
        if not reached:
            return False
    return False


def _common(letters: str, at: int, syllable: str) -> range:
    """The lengths, from 1, of common prefixes of `letters[at:]` and the syllable."""
    length = 0
    while length < len(syllable) and at + length < len(letters) and letters[at + length] == syllable[length]:
        length += 1
    return range(1, length + 1)


@lru_cache(maxsize=8192)
def _syllables(character: str) -> tuple[str, ...]:
    return syllables_of(character) or (character,)
