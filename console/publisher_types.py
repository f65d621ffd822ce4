"""What an outside system may report, as a form asks it: thing by thing, and whatever else is written by hand."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from console.report_words import THINGS

NEW, ALL = "new", "all"
MOST = 200
DEEDS = {
    "unit": ("reported", "closed", "related"),
    "membership": ("reported", "ended"),
    "finding": ("reported", "rectified"),
}  # fmt: skip
"""What is no correction, where it is more than `reported`."""
CHOSEN = ("record", "withdrawal", "unit", "membership", "post", "exemption", "finding", "sheet", "decision")
"""The things, those that are reported most first; `withdrawal` has nothing to correct."""


class Choices(NamedTuple):
    """By thing NEW (it reports), ALL (it also corrects, voids, restores) or '' (neither); `more`: other patterns."""

    things: Mapping[str, str]
    more: tuple[str, ...]


def choices_of(types: Iterable[str]) -> Choices:
    """As the form shows what is registered."""
    left = list(dict.fromkeys(types))
    things = dict.fromkeys(CHOSEN, "")
    for thing in CHOSEN:
        if (whole := f"qihang.{thing}.*") in left:
            things[thing] = ALL
            left.remove(whole)
        elif set(own := patterns(thing, NEW)) <= set(left):
            things[thing] = NEW
            left = [each for each in left if each not in own]
    return Choices(things, tuple(left))


def types_of(things: Mapping[str, str], more: str) -> list[str]:
    """What the form says, as the service registers it."""
    named = [pattern for thing in CHOSEN for pattern in patterns(thing, things.get(thing, ""))]
    return list(dict.fromkeys([*named, *words_of(more)]))[:MOST]


def patterns(thing: str, how: str) -> list[str]:
    if how == ALL:
        return [f"qihang.{thing}.*"]
    return [f"qihang.{thing}.{deed}.v1" for deed in DEEDS.get(thing, ("reported",))] if how == NEW else []


def words_of(text: str) -> list[str]:
    """What is written with blanks, commas or line ends between."""
    return text.replace("，", " ").replace(",", " ").replace("、", " ").split()


LABELS = {thing: THINGS[thing] for thing in CHOSEN}
