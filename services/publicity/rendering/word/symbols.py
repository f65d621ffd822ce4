"""Characters of symbol fonts (Wingdings, Symbol) in Unicode; superscript and subscript characters."""

UNKNOWN = "〓"
"""The printers' sign for a missing character (代字符)."""
_WINGDINGS = {
    0x21: "✏", 0x22: "✂", 0x26: "📖", 0x28: "☎", 0x2A: "✉", 0x36: "⌛", 0x3F: "✍", 0x41: "✌", 0x43: "👍", 0x44: "👎",
    0x45: "☜", 0x46: "☞", 0x47: "☝", 0x48: "☟", 0x4A: "☺", 0x4C: "☹", 0x4F: "⚑", 0x52: "☼", 0x54: "❄", 0x6C: "●",
    0x6D: "❍", 0x6E: "■", 0x6F: "□", 0x70: "□", 0x71: "❑", 0x72: "❒", 0x73: "◆", 0x74: "◆", 0x75: "◆", 0x76: "❖",
    0x77: "◆", 0x78: "☒", 0x7B: "✿", 0x7C: "❀", 0x7D: "“", 0x7E: "”", 0x80: "⓪", 0x9E: "·", 0x9F: "•", 0xA0: "▪",
    0xA1: "○", 0xA2: "○", 0xA3: "○", 0xA4: "◉", 0xA5: "◎", 0xA7: "▪", 0xA8: "□", 0xAA: "✦", 0xAB: "★", 0xAC: "✶",
    0xAD: "✴", 0xAE: "✹", 0xB1: "⌖", 0xB2: "◇", 0xB5: "✪", 0xB6: "☆", 0xD8: "➢", 0xDC: "➲", 0xDF: "←", 0xE0: "→",
    0xE1: "↑", 0xE2: "↓", 0xE3: "↖", 0xE4: "↗", 0xE5: "↙", 0xE6: "↘", 0xE8: "➔", 0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧",
    0xF2: "⇩", 0xF3: "⇔", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
} | {0x81 + at: chr(0x2460 + at) for at in range(10)} | {0x8C + at: chr(0x2776 + at) for at in range(10)}  # fmt: skip
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "●", 0x98: "•", 0xA2: "■",
                0xA3: "□", 0xAE: "◆", 0xEA: "★"}  # fmt: skip
_WINGDINGS_3 = {0x75: "◀", 0x70: "▲", 0x71: "▼", 0x7D: "▶", 0x84: "▶", 0x66: "←", 0x67: "→", 0x68: "↑", 0x69: "↓"}
_GREEK_UPPER, _GREEK_LOWER = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
_SYMBOL = (
    {0x41 + at: sign for at, sign in enumerate(_GREEK_UPPER)}
    | {0x61 + at: sign for at, sign in enumerate(_GREEK_LOWER)}
    | {at: chr(at) for at in (*range(0x20, 0x40), 0x5B, 0x5D, 0x5F, 0x7B, 0x7C, 0x7D)}
    | {0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2A: "∗", 0x2D: "−", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0x7E: "∼",
       0xA3: "≤", 0xA5: "∞", 0xA8: "♦", 0xA9: "♥", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°",
       0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB5: "∝", 0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡",
       0xBB: "≈", 0xBC: "…", 0xC6: "∅", 0xC7: "∩", 0xC8: "∪", 0xCC: "⊂", 0xCE: "∈", 0xCF: "∉", 0xD0: "∠", 0xD1: "∇",
       0xD5: "∏", 0xD6: "√", 0xD7: "·", 0xD9: "∧", 0xDA: "∨", 0xDB: "⇔", 0xDE: "⇒", 0xE5: "∑", 0xF2: "∫"}
)  # fmt: skip
_FONTS = {"wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "wingdings 3": _WINGDINGS_3, "symbol": _SYMBOL,
          "webdings": {0x61: "✓", 0x63: "□", 0x67: "■", 0x6E: "●", 0x72: "✗"}}  # fmt: skip
_SMALL = "0123456789+-=()"
_ABOVE = dict(zip(f"{_SMALL}n−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ⁻", strict=True))
_BELOW = dict(zip(f"{_SMALL}−", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎₋", strict=True))


def is_symbol_font(font: str) -> bool:
    return font.lower() in _FONTS


def symbol(code: int, font: str) -> str:
    """The character at `code` of a symbol font; UNKNOWN for other fonts and codes."""
    table = _FONTS.get(font.lower())
    low = code - 0xF000 if 0xF000 <= code <= 0xF0FF else code
    if table is not None:
        return " " if low == 0x20 else table.get(low, UNKNOWN)
    return UNKNOWN if 0xE000 <= code <= 0xF8FF or not 0x20 <= code <= 0x10FFFF else chr(code)


def raised(text: str) -> str:
    """As superscript characters, if there is one for each."""
    return "".join(_ABOVE[sign] for sign in text) if text and all(sign in _ABOVE for sign in text) else text


def lowered(text: str) -> str:
    return "".join(_BELOW[sign] for sign in text) if text and all(sign in _BELOW for sign in text) else text
