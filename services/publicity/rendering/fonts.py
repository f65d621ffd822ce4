"""The fonts of documents, and whether they have a glyph for every character; fonts installed elsewhere are ignored.

Reads one folder (the setting `fonts`, else that of Debian's fonts-noto-cjk), so that pages are the same everywhere."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

import typst
from fontTools.ttLib import TTFont

FOLDER = "/usr/share/fonts/opentype/noto"
SONG = ("Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "宋体")
FANGSONG = ("FangSong_GB2312", "FangSong", "仿宋_GB2312", "仿宋", "Zhuque Fangsong (technical preview)", *SONG)
HEI = ("SimHei", "黑体", "Noto Sans CJK SC", "Source Han Sans SC")
FALLBACK_FOLDER = "/usr/share/fonts/truetype/noto"
FALLBACK = ("Noto Serif", "Noto Serif Tibetan", "Noto Sans Mongolian", "Noto Sans Yi", "Noto Naskh Arabic",
            "Noto Sans Arabic", "Noto Sans Math", "Noto Sans Symbols", "Noto Sans Symbols2", "Noto Sans Symbols 2",
            "Noto Emoji")  # fmt: skip
"""For symbols and the scripts of minorities (fonts-noto-core): in the image, not on every machine."""
KAI = ("KaiTi_GB2312", "KaiTi", "楷体", "LXGW WenKai", "AR PL KaitiM GB", *SONG)


class FontsMissing(RuntimeError):
    """There is no font of a kind that documents need."""


class GlyphsMissing(RuntimeError):
    """Characters that no available font has; the text lists them."""


@dataclass(frozen=True)
class Faces:
    """Font families in the order that typst tries them; the last are the available fallbacks."""

    body: tuple[str, ...]
    heading: tuple[str, ...]
    author: tuple[str, ...]
    loaded: typst.Fonts


def faces(given: str = "") -> Faces:
    """The faces of the fonts in a folder (empty: Debian's).  Raises FontsMissing."""
    folder = given or FOLDER
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder, FALLBACK_FOLDER])
    families = set(fonts.families())
    fallback = tuple(name for name in FALLBACK if name in families)

    def chosen(wanted: Iterable[str]) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(name for name in wanted if name in families))
        if not names:
            raise FontsMissing(f"{folder}（Debian: fonts-noto-cjk）")
        return names + fallback

    return Faces(chosen(FANGSONG), chosen((*HEI, *SONG)), chosen(KAI), fonts)


def missing_glyphs(faces: Faces, families: tuple[str, ...], characters: Collection[str]) -> list[str]:
    """The characters that none of the families has.  Joiners and variation selectors need no glyph."""
    wanted = {c for c in characters if not c.isspace() and not _is_unseen(c)}
    for family in families:
        if not wanted:
            break
        for info in faces.loaded.fonts():
            if info.family == family and info.path:
                wanted = {c for c in wanted if ord(c) not in _characters_of_font(info.path, info.index)}
                break
    return sorted(wanted)


def missing_in_work(characters: Collection[str], folder: str = "") -> list[str]:
    """The same for a work's text; characters that Debian's fonts are known to have are skipped, since looking up takes
    seconds.  Raises FontsMissing."""
    rare = characters if folder else {c for c in characters if not _is_usual(c)}
    if not rare:
        return []
    known = faces(folder)
    return sorted({*missing_glyphs(known, known.body, rare), *missing_glyphs(known, known.heading, rare)})


def with_code_points(characters: Iterable[str]) -> str:
    """Each character with its code point, at most fifty."""
    shown = list(characters)[:50]
    return "、".join(f"{'' if unicodedata.category(c) == 'Co' else c}（U+{ord(c):04X}）" for c in shown)


def _is_unseen(character: str) -> bool:
    is_selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return is_selector or unicodedata.category(character) in ("Cc", "Cf")


def _is_usual(character: str) -> bool:
    """Every font of simplified Chinese has the signs of GB 2312."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _characters_of_font(path: str, index: int) -> frozenset[int]:
    with TTFont(path, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap() or {})
