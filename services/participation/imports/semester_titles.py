"""Maps what people call a semester to its id in the campaign's table.  Pure."""

import re
from datetime import date
from typing import Final

from duties.semesters import SemesterTable

_SEASON: Final = re.compile(r"([0-9]{4})(?:年度?)?([春秋])季?(?:学期)?")
_SCHOOL_YEAR: Final = re.compile(r"([0-9]{4})[-–—~至]([0-9]{4})学?年度?(?:第([一二12])|([上下]))学期")
_FIRST: Final = frozenset("一1上")
_JULY: Final = 7


def semester_named(table: SemesterTable, text: str) -> str:
    """The id of the only semester with that name (2022年秋季学期, 2022-2023学年第一学期); the text itself if none or
    several match."""
    words = "".join(text.split())
    if match := _SEASON.fullmatch(words):
        return _first_semester(table, text, int(match[1]), autumn=match[2] == "秋")
    match = _SCHOOL_YEAR.fullmatch(words)
    if match is None or int(match[2]) != int(match[1]) + 1:
        return text
    first = (match[3] or match[4]) in _FIRST
    return _first_semester(table, text, int(match[1] if first else match[2]), autumn=first)


def _first_semester(table: SemesterTable, text: str, year: int, *, autumn: bool) -> str:
    """A school year's first semester begins in the second half of the calendar year."""
    semesters = [item.id for item in table.of_years(year, year)
             if (day := date.fromordinal(item.start)).year == year and (day.month >= _JULY) == autumn]  # fmt: skip
    return semesters[0] if len(semesters) == 1 else text
