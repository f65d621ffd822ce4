"""A work as its reviewers may read it: the author and school are blacked out, in whatever form they are written.

Pure.  A name that is an ordinary word (杨柳, 建国) is blacked out only where it is used as a name: elsewhere the gap
itself would reveal it (docs/decisions/0113)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.publicity.rendering.manuscript import Block
from services.publicity.works.name_forms import Name, latin_patterns, name_of, school_patterns
from services.publicity.works.ordinary_words import BEFORE_A_TITLE, ORDINARY

BLOT = "＊＊＊"
_TITLES = (
    "老师|老師|教师|教師|校长(?![期远久足])|校長|园长|園長|副校长|副园长|书记|書記|主任|同志"
    "|同学|班主任|教授|科长|局长|站长|组长|组员|工友"
)
_CUES = (
    "作者|姓名|执笔人?|撰稿人?|撰文|供稿人?|署名|主讲人?|汇报人|发言人|报告人|填表人|申报人|申请人|指导教师|教师"
    "|老师|本人|我叫|我是|名叫|叫做|叫作"
)
_APART = r"[\s\u3000·•‧・.．]*"
_SPACED = r"[\s\u3000·•‧・.．]+"
_CONTACTS = (
    r"(?<!\d)(?:\+?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}(?!\d)",
    r"(?<!\d)[(]?0\d{2,3}[)]?[-\s]?\d{7,8}(?!\d)",
    r"(?<!\d)[48]00[-\s]?\d{3}[-\s]?\d{4}(?!\d)",
    r"(?<!\d)\d{17}[\dXx](?!\d)",
    r"(?<!\d)\d{6}(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx]?(?!\d)",
    r"[A-Za-z0-9_.+-]+\s*@\s*[A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)+",
    r"(?:微信|QQ|抖音|快手|微博|公众号|邮箱|电话|手机|联系方式|WeChat|weixin)(?:号码|号|账号|帐号)?\s*(?:[:是为]\s*|\s+)?"
    r"(?P<account>[A-Za-z0-9][A-Za-z0-9_.-]{3,})",
    r"(?:电话|手机|联系方式|传真)(?:号码|号)?\s*[:是为]?\s*(?P<number>\d[\d\s-]{5,}\d)",
)


@dataclass(frozen=True)
class Identity:
    """The author's name, ids, and names of the units where they serve or that nominated the work."""

    name: str
    ids: tuple[str, ...]
    units: tuple[str, ...]


def redact(blocks: Sequence[Block], identity: Identity) -> list[Block]:
    """The blocks with everything that identifies the author or school replaced by BLOT.  Pictures stay."""
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in _patterns(identity, blocks)]
    name = name_of(identity.name)
    return [Block(block.style, _redact_text(block.text, patterns, name), block.picture) for block in blocks]


def _patterns(identity: Identity, blocks: Sequence[Block]) -> Iterator[str]:
    yield from _CONTACTS
    yield from (rf"(?<![A-Za-z0-9]){re.escape(item)}(?![A-Za-z0-9])" for item in identity.ids if item)
    for unit in identity.units:
        yield from school_patterns(unit)
    yield from _abbreviations(identity.units, blocks)
    if name := name_of(identity.name):
        yield from latin_patterns(name)
        yield from _chinese(name)


def _chinese(name: Name) -> Iterator[str]:
    """The full name, the given name, the surname with a title."""
    full = _APART.join(name.characters)
    if name.full in ORDINARY:
        yield from _as_a_name(name.characters)
    else:
        yield full
    if len(name.given) >= 2:
        given = name.characters[-len(name.given) :]
        yield from _as_a_name(given) if name.given in ORDINARY else [_APART.join(given)]
    if name.surname:
        surname = "".join(name.characters[: len(name.surname)])
        yield rf"(?P<titled>{surname}){_APART}[某XxＸ]*{_APART}(?:{_TITLES})"


def _as_a_name(characters: Sequence[str]) -> Iterator[str]:
    """The contexts in which an ordinary word is used as a name: spaced, signed, introduced, with a title."""
    word = _APART.join(characters)
    yield _SPACED.join(characters)
    yield rf"^\s*{word}\s*$"
    yield rf"(?:{_CUES})\s*[:/]?\s*(?P<signed>{word})"
    yield rf"(?:文|图|作)\s*[:/]\s*(?P<credited>{word})"
    yield rf"(?P<addressed>{word})\s*(?=(?:{_TITLES}))"
    yield rf"(?:中学|小学|幼儿园|学校|教研组|校|园|局|{re.escape(BLOT)})\s+(?P<placed>{word})\s*$"
    yield rf"(?:——|—|--)\s*(?P<dashed>{word})\s*$"
    yield rf"[(（]\s*(?P<bracketed>{word})\s*[)）]\s*$"


def _abbreviations(units: Iterable[str], blocks: Sequence[Block]) -> Iterator[str]:
    """`育才小学（以下简称“育小”）`: short names of the school that the text itself declares."""
    text = "\n".join(block.text for block in blocks)
    for unit in units:
        for pattern in school_patterns(unit):
            called = r"[(（](?:以下)?(?:简称|下称|又称|俗称|人称|即)[为:：]?\s*"
            declared = rf"(?:{pattern})\s*{called}[“\"「]?([^“”\"「」()（）]{{2,12}})"
            for match in re.finditer(declared, text):
                yield re.escape(match[match.lastindex or 1].strip())


def _redact_text(text: str, patterns: Sequence[re.Pattern[str]], name: Name | None) -> str:
    """Matches in a copy with plain letters of the same length, so that full width and tones hide nothing."""
    plain = _plain(text)
    hidden = [False] * len(text)
    for pattern in patterns:
        for match in pattern.finditer(plain):
            if not match[0] or _is_a_word(plain, match, name):
                continue
            named = [group for group, part in match.groupdict().items() if part and group != "titled"]
            start, end = match.span(named[0]) if named else match.span()
            hidden[start:end] = [True] * (end - start)
    return _with_blocks(text, hidden)


def _is_a_word(text: str, match: re.Match[str], name: Name | None) -> bool:
    """提高老师的……: a surname at the end of another word is not one."""
    if name is None or "titled" not in match.re.groupindex or not match["titled"]:
        return False
    start = match.start("titled")
    return start > 0 and text[start - 1] + match["titled"] in BEFORE_A_TITLE


def _with_blocks(text: str, hidden: Sequence[bool]) -> str:
    result: list[str] = []
    for at, sign in enumerate(text):
        if not hidden[at]:
            result.append(sign)
        elif at == 0 or not hidden[at - 1]:
            result.append(BLOT)
    return "".join(result)


def _plain(text: str) -> str:
    """Full-width letters and signs as ASCII, letters without tones; the length stays the same."""
    return "".join(_plain_sign(sign) for sign in text)


def _plain_sign(sign: str) -> str:
    if "\uff01" <= sign <= "\uff5e":
        return chr(ord(sign) - 0xFEE0)
    if "\u00c0" <= sign <= "\u01ff" or "\u1e00" <= sign <= "\u1eff":
        return unicodedata.normalize("NFD", sign)[0]
    return sign
