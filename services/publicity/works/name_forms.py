"""Patterns for the forms of a person's and a school's name: traditional characters, Latin letters, short forms."""

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.publicity.works.ordinary_words import ORDINARY

_APART = r"[\s\u3000·•‧・.．]*"
_DOUBLE_SURNAMES = frozenset((
    "欧阳", "司马", "上官", "诸葛", "尉迟", "皇甫", "令狐", "夏侯", "东方", "公孙", "慕容", "司徒",
    "长孙", "宇文", "独孤", "南宫", "西门", "轩辕", "端木", "百里", "呼延", "闻人", "太史", "申屠",
    "澹台", "公冶", "淳于", "单于", "钟离", "鲜于", "司空", "赫连", "万俟", "濮阳", "完颜", "拓跋",
))  # fmt: skip
_TRADITIONAL = {
    item[0]: item[1:] for item in Path(__file__).with_name("traditional_characters.txt").read_text("utf-8").split()
}
"""Characters of names: simplified -> traditional."""
_FIGURES = "零一二三四五六七八九"
_KINDS = {
    "中心小学": "小学?|校", "小学": "小学?|校", "中学": "中学?|校", "高级中学": "高级中学|高中|中学?|校",
    "初级中学": "初级中学|初中|中学?|校", "幼儿园": "幼儿园|幼|园", "学校": "学校|校", "高中": "高中|中",
    "初中": "初中|中",
}  # fmt: skip
_NOT_A_SCHOOL = r"(?!全会|心|央|国|华|间|等|午|秋|文|期|有|的|时|组|结|步|块|型|长假|姐|篇|个|段|年级|层)"
_MOST_READINGS = 16


@dataclass(frozen=True, slots=True)
class Name:
    """`characters`: a pattern for each character of `full`, in order."""

    full: str
    surname: str
    given: str
    characters: tuple[str, ...]


def name_of(text: str) -> Name | None:
    """The parsed name of a roster; None if it is empty.  A name of several parts (买买提·艾力) has no surname."""
    parts = [part for part in re.split(r"[\s\u3000·•‧・.．]+", text) if part]
    full = "".join(parts)
    if not full:
        return None
    characters = tuple(_variants(sign) for sign in full)
    if (len(parts) > 1 and len(parts[0]) > 1) or not "\u4e00" <= full[0] <= "\u9fff":
        return Name(full, "", "", characters)
    surname = full[:2] if full[:2] in _DOUBLE_SURNAMES and len(full) > 2 else full[:1]
    return Name(full, surname, full[len(surname) :], characters)


def latin_patterns(name: Name) -> Iterator[str]:
    """Surname first or last, full or given name only, in one word or several."""
    if not name.surname:
        if len(parts := name.full) > 1 and "\u4e00" <= parts[0] <= "\u9fff":
            yield from (_word(_join_syllables(reading)) for reading in _readings(parts))
        return
    for surname, given in itertools.product(_readings(name.surname), _readings(name.given) if name.given else [()]):
        if not given:
            continue
        first, last = _join_syllables(surname), _join_syllables(given)
        yield _word(rf"{first}[\s,'’._-]*{last}")
        yield _word(rf"{last}[\s,'’._-]*{first}")
        if len(given) > 1:
            yield _word(last)


def school_patterns(unit: str) -> Iterator[str]:
    """A school's name without its region, with numbers in any digits, and its usual short form (第7中学: 七中)."""
    if not unit:
        return
    yield _APART.join(map(_variants, unit))
    name = re.sub(r"^.{1,6}?(?:省|市|区|县|旗|镇|乡)(?=.{3,})", "", unit)
    if numbered := re.fullmatch(r"第?([0-9一二三四五六七八九十百]+)(\D{1,6})", name):
        kind = _KINDS.get(numbered[2], re.escape(numbered[2]))
        figures = "|".join(_figures(numbered[1]))
        apart = r"[\s\u3000]*"
        whole = f"第{apart}(?:{figures}){apart}(?:{apart.join(numbered[2])}|{kind})"
        yield rf"(?:{re.escape(unit.removesuffix(name))})?{whole}"
        yield rf"(?<![\d一二三四五六七八九十百第届])(?:{figures})(?:{kind}){_NOT_A_SCHOOL}"
        return
    if len(name) >= 3:
        yield _APART.join(map(_variants, name))
    for kind, short in _KINDS.items():
        if name.endswith(kind) and len(core := name.removesuffix(kind)) >= 2:
            yield rf"{_APART.join(map(_variants, core))}(?:{short}){_NOT_A_SCHOOL}"
            if core not in ORDINARY and core not in ("实验", "中心", "第一", "希望", "附属", "九年制", "九年一贯制"):
                yield rf"{_APART.join(map(_variants, core))}(?=人|师生|学子|校园|园丁|老师|教师)"
            return


def _variants(sign: str) -> str:
    """A character in simplified and traditional form."""
    other = _TRADITIONAL.get(sign, "")
    return f"[{sign}{other}]" if other and other != sign else re.escape(sign)


def _figures(number: str) -> tuple[str, str]:
    value = int(number) if number.isdecimal() else _value(number)
    tens, ones = divmod(value, 10)
    chinese = ("" if tens == 1 else _FIGURES[tens] if 1 < tens < 10 else "") + ("十" if tens else "")
    return str(value), chinese + (_FIGURES[ones] if ones or not tens else "")


def _value(chinese: str) -> int:
    tens, ten, ones = chinese.rpartition("十")
    if not ten:
        return _FIGURES.find(chinese) if len(chinese) == 1 else 0
    return 10 * (_FIGURES.find(tens) if tens else 1) + (_FIGURES.find(ones) if ones else 0)


def _readings(characters: str) -> list[tuple[str, ...]]:
    """The syllables without tones of every reading of the characters."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # without its dictionary of phrases: saves 30 MB
    from pypinyin import Style, pinyin  # slow to import, and only needed for reviewers' texts

    syllables = [
        sorted({form for text in texts for form in _spellings(text)})
        for texts in pinyin(characters, style=Style.NORMAL, heteronym=True, errors="ignore", v_to_u=False)
    ]
    return list(itertools.islice(itertools.product(*syllables), _MOST_READINGS)) if syllables else []


def _spellings(syllable: str) -> Iterator[str]:
    """ü is written u, v or yu in Latin letters."""
    if "v" in syllable or "ü" in syllable:
        plain = syllable.replace("ü", "v")
        yield from (plain, plain.replace("v", "u"), plain.replace("v", "yu"))
    else:
        yield syllable


def _join_syllables(syllables: tuple[str, ...]) -> str:
    return r"[\s'’._-]*".join(map(re.escape, syllables))


def _word(pattern: str) -> str:
    return rf"(?<![A-Za-z]){pattern}(?![A-Za-z])"
