"""Days as people type them.  A browser's own field sends `2026-11-05`; one without such a field, or an address that
somebody wrote, bears what stands on paper: 2026-11-5, 2026.11.5, 2026/11/5, 20261105 or 2026年11月5日."""

import re
import unicodedata
from datetime import date

_MARKED = re.compile(r"(\d{4})(\D)(\d{1,2})(\D)(\d{1,2})(\D?)")
_MARKS = ("--", "..", "//", "年月", "年月日")
_FIGURES = re.compile(r"(\d{4})(\d\d)(\d\d)")


def date_or_empty(text: str) -> str:
    """The day as `2026-11-05`; empty: it is none."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if marked := _MARKED.fullmatch(plain):
        year, mark, month, second, day, last = marked.groups()
        parts: tuple[str, ...] = (year, month, day) if mark + second + last in _MARKS else ()
    else:
        figures = _FIGURES.fullmatch(plain)
        parts = figures.groups() if figures else ()
    try:
        return date(*map(int, parts)).isoformat() if parts else ""
    except ValueError:
        return ""


def day_as_typed(text: str) -> str:
    """The same; what is no day stays as it was typed, for the service to say what is wrong with it."""
    return date_or_empty(text) or text
