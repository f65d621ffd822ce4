"""Reads the duties and semesters of a campaign, each with every problem it has."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from duties.days import iso
from duties.periods import CADENCES, Semester, looks_like_a_calendar_period
from duties.rules import ROLES, TAGS, UNIT_KINDS, Duty, Who
from duties.section_reader import Section

_MOST_DAYS: Final = 3660
_MOST: Final = 1_000_000
_HALF: Final = Fraction(1, 2)


def read_semesters(top: Section) -> tuple[Semester, ...]:
    """The table in order of time: `[start, end)` without gap or overlap, `due` inside."""
    read: list[tuple[Semester, Section]] = []
    ids: set[str] = set()
    for row in top.sections("semesters", ("id", "start", "end", "due")):
        semester = _semester(row)
        if semester is None:
            continue
        if semester.id in ids:
            row.report("duplicate", "id", value=semester.id)
        if semester.start < semester.end:
            read.append((semester, row))
        ids.add(semester.id)
    read.sort(key=lambda pair: pair[0].start)
    for (before, _), (after, row) in pairwise(read):
        if after.start != before.end:
            code = "semester_overlap" if after.start < before.end else "semester_gap"
            row.report(code, "start", id=after.id, other=before.id, end=iso(before.end))
    return tuple(semester for semester, _ in read)


def _semester(row: Section) -> Semester | None:
    name = row.text("id")
    start, end, due = row.day("start"), row.day("end"), row.day("due")
    if looks_like_a_calendar_period(name):
        row.report("semester_id", "id", id=name)
    if start is not None and end is not None:
        if end <= start:
            row.report("semester_order", "end", id=name)
        elif due is not None and not start <= due < end:
            row.report("semester_due", "due", id=name)
    if start is None or end is None or due is None or not name:
        return None
    return Semester(name, start, end, due)


def read_duties(top: Section, semesters: Sequence[Semester]) -> tuple[Duty, ...]:
    """The duties in the order of the file, ids different, a record kind counted by one of them at most."""
    defaults = top.section("defaults", ("late_credit", "late_days", "min_service"))
    duties: dict[str, Duty] = {}
    counted_by: dict[str, str] = {}
    if top.data.get("duties") == []:
        top.report("empty", "duties")
    default_terms = _terms(defaults, 0, Fraction(0), _HALF) if defaults else (0, Fraction(0), _HALF)
    for row in top.sections("duties", ("id", "who", "every", "count", "record"), _OPTIONAL):
        duty = _duty(row, default_terms, semesters)
        if duty.id and duty.id in duties:
            row.report("duplicate", "id", value=duty.id)
        if duty.record and duty.record in counted_by:
            row.report("counted_twice", "record", record=duty.record, other=counted_by[duty.record])
        duties.setdefault(duty.id, duty)
        counted_by.setdefault(duty.record, duty.id)
    return tuple(duties.values())


_OPTIONAL: Final = (
    *("title", "weight", "due", "due_days", "late_days", "late_credit", "min_service"),
    *("evidence", "distinct", "eligibility", "source"),
)


def _terms(row: Section, days: int, credit: Fraction, service: Fraction) -> tuple[int, Fraction, Fraction]:
    return (
        row.integer("late_days", 0, _MOST_DAYS, days),
        row.exact("late_credit", 0, 1, credit),
        row.exact("min_service", 0, 1, service),
    )


def _duty(row: Section, default_terms: tuple[int, Fraction, Fraction], semesters: Sequence[Semester]) -> Duty:
    name = row.text("id")
    every = row.choice("every", CADENCES, "once")
    due = row.day("due")
    if row.data.get("every") == "once" and not row.gives("due"):
        row.report("once_without_due", id=name)
    if row.data.get("every") in CADENCES and every != "once" and row.gives("due"):
        row.report("due_of_another_cadence", "due", id=name, every=every)
    if every == "semester" and not semesters:
        row.report("no_semesters", "every", id=name)
    late_days, late_credit, min_service = _terms(row, *default_terms)
    return Duty(
        id=name,
        title=row.text("title", name),
        who=_who(row, name),
        every=every,
        count=row.integer("count", 1, 1000, 1),
        record=row.text("record"),
        weight=row.exact("weight", 0, _MOST, Fraction(1), above=True),
        late_days=late_days,
        late_credit=late_credit,
        min_service=min_service,
        due=due,
        due_days=row.integer("due_days", 0, _MOST_DAYS, 0),
        evidence_required=bool(row.choice("evidence", ("required",), "")),
        distinct_content=bool(row.choice("distinct", ("content",), "")),
        eligibility=row.flag("eligibility", default=True),
        source=row.text("source"),
    )


def _who(row: Section, name: str) -> Who:
    who = row.section("who", (), ("kinds", "tags", "roles"))
    if who is None:
        return Who()
    of_units = who.gives("kinds") or who.gives("tags")
    if of_units and who.gives("roles"):
        who.report("who_both", id=name)
    elif not of_units and not who.gives("roles") and isinstance(row.data["who"], dict):
        who.report("who_neither", id=name)
    return Who(
        frozenset(who.texts("kinds", UNIT_KINDS)),
        frozenset(who.texts("tags", TAGS)),
        frozenset(who.texts("roles", ROLES)),
    )
