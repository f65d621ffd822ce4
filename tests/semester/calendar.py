"""The working days of the winter of 2022 as the State Council set them, written by hand, and steps along them."""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, timedelta, timezone

DAY = timedelta(days=1)
CHINA = timezone(timedelta(hours=8))
SPRING_FESTIVAL = [date(2023, 1, n) for n in range(21, 28)]
REST = {date(2022, 12, 31), date(2023, 1, 1), date(2023, 1, 2), *SPRING_FESTIVAL}
WORKED = {date(2023, 1, 28), date(2023, 1, 29)}
"""Saturday and Sunday worked for the Spring Festival (调休)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def works(day: date) -> bool:
    return day in WORKED or (day.weekday() < 5 and day not in REST)


@functools.cache
def shifted(day: date, working_days: int) -> date:
    """So many working days later, or earlier."""
    step = DAY if working_days > 0 else -DAY
    while working_days:
        day += step
        if works(day):
            working_days -= 1 if step > timedelta() else -1
    return day


@functools.cache
def last_working_day(day: date) -> date:
    """The day itself, or the last working day before it."""
    return day if works(day) else shifted(day, -1)


def days(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


def microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def instant(text: str) -> int:
    """Microseconds since 1970 of an instant as the samples and the logs write it; without an offset it is China's."""
    moment = datetime.fromisoformat(text)
    return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=CHINA))


def local(at: int) -> datetime:
    return (_EPOCH + timedelta(microseconds=at)).astimezone(CHINA)
