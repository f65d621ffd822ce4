"""Looks that find nothing kept: the first of each page after a start, and those after one more record."""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks import running
from benchmarks.district_rows import person_id, unit_id
from benchmarks.results import Results
from tests.support.system import System

CHANGES, SLOWEST = 10, 5
LOOKED_AT = {"/todo": "clerk", "/score": "clerk", "/liaison": "liaison", "/overview": "leader", "/scoreboard": "leader",
             "/commendation": "leader", "/reminders": "operator"}  # fmt: skip
"""Pages whose figures a record may move, and by whom they are opened here."""
AtMost = Callable[[str], float]


def file_deed(system: System, token: str, deed: Mapping[str, Any], submit: bool = True) -> None:
    """By the clerk of one unit."""
    status, answer = system.ask("POST", "participation", "/api/filings", {"deeds": [deed], "submit": submit},
                                token=token)  # fmt: skip
    if status != 200:
        raise running.SubjectFailed(f"not filed: {answer}")


def first_looks(results: Results, milliseconds: Mapping[str, float], at_most: AtMost) -> None:
    """The slowest of the first looks after a start, each page as whoever waited longest for it."""
    for path in sorted(milliseconds, key=lambda path: -milliseconds[path])[:SLOWEST]:
        results.cost(f"first look after a start: {path}", milliseconds[path], "ms", at_most=at_most(path))


def looks_after_a_change(
    system: System,
    results: Results,
    token: str,
    opened: Callable[[str, str], float],
    at_most: AtMost,
    changes: int,
) -> None:
    """After each of some records of one unit, once all services have it."""
    times: dict[str, list[float]] = {path: [] for path in LOOKED_AT}
    for number in range(changes):
        deed = {"kind": "book_issue", "unit_id": unit_id(0), "occurred_at": f"2023-12-{number + 1:02}",
                "people": [person_id(0)], "fields": {"book": f"又第{number}册"}}  # fmt: skip
        file_deed(system, token, deed)
        system.qihang("settle", "--timeout", "120", limit=180)
        for path, who in LOOKED_AT.items():
            times[path].append(opened(who, path))
    for path, each in times.items():
        results.cost(f"look after one more record: {path}: slowest (runs)", max(each), "ms", each,
                     at_most=at_most(path))  # fmt: skip
