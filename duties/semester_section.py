"""Reads the table of semesters of a campaign, with every problem it has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from duties.days import iso, year_of
from duties.periods import looks_like_a_calendar_period
from duties.section_reader import Section
from duties.semesters import RepeatedSemester, Semester, SemesterTable

_MONTH_DAY: Final = re.compile(r"[0-9]{2}-[0-9]{2}")
_KEYS: Final = ("start", "end", "due")
_LEAP_AND_OTHER_YEARS: Final = range(2000, 2006)


def read_semesters(top: Section) -> SemesterTable:
    """The table in order of time, without overlap, `due` inside."""
    written: list[Semester] = []
    repeated: list[RepeatedSemester] = []
    rows: dict[str, Section] = {}
    for row in top.sections("semesters", ("id", *_KEYS)):
        name = row.text("id")
        if name and name in rows:
            row.report("duplicate", "id", value=name)
            continue
        item = _parse_repeated(row, name) if _repeats(row) else _parse_written(row, name)
        if item is not None:
            rows[name] = row
        if isinstance(item, Semester):
            written.append(item)
        elif item is not None:
            repeated.append(item)
    written.sort(key=lambda item: item.start)
    table = SemesterTable(tuple(written), tuple(repeated))
    _report_overlaps(table, rows)
    return table


def _repeats(row: Section) -> bool:
    return any(isinstance(row.data.get(key), str) and _MONTH_DAY.fullmatch(str(row.data[key])) for key in _KEYS)


def _parse_written(row: Section, name: str) -> Semester | None:
    start, end, due = row.day("start"), row.day("end"), row.day("due")
    if looks_like_a_calendar_period(name):
        row.report("semester_id", "id", id=name)
    if start is None or end is None or due is None or not name:
        return None
    semester = Semester(name, start, end, due)
    return semester if _is_in_order(row, name, [semester]) else None


def _parse_repeated(row: Section, name: str) -> RepeatedSemester | None:
    start, end, due = row.month_day("start"), row.month_day("end"), row.month_day("due")
    if looks_like_a_calendar_period(f"2000-{name}"):
        row.report("semester_id", "id", id=name)
    if start is None or end is None or due is None or not name:
        return None
    semester = RepeatedSemester(name, start, end, due)
    return semester if _is_in_order(row, name, map(semester.of_year, _LEAP_AND_OTHER_YEARS)) else None


def _is_in_order(row: Section, name: str, semesters: Iterable[Semester]) -> bool:
    """Whether it has a day and its due day is one of them; in every year, where it repeats."""
    for semester in semesters:
        if semester.end <= semester.start:
            row.report("semester_order", "end", id=name)
            return False
        if not semester.start <= semester.due < semester.end:
            row.report("semester_due", "due", id=name)
            return False
    return True


def _report_overlaps(table: SemesterTable, rows: dict[str, Section]) -> None:
    """Asked of the repeated ones by themselves, then of the years that written-out ones touch; once a row."""
    reported: set[str] = set()
    alone = SemesterTable((), table.repeated)
    years = {
        year + n for item in table.written for year in (year_of(item.start), year_of(item.end)) for n in (-1, 0, 1)
    }
    for part, asked in ((alone, _LEAP_AND_OTHER_YEARS), (table, years)):
        for year in asked:
            for before, after in pairwise(part.of_years(year - 1, year + 1)):
                name = after.id if after.id in rows else after.id[5:]
                if after.start < before.end and name not in reported:
                    reported.add(name)
                    rows[name].report("semester_overlap", "start", id=after.id, other=before.id, end=iso(before.end))
        if reported:
            return
