"""What the holiday library knows of China's rest days and worked weekends (调休)."""


def library_years() -> dict[int, list[dict[str, str]]]:
    """By year, only the days that are not as their weekday says."""
    from chinese_calendar import constants  # slow to load, and used once in the life of a store

    years: dict[int, list[dict[str, str]]] = {}
    for kind, table in (("rest", constants.holidays), ("work", constants.workdays)):
        for day, name in table.items():
            if (day.isoweekday() <= 5) != (kind == "work"):
                entry = {"day": day.isoformat(), "kind": kind, "name": _chinese_name(name)}
                years.setdefault(day.year, []).append(entry)
    return years


def _chinese_name(name: str) -> str:
    from chinese_calendar.constants import Holiday

    return next((holiday.chinese for holiday in Holiday if holiday.value == name), name)
