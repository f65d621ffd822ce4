"""The pinyin syllables of a Chinese character, by the library pypinyin."""

import os


def syllables_of(character: str) -> tuple[str, ...]:
    """All readings without tones, `lü` as lv, lu and lyu; empty for other characters."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # without its dictionary of phrases: saves 30 MB
    from pypinyin import Style, pinyin  # imported when needed: it takes 0.2 s

    readings = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore", v_to_u=False)
    return tuple(sorted({form for texts in readings for text in texts for form in _spellings(text)}))


def _spellings(syllable: str) -> tuple[str, ...]:
    plain = syllable.replace("ü", "v")
    return (plain, plain.replace("v", "u"), plain.replace("v", "yu")) if "v" in plain else (plain,)
