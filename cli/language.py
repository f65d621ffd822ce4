"""The language of the command: Chinese, or English with `QIHANG_LANG=en`.

Every text stands in the code in Chinese; its English in english.json (`python -m docs.generate english`).  What is put
together of parts is known by its pattern: `{}` stands for a part."""

import json
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("english.json")
CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
PART: Final = "{}"
SIGNS_OF_ENGLISH: Final = {"；": "; ", "：": ": ", "，": ", ", "、": ", ", "（": " (", "）": ")", "。": ". "}
SIGNS: Final = "".join(SIGNS_OF_ENGLISH)
ADDS: Final = "（，；"


def is_english() -> bool:
    return os.environ.get("QIHANG_LANG", "").strip().lower().startswith("en")


def localise(text: str) -> str:
    """As it is said in the language of the user; what has no English stays as it is."""
    if not text or not is_english() or not (CHINESE.search(text) or any(sign in text for sign in SIGNS)):
        return text
    if exact := english_texts().get(text):
        return exact
    if "\n" in text:
        return "\n".join(localise(line) for line in text.split("\n"))
    return _of_pattern(text) or _with_an_addition(text) or _in_pieces(text)


def localise_command(command: Any) -> Any:
    """The same command (of typer), and those below it, with their help in the language of the user."""
    if is_english():
        command.help = localise(command.help or "") or None
        command.short_help = localise(command.short_help or "") or None
        for parameter in command.params:
            parameter.help = localise(getattr(parameter, "help", None) or "")
        for each in getattr(command, "commands", {}).values():
            localise_command(each)
    return command


def _of_pattern(text: str) -> str:
    for pattern, english in _patterns():
        if matched := pattern.fullmatch(text):
            return english.format(*(localise(part) for part in matched.groups()))
    return ""


def _with_an_addition(text: str) -> str:
    """Two patterns, the second of which begins with a sign."""
    for pattern, english in _patterns():
        if (
            pattern.pattern[0] in ADDS
            and (added := re.search(f"{pattern.pattern}$", text, re.DOTALL))
            and added.start()
        ):
            return localise(text[: added.start()]) + english.format(*map(localise, added.groups()))
    return ""


def _in_pieces(text: str) -> str:
    """What only signs hold together, each for itself; a name stays whole."""
    signs: Mapping[str, str]
    for separators, signs, translate in ((SIGNS, SIGNS_OF_ENGLISH, localise), (" ", {}, english_of)):
        pieces = re.split(f"([{separators}])", text)
        if len(pieces) == 1:
            continue
        spoken = [signs[piece] if piece in signs else translate(piece) for piece in pieces]
        if not CHINESE.search(text) or any(CHINESE.search(a) and a != b for a, b in zip(pieces, spoken, strict=True)):
            return "".join(spoken)
    return text


def english_of(word: str) -> str:
    return english_texts().get(word, word)


@lru_cache(maxsize=1)
def english_texts() -> Mapping[str, str]:
    """Chinese -> English."""
    texts: Mapping[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
    return texts


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Those with the most text of their own first."""
    matched = [(text, english) for text, english in english_texts().items() if PART in text and english]
    matched.sort(key=lambda entry: -len(entry[0].replace(PART, "")))
    return tuple((re.compile("(.*?)".join(map(re.escape, text.split(PART))), re.DOTALL), english)
                 for text, english in matched)  # fmt: skip
