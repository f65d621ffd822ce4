"""Interprets stored numbers by a workbook's number formats: a day, an instant, digits with leading zeros, or a
number."""

import datetime
import functools
import re
from decimal import Decimal, InvalidOperation

from services.reading.table import Cell, CellKind

DATES_BY_ID = frozenset((*range(14, 23), *range(27, 37), *range(50, 59)))
"""Built-in formats, not written in the file; 27-36 and 50-58 are the East Asian ones."""
ELAPSED = frozenset((45, 46, 47))
DIGITS_BY_ID = {1: "0"}
DAY_SECONDS = 86_400
LAST_SERIAL = 2_958_466
"""The day after 9999-12-31."""
ALMOST_MIDNIGHT = 60
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DIGITS_ONLY = re.compile(r"#*0+")
_FRACTION = re.compile(r"\.0+")
_EXPONENT = re.compile(r"e[+-]", re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[ydbe年月日]|m|aaa|g+e|h|s", re.IGNORECASE)


@functools.lru_cache(4096)
def is_date(format_id: int, code: str) -> bool:
    """Whether the format displays a day or a time of day; elapsed hours ([h]:mm) are neither."""
    if not code:
        return format_id in DATES_BY_ID
    shown = next((part for part in _LITERALS.sub("", code).split(";") if part.strip()), "")
    if (
        not shown
        or shown.lower().startswith(("general", "standard"))
        or "[" in shown
        or "@" in shown
        or _EXPONENT.search(shown)
    ):
        return _only_locale_date(code)
    return bool(_DATE_LETTERS.search(shown)) and not re.search(r"[0#?]", _FRACTION.sub("", shown))


def _only_locale_date(code: str) -> bool:
    """[$-F800], [$-F400], [$-x-sysdate]: the system's long date or time."""
    return bool(re.search(r"\[\$-(?:F800|F400|x-sys)", code, re.IGNORECASE)) and "[h" not in code.lower()


@functools.lru_cache(4096)
def digits_of(format_id: int, code: str) -> int:
    """The least number of digits that the format displays, if it has digits only; else 0."""
    shown = _LITERALS.sub("", code.split(";")[0]) if code else DIGITS_BY_ID.get(format_id, "")
    literal = '"' in code.split(";")[0] or "\\" in code.split(";")[0]
    shown = shown.strip()
    return shown.count("0") if _DIGITS_ONLY.fullmatch(shown) and not literal else 0


def number_cell(stored: str, format_id: int, code: str, epoch_1904: bool, format_known: bool = True) -> Cell:
    """A stored number as its format displays it.  Raises ValueError if it is not a number."""
    value = _decimal(stored)
    if is_date(format_id, code) and (shown := _instant(float(value), epoch_1904)):
        return shown
    number = plain(value)
    digits = digits_of(format_id, code)
    if digits and value >= 0 and value == value.to_integral_value():
        return Cell(number.zfill(digits), CellKind.NUMBER, number, True)
    return Cell(number, CellKind.NUMBER, number, False, format_known)


def _decimal(stored: str) -> Decimal:
    try:
        value = Decimal(stored)
    except InvalidOperation:
        raise ValueError(stored) from None
    if not value.is_finite() or abs(value.adjusted()) > 400:
        raise ValueError(stored)
    return value


def plain(value: Decimal) -> str:
    """In digits without exponent; a fraction rounded to the fifteen digits that workbooks display (0.1 + 0.2 is
    0.3)."""
    if value != value.to_integral_value():
        value = Decimal(format(float(value), ".15g"))
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _instant(serial: float, epoch_1904: bool) -> Cell | None:
    """None if it is no day: a time of day only, 1900-02-29, after the last year."""
    if epoch_1904:
        origin = datetime.date(1904, 1, 1)
        whole = serial >= 0
    else:
        origin = datetime.date(1899, 12, 31 if serial < 60 else 30)
        whole = serial >= 1 and not 60 <= serial < 61
    if not whole or serial >= LAST_SERIAL - (1462 if epoch_1904 else 0):
        return None
    midnight = datetime.datetime.combine(origin, datetime.time())
    return instant_cell(midnight + datetime.timedelta(milliseconds=round(serial * DAY_SECONDS * 1000)))


def instant_cell(value: datetime.datetime) -> Cell:
    """A day if it is less than a minute from midnight: programs store fractions inexactly."""
    seconds = (value - value.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    if seconds < ALMOST_MIDNIGHT:
        return Cell(value.date().isoformat(), CellKind.DAY)
    if seconds > DAY_SECONDS - ALMOST_MIDNIGHT and value.date() < datetime.date.max:
        return Cell((value.date() + datetime.timedelta(days=1)).isoformat(), CellKind.DAY)
    return Cell(value.isoformat(timespec="milliseconds" if value.microsecond else "seconds"), CellKind.INSTANT)


def day_text(text: str) -> Cell | None:
    """A cell stored as ISO 8601 text (strict workbooks, .ods); None if it is not."""
    try:
        value = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return instant_cell(value) if value.tzinfo is None else None


def time_text(text: str, shown: str) -> Cell:
    """A time of day or a duration (PT08H30M00S): no day, so it is kept as displayed."""
    return Cell(shown or text, CellKind.TEXT)
