"""Automatic numbering: the label before a paragraph, which is not part of its text."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Any

from services.publicity.rendering.word.counting import counted
from services.publicity.rendering.word.names import attribute, child, children, descendants, is_on, value
from services.publicity.rendering.word.styles import Styles
from services.publicity.rendering.word.symbols import UNKNOWN, symbol

_LEVELS = 9
_MOST = 1_000_000
_CLOSING = "、，。．：；）】」〕"


@dataclass(frozen=True, slots=True)
class Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    gap: str = "tab"
    figures_only: bool = False
    restart: int = -1
    font: str = ""
    style: str = ""


class Numbering:
    """Counts with each paragraph it is asked for; call in the order of the document."""

    def __init__(self, root: Any, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, dict[int, Level]] = {}
        self._links: dict[str, str] = {}
        self._numbers: dict[str, tuple[str, dict[int, Level], dict[int, int]]] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[str] = set()
        if root is not None:
            self._read(root)

    def label(self, properties: Any) -> str:
        """The label with the gap after it; empty if the paragraph has no number."""
        number, level_text, style = self._styles.number_of(properties)
        if number in ("", "0") or number not in self._numbers:
            return ""
        list_id, own, starts = self._numbers[number]
        levels = self._levels(list_id) | own
        at = int(level_text) if level_text.isdecimal() else self._level_of_style(levels, style)
        if at not in levels or at >= _LEVELS:
            return ""
        counts = self._counts.setdefault(list_id, [None] * _LEVELS)
        if number not in self._begun:
            self._begun.add(number)
            for level, start in starts.items():
                counts[level:] = [start - 1, *[None] * (_LEVELS - level - 1)]
        _count_on(counts, levels, at)
        return _number_text(counts, levels, at)

    def _levels(self, list_id: str) -> dict[int, Level]:
        """The levels of a list, which may be defined by a style that refers to another number."""
        link = self._links.get(list_id, "")
        if link and not self._lists.get(list_id):
            for style in self._styles.lineage(link):
                if style.number in self._numbers:
                    return self._lists.get(self._numbers[style.number][0], {})
        return self._lists.get(list_id, {})

    def _level_of_style(self, levels: dict[int, Level], style: str) -> int:
        return next((at for at, level in levels.items() if style and level.style == style), 0)

    def _read(self, root: Any) -> None:
        for element in children(root, "w:abstractNum"):
            list_id = attribute(element, "w:abstractNumId")
            self._lists[list_id] = dict(map(_level, children(element, "w:lvl")))
            self._links[list_id] = value(element, "w:numStyleLink")
        for element in children(root, "w:num"):
            own, starts = {}, {}
            for override in children(element, "w:lvlOverride"):
                at = _number(attribute(override, "w:ilvl"))
                if (level := child(override, "w:lvl")) is not None:
                    own[at] = _level(level)[1]
                if start := value(override, "w:startOverride"):
                    starts[at] = _number(start)
            self._numbers[attribute(element, "w:numId")] = (value(element, "w:abstractNumId"), own, starts)


def _level(element: Any) -> tuple[int, Level]:
    form = next((attribute(item, "w:val") for item in descendants(element, "w:numFmt")), "decimal")
    fonts = child(element, "w:rPr", "w:rFonts")
    start, restart = value(element, "w:start"), value(element, "w:lvlRestart")
    level = Level(
        _number(start) if start else 1, form, value(element, "w:lvlText"), value(element, "w:suff") or "tab",
        is_on(element, "w:isLgl"), _number(restart) if restart else -1,
        "" if fonts is None else attribute(fonts, "w:ascii") or attribute(fonts, "w:hAnsi"), value(element, "w:pStyle"),
    )  # fmt: skip
    if child(element, "w:lvlPicBulletId") is not None:
        level = replace(level, text="•", font="", form="bullet")
    return _number(attribute(element, "w:ilvl")), level


def _number(text: str) -> int:
    return min(int(text), _MOST) if text.isascii() and text.isdecimal() else 0


def _count_on(counts: list[int | None], levels: dict[int, Level], at: int) -> None:
    before = counts[at]
    counts[at] = levels[at].start if before is None else min(before + 1, _MOST)
    for above in range(at):
        if counts[above] is None and above in levels:
            counts[above] = levels[above].start
    for below in range(at + 1, _LEVELS):
        restart = levels[below].restart if below in levels else -1
        if restart != 0 and (restart < 0 or at < restart):
            counts[below] = None


def _number_text(counts: list[int | None], levels: dict[int, Level], at: int) -> str:
    level = levels[at]
    if level.form == "bullet":
        signs = "".join(symbol(ord(sign), level.font) if level.font else _plain(sign) for sign in level.text)
        return (signs.replace(UNKNOWN, "•") or "•") + " "
    if level.form == "none" and "%" not in level.text.replace(f"%{at + 1}", ""):
        return level.text.replace(f"%{at + 1}", "")

    def number(reference: re.Match[str]) -> str:
        other = int(reference[1]) - 1
        form = "decimal" if level.figures_only or other not in levels else levels[other].form
        count = counts[other]
        return "" if count is None else counted(count, form)

    label = re.sub(r"%([1-9])", number, level.text)
    return label + ("" if level.gap == "nothing" or label.endswith(tuple(_CLOSING)) or not label else " ")


def _plain(sign: str) -> str:
    return UNKNOWN if unicodedata.category(sign) == "Co" else sign
