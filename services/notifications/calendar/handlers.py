"""The calendar of working days: filled once from the holiday library, then the bureau's to import and edit."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from contracts.notifications import CalendarDaySet, CalendarImported
from duties.days import day_of, iso, year_of
from services.notifications import projections_of_own_events
from services.notifications.domain.register import SET_KINDS, sorted_days, calendar_problems

WORDS = {
    "bad_date": "不是有效日期，请写成 2027-10-01 这样", "other_year": "不在这一年里", "duplicate": "与前面重复",
    "not_a_choice": "只能是 work（上班）或 rest（休息）",
}  # fmt: skip


def library_years() -> dict[int, list[dict[str, str]]]:
    """What the holiday library knows, by year: only the days that are not as their weekday says."""
    from chinese_calendar import constants  # slow to load, and used once in the life of a store

    known: dict[int, list[dict[str, str]]] = {}
    for kind, table in (("rest", constants.holidays), ("work", constants.workdays)):
        for day, name in table.items():
            if (day.isoweekday() <= 5) != (kind == "work"):
                known.setdefault(day.year, []).append({"day": day.isoformat(), "kind": kind, "name": _chinese(name)})
    return known


def _chinese(name: str) -> str:
    from chinese_calendar.constants import Holiday

    return next((item.chinese for item in Holiday if item.value == name), name)


def fill(runtime: ServiceRuntime, actor: str) -> list[int]:
    """Put in the years that are not there yet; what stands there is the bureau's and stays."""
    known = library_years()
    with runtime.store.reading() as connection:
        missing = sorted(known.keys() - set(_years(connection)))
    if not missing:
        return []
    with runtime.unit_of_work(actor) as work:
        there = {event.stream for event in work.load(f"calendar-{year:04}" for year in missing)}
        fresh = [CalendarImported(year, "chinesecalendar", sorted_days(known[year])) for year in missing]
        work.append(*(event for event in fresh if event.stream not in there))
    return missing


def _years(connection: Connection) -> dict[int, Any]:
    return {row.year: row for row in connection.execute(sa.select(projections_of_own_events.calendar_years))}


def import_year(
    runtime: ServiceRuntime, request: Any, year: int, days: Sequence[Mapping[str, str]], origin: str
) -> dict[str, Any]:
    """Replace a year.  Problem 422 with every wrong line."""
    if problems := calendar_problems(year, days):
        told = [{"line": at + 2, "column": column, "code": code, "message": f"第 {at + 2} 行 {column}：{WORDS[code]}"}
                for at, column, code in problems]  # fmt: skip
        raise Problem(422, "invalid_calendar", f"{year} 年的日历有误。", problems=told)
    fresh = CalendarImported(year, origin, sorted_days(days))
    with runtime.unit_of_work(request.actor, request.correlation) as work:
        imported = [item for item in work.load([fresh.stream]) if isinstance(item, CalendarImported)]
        same = bool(imported) and imported[-1].days == fresh.days
        if not same:
            work.append(fresh)
        work.finish()
        return {"year": year, "days": len(days), "outcome": "unchanged" if same else "imported",
                "positions": work.positions}  # fmt: skip


def set_day(runtime: ServiceRuntime, request: Any, day: str, kind: str, name: str) -> dict[str, Any]:
    """Set one day by hand; `usual` takes that back.  Problem 422."""
    try:
        day_of(day)
    except ValueError:
        raise Problem(422, "bad_date", f"“{day[:20]}”{WORDS['bad_date']}", column="day") from None
    if kind not in SET_KINDS:
        raise Problem(422, "not_a_choice", f"kind 只能是：{', '.join(SET_KINDS)}", column="kind")
    with runtime.unit_of_work(request.actor, request.correlation) as work:
        work.append(CalendarDaySet(day, kind, name[:60]))
        work.finish()
        return {"day": day, "kind": kind, "positions": work.positions}


def shown(connection: Connection, year: int) -> dict[str, Any]:
    """The year as it is in force: days that are not as their weekday says, and where that comes from."""
    row = _years(connection).get(year)
    listed = json.loads(row.days) if row else []
    days = {day: {"day": day, "kind": kind, "name": name, "by": "import"} for day, kind, name in listed}
    for item in _set_by_hand(connection):
        if year_of(item.day) == year:
            if item.kind == "usual":
                continue
            days[iso(item.day)] = {"day": iso(item.day), "kind": item.kind, "name": item.name, "by": "hand"}
    return {"year": year, "known": row is not None, "origin": row.origin if row else "",
            "days": [days[day] for day in sorted(days)]}  # fmt: skip


def _set_by_hand(connection: Connection) -> Iterable[Any]:
    return connection.execute(sa.select(projections_of_own_events.calendar_days).order_by(projections_of_own_events.calendar_days.c.day))
