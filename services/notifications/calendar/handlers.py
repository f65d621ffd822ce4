"""Use cases of the calendar: fill it from the holiday library, import a year, set a single day."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.process.problems import Problem
from chassis.process.text import escape_line
from chassis.store.unit_of_work import CommandContext, UnitsOfWork
from contracts.notifications import CalendarDaySet, CalendarImported
from duties.days import day_of
from services.notifications.calendar.domain import SET_KINDS, CalendarError, calendar_errors, sorted_days
from services.notifications.calendar.holiday_library import library_years
from services.notifications.calendar.queries import known_years

ERROR_MESSAGES = {
    "bad_date": "不是有效日期，请写成 2027-10-01 这样", "other_year": "不在这一年里", "duplicate": "与前面重复",
    "not_a_choice": "只能是 work（上班）或 rest（休息）",
}  # fmt: skip


def fill_calendar(units_of_work: UnitsOfWork, actor: str) -> list[int]:
    """Import from the holiday library the years that the calendar does not have; imported years stay unchanged."""
    library = library_years()
    with units_of_work.store.reading() as connection:
        missing = sorted(library.keys() - known_years(connection))
    if not missing:
        return []
    with units_of_work.begin(actor) as work:
        existing = {event.stream for event in work.load(f"calendar-{year:04}" for year in missing)}
        imports = [CalendarImported(year, "chinesecalendar", sorted_days(library[year])) for year in missing]
        work.append(*(event for event in imports if event.stream not in existing))
    return missing


def import_calendar_year(
    units_of_work: UnitsOfWork, context: CommandContext, year: int, days: Sequence[Mapping[str, str]], origin: str
) -> dict[str, Any]:
    """Replace a year's imported days.  Problem 422 with every wrong line."""
    if errors := calendar_errors(year, days):
        problems = [_problem_of_line(error, days) for error in errors]
        raise Problem(422, "invalid_calendar", f"{year} 年的日历有误。", problems=problems)
    event = CalendarImported(year, origin, sorted_days(days))
    with units_of_work.begin(context.actor, context.correlation) as work:
        earlier = [item for item in work.load([event.stream]) if isinstance(item, CalendarImported)]
        unchanged = bool(earlier) and earlier[-1].days == event.days
        if not unchanged:
            work.append(event)
        work.flush()
        return {"year": year, "days": len(days), "outcome": "unchanged" if unchanged else "imported",
                "positions": work.positions}  # fmt: skip


def _problem_of_line(error: CalendarError, days: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    line = error.place + 2  # line 1 is the header
    value = escape_line(str(days[error.place].get(error.column, ""))[:40])
    return {"line": line, "column": error.column, "code": error.code,
            "message": f"第 {line} 行 {error.column}“{value}”：{ERROR_MESSAGES[error.code]}"}  # fmt: skip


def set_calendar_day(
    units_of_work: UnitsOfWork, context: CommandContext, day: str, kind: str, name: str
) -> dict[str, Any]:
    """Set one day; `usual` removes the setting.  Problem 422."""
    try:
        day_of(day)
    except ValueError:
        raise Problem(422, "bad_date", f"“{day[:20]}”{ERROR_MESSAGES['bad_date']}", column="day") from None
    if kind not in SET_KINDS:
        raise Problem(422, "not_a_choice", f"kind 只能是：{', '.join(SET_KINDS)}", column="kind")
    with units_of_work.begin(context.actor, context.correlation) as work:
        work.append(CalendarDaySet(day, kind, name[:60]))
        work.flush()
        return {"day": day, "kind": kind, "positions": work.positions}
