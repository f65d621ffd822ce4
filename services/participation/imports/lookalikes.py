"""Ids that people confuse: they differ by case, O and 0, l or I and 1, or by what spreadsheets do to numbers: leading
zeros lost, .0 appended.  Pure."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product
from math import prod
from typing import Final

_FOLDED: Final = str.maketrans("oOlI", "0011")
_ALIKE: Final = {"0": "0O", "o": "o0O", "O": "O0", "1": "1Il", "l": "l1I", "I": "I1l"}
MOST_VARIANTS: Final = 24
MOST_ZEROS, LONGEST_PADDED = 4, 12


@lru_cache(maxsize=8192)  # each id of a batch is needed three times
def folded(text: str) -> str:
    """Equal for ids that look alike."""
    plain = text.translate(_FOLDED).lower().translate(_FOLDED)
    return (_digits(plain).lstrip("0") or "0") if _digits(plain) else plain


def variants(text: str) -> set[str]:
    """The likeliest ids that look like this one, itself included: all combinations of look-alike characters if they are
    few, else one changed at a time or all of them; and the whole in upper and lower case."""
    choices = [_ALIKE.get(letter, letter) for letter in text]
    if prod(len(choice) for choice in choices) <= MOST_VARIANTS:
        spellings = {"".join(letters) for letters in product(*choices)}
    else:
        spellings = {text, text.translate(_FOLDED), *islice(_one_changed(text, choices), MOST_VARIANTS)}
    if digits := _digits(text):
        longer = range(len(digits) + 1, min(len(digits) + MOST_ZEROS, LONGEST_PADDED) + 1)
        spellings |= {digits, digits.lstrip("0") or "0", *(digits.zfill(length) for length in longer)}
    return spellings | {item for word in (text, text.translate(_FOLDED)) for item in (word.upper(), word.lower())}


def _digits(text: str) -> str:
    """The digits of a number; empty if it is none."""
    digits, point, rest = text.partition(".")
    return digits if digits.isascii() and digits.isdigit() and (not point or rest == "0") else ""


def _one_changed(text: str, choices: list[str]) -> Iterator[str]:
    for at, choice in enumerate(choices):
        for letter in choice[1:]:
            yield f"{text[:at]}{letter}{text[at + 1 :]}"
