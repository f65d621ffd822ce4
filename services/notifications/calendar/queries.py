"""Reads the calendar: the working days in force, and a year as displayed."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from duties.days import Day, day_of, iso, year_of
from services.notifications.calendar.projections import calendar_days, calendar_years
from services.notifications.rules.working_days import WorkingDays

WARN_DAYS_AHEAD = 31


def working_days(connection: Connection) -> WorkingDays:
    """The calendar in force; days set individually override imported ones."""
    kinds: dict[Day, bool] = {}
    years = set()
    for row in connection.execute(sa.select(calendar_years)):
        years.add(row.year)
        kinds.update((day_of(day), kind == "work") for day, kind, _ in json.loads(row.days))
    for row in connection.execute(sa.select(calendar_days).where(calendar_days.c.kind != "usual")):
        kinds[row.day] = row.kind == "work"
    return WorkingDays(kinds, frozenset(years))


def known_years(connection: Connection) -> frozenset[int]:
    """The years that were imported."""
    return frozenset(connection.execute(sa.select(calendar_years.c.year)).scalars())


def count_unknown_years(connection: Connection, today: Day) -> int:
    """The number of years, of today's and the next month's, that the calendar lacks; weekdays decide there."""
    return len(working_days(connection).unknown_years(today, today + WARN_DAYS_AHEAD))


def calendar_year(connection: Connection, year: int) -> dict[str, Any]:
    """The year in force: days that differ from their weekday, and the origin of each."""
    row = connection.execute(sa.select(calendar_years).where(calendar_years.c.year == year)).one_or_none()
    imported = json.loads(row.days) if row else []
    days = {day: {"day": day, "kind": kind, "name": name, "by": "import"} for day, kind, name in imported}
    for set_day in connection.execute(sa.select(calendar_days).order_by(calendar_days.c.day)):
        if year_of(set_day.day) == year and set_day.kind != "usual":
            day = iso(set_day.day)
            days[day] = {"day": day, "kind": set_day.kind, "name": set_day.name, "by": "hand"}
    return {"year": year, "known": row is not None, "origin": row.origin if row else "",
            "days": [days[day] for day in sorted(days)]}  # fmt: skip
