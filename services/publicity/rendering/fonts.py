"""Which fonts documents are set in, and whether they have a glyph for every character; the system's own are ignored.

Looks into one folder (the setting `fonts`, else where Debian's fonts-noto-cjk lies): pages stay the same everywhere."""

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
KAI = ("KaiTi_GB2312", "KaiTi", "楷体", "LXGW WenKai", "AR PL KaitiM GB", *SONG)


class FontsMissing(RuntimeError):
    """No font of a kind that documents need."""


class GlyphsMissing(RuntimeError):
    """Characters that no font at hand can show; the text names them."""


@dataclass(frozen=True)
class Faces:
    """Families to try in order, as typst does."""

    body: tuple[str, ...]
    heading: tuple[str, ...]
    author: tuple[str, ...]
    loaded: typst.Fonts


def faces(given: str = "") -> Faces:
    """The faces of a folder (empty: Debian's).  FontsMissing."""
    folder = given or FOLDER
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
    families = set(fonts.families())

    def chosen(wanted: Iterable[str]) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(name for name in wanted if name in families))
        if not names:
            raise FontsMissing(f"{folder}（Debian: fonts-noto-cjk）")
        return names

    return Faces(chosen(FANGSONG), chosen((*HEI, *SONG)), chosen(KAI), fonts)


def check_glyphs(faces: Faces, families: tuple[str, ...], characters: Collection[str]) -> None:
    """GlyphsMissing names every character that none of the families has."""
    wanted = {c for c in characters if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf")}
    for family in families:
        for info in faces.loaded.fonts():
            if info.family == family and info.path:
                wanted = {c for c in wanted if ord(c) not in _covered(info.path, info.index)}
                break
    if wanted:
        raise GlyphsMissing("、".join(f"{c}（U+{ord(c):04X}）" for c in sorted(wanted)[:50]))


@cache
def _covered(path: str, index: int) -> frozenset[int]:
    with TTFont(path, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap() or {})
