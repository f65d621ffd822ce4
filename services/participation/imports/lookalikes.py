"""Ids that a person takes for each other: they differ by case, or by O for 0, l or I for 1.  Pure."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product
from math import prod
from typing import Final

_FOLDED: Final = str.maketrans("oOlI", "0011")
_ALIKE: Final = {"0": "0O", "o": "o0O", "O": "O0", "1": "1Il", "l": "l1I", "I": "I1l"}
MOST_VARIANTS: Final = 24


@lru_cache(maxsize=8192)  # an id of a batch is asked for three times
def folded(text: str) -> str:
    """The same for ids that look alike."""
    return text.translate(_FOLDED).lower().translate(_FOLDED)


def variants(text: str) -> set[str]:
    """The likeliest of the ids that look like this one, itself included: each way to read its look-alikes where they
    are few, else one changed at a time or all of them; and the whole in capitals and in small letters."""
    choices = [_ALIKE.get(letter, letter) for letter in text]
    if prod(len(choice) for choice in choices) <= MOST_VARIANTS:
        spellings = {"".join(letters) for letters in product(*choices)}
    else:
        spellings = {text, text.translate(_FOLDED), *islice(_one_changed(text, choices), MOST_VARIANTS)}
    return spellings | {item for word in (text, text.translate(_FOLDED)) for item in (word.upper(), word.lower())}


def _one_changed(text: str, choices: list[str]) -> Iterator[str]:
    for at, choice in enumerate(choices):
        for letter in choice[1:]:
            yield f"{text[:at]}{letter}{text[at + 1 :]}"
