"""The syllables of a Chinese character in Latin letters, by the library pypinyin."""

import os


def syllables_of(character: str) -> tuple[str, ...]:
    """Every reading without tones, `lü` as lv, lu and lyu; none for what is no Chinese character."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # words are not looked up: 30 MB less
    from pypinyin import Style, pinyin  # 0.2 s to load, and only who looks up by letters needs it

    readings = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore", v_to_u=False)
    return tuple(sorted({form for texts in readings for text in texts for form in _spellings(text)}))


def _spellings(syllable: str) -> tuple[str, ...]:
    plain = syllable.replace("ü", "v")
    return (plain, plain.replace("v", "u"), plain.replace("v", "yu")) if "v" in plain else (plain,)
