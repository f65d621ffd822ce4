"""Converts unambiguous spellings of days, instants, periods and years to canonical text; other texts are unchanged.
The order of day and month is never guessed."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final

_DAY: Final = (
    r"(?:(?P<year>[0-9]{4})(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})"
    r"|(?P<year2>[0-9]{4}) *年 *(?P<month2>[0-9]{1,2}) *月 *(?P<day2>[0-9]{1,2}) *[日号]"
    r"|(?P<year3>[0-9]{4})(?P<month3>[0-9]{2})(?P<day3>[0-9]{2}))"
)
_TIME: Final = (
    r"(?:T| +|(?<=[日号]))(?P<hour>[0-9]{1,2})"
    r"(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?P<fraction>\.[0-9]{1,6})?)?"
    r"| *[时点](?: *(?P<minute2>[0-9]{1,2}) *分(?: *(?P<second2>[0-9]{1,2}) *秒)?| *(?P<half>半)| *整?))"
)
_WHEN: Final = re.compile(f"{_DAY}(?:{_TIME})?")
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}(?:[:Z+-].*)?")
_PERIODS: Final = (
    (re.compile(r"([0-9]{4}) *年 *([0-9]{1,2}) *月份?"), "month"),
    (re.compile(r"([0-9]{4})/([0-9]{1,2})"), "month"),
    (re.compile(r"([0-9]{4})[.-](0[1-9]|1[0-2])"), "month"),
    (re.compile(r"([0-9]{4})(0[1-9]|1[0-2])"), "month"),
    (re.compile(r"([0-9]{4}) *(?:年(?: *第)?|第) *([1-4]) *季度?"), "quarter"),
    (re.compile(r"([0-9]{4})(?:年|-)?[Qq]([1-4])"), "quarter"),
    (re.compile(r"([0-9]{4}) *年度?"), "year"),
)
_YEAR: Final = re.compile(r"([0-9]{4}) *年度?")
_DASHES: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
"""Characters used as hyphens."""
_NUMERALS: Final = "〇一二三四五六七八九"
_NUMERAL: Final = re.compile(f"[○零十{_NUMERALS}]+")
_HALF_OF_DAY: Final = re.compile("上午|下午|[AaPp][Mm]")
_NOON: Final = 12
_NEAR: Final = timedelta(minutes=1)
_NOISE: Final = timedelta(milliseconds=1)


def day(text: str) -> str:
    """`2018/9/1` -> `2018-09-01`; a time of midnight is dropped."""
    when = _parse_instant(text)
    return when.date().isoformat() if when is not None and when.time() == time() else text


def instant(text: str) -> str:
    """`2022/12/1 9:30` -> `2022-12-01T09:30:00`; ISO 8601 is unchanged; midnight or no time gives the day only."""
    if _ISO.fullmatch(text):
        return text
    when = _parse_instant(text)
    return text if when is None else _iso(when)


def at_midnight(text: str) -> str:
    """The value of a date cell: less than a minute from midnight is midnight, less than a millisecond from a whole
    second that second, since spreadsheets count fractions of days."""
    if "T" not in text or text.startswith("9999-12-31"):  # the calendar ends there
        return text
    when = datetime.fromisoformat(text)
    nearest = (when + timedelta(hours=12)).replace(hour=0, minute=0, second=0, microsecond=0)
    if abs(when - nearest) < _NEAR:
        return nearest.date().isoformat()
    second = (when + timedelta(milliseconds=500)).replace(microsecond=0)
    return _iso(second if abs(when - second) <= _NOISE else when)


def period(text: str) -> str:
    """`2022年11月` -> `2022-11`, `2022年四季度` -> `2022-Q4`, `2022年` -> `2022`."""
    for form, kind in _PERIODS:
        if match := form.fullmatch(_arabic(text.translate(_DASHES))):
            return _period(text, kind, *match.groups())
    return text


def _period(text: str, kind: str, year_: str, number: str = "") -> str:
    match kind:
        case "month":
            return f"{year_}-{int(number):02}" if 1 <= int(number) <= 12 else text
        case "quarter":
            return f"{year_}-Q{number}"
    return year_


def is_first_of_month(text: str) -> bool:
    return len(text) == 10 and text.endswith("-01")


def year(text: str) -> str:
    """`2023年`, `2023年度` -> `2023`."""
    match = _YEAR.fullmatch(_arabic(text))
    return match[1] if match else text


def _parse_instant(text: str) -> datetime | None:
    plain, later = _without_half_of_day(_arabic(text.translate(_DASHES)))
    match = _WHEN.fullmatch(plain)
    if match is None:
        return None
    given = {name.rstrip("23"): part for name, part in match.groupdict().items() if part is not None}
    micros = int(given.get("fraction", ".0")[1:].ljust(6, "0"))
    minute = 30 if "half" in given else int(given.get("minute", "0"))
    hour, second = int(given.get("hour", "0")), int(given.get("second", "0"))
    if later is not None and not 0 < hour < _NOON:
        return None  # 上午 12:30 is ambiguous: noon or midnight
    hour += later or 0
    try:
        day_given = date(int(given["year"]), int(given["month"]), int(given["day"]))
        return datetime.combine(day_given, time(hour, minute, second, micros))
    except ValueError:  # no day of the calendar, or no time of a day
        return None


def _arabic(text: str) -> str:
    """`二〇一八年九月十一日` -> `2018年9月11日`, as formats with [DBNum1] display days; unchanged without 年."""
    return _NUMERAL.sub(_digits, text) if "年" in text or "第" in text else text


def _digits(match: re.Match[str]) -> str:
    tens, ten, ones = match[0].translate(_ZEROS).partition("十")
    if max(len(tens), len(ones)) > 1 and ten:
        return match[0]
    numerals = (tens or "一") + (ones or "〇") if ten else tens
    return "".join(str(_NUMERALS.index(numeral)) for numeral in numerals)


_ZEROS: Final = str.maketrans("○零", "〇〇")


def _without_half_of_day(text: str) -> tuple[str, int | None]:
    """`2026/9/1 下午 2:30`, `2026/9/1 2:30 PM` -> the text without the half of the day, and the hours to add; None: it
    has none."""
    halves = list(_HALF_OF_DAY.finditer(text))
    if len(halves) != 1:
        return text, None
    half = halves[0]
    before, after = text[: half.start()].rstrip(" "), text[half.end() :].lstrip(" ")
    parted = f"{before} {after}" if after else before
    return parted, _NOON if half[0].lower() in ("下午", "pm") else 0


def _iso(when: datetime) -> str:
    return when.date().isoformat() if when.time() == time() else when.isoformat()
