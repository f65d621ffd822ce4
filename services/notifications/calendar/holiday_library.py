"""China's public holidays and compensatory working days (调休), from the package chinese_calendar."""


def library_years() -> dict[int, list[dict[str, str]]]:
    """By year, the days that differ from their weekday."""
    from chinese_calendar import constants  # slow to import, and needed once per store

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
