"""Reads the duties of a campaign, each with every problem it has."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

from duties.days import Day
from duties.periods import CADENCES
from duties.rules import ROLES, TAGS, UNIT_KINDS, Duty, DutyHolders
from duties.section_reader import MOST_DAYS, Section

_MOST: Final = 1_000_000
_HALF: Final = Fraction(1, 2)


def read_duties(top: Section, *, has_semesters: bool) -> tuple[Duty, ...]:
    """The duties in the order of the file, ids different, a record kind counted by one of them at most."""
    defaults = top.section("defaults", ("late_credit", "late_days", "min_service"), ("report_days",))
    duties: dict[str, Duty] = {}
    counted_by: dict[str, str] = {}
    if top.data.get("duties") == []:
        top.report("empty", "duties")
    usual = _Terms(0, Fraction(0), _HALF, None)
    if defaults:
        usual = _terms(defaults, usual)
    for row in top.sections("duties", ("id", "who", "every", "count", "record"), _OPTIONAL):
        duty = _duty(row, usual)
        if duty.every == "semester" and not has_semesters:
            row.report("no_semesters", "every", id=duty.id)
        if duty.id and duty.id in duties:
            row.report("duplicate", "id", value=duty.id)
        if duty.record and duty.record in counted_by:
            row.report("counted_twice", "record", record=duty.record, other=counted_by[duty.record])
        duties.setdefault(duty.id, duty)
        counted_by.setdefault(duty.record, duty.id)
    return tuple(duties.values())


_OPTIONAL: Final = (
    *("title", "weight", "due", "due_on", "due_days", "late_days", "late_credit", "min_service", "report_days"),
    *("from", "until", "counts_in", "joiners_days", "evidence", "distinct", "eligibility", "source"),
)


class _Terms(NamedTuple):
    """What a duty may set for itself, and `defaults` for all."""

    late_days: int
    late_credit: Fraction
    min_service: Fraction
    report_days: int | None


def _terms(row: Section, usual: _Terms) -> _Terms:
    given = row.integer("report_days", 0, MOST_DAYS, 0)
    return _Terms(
        row.integer("late_days", 0, MOST_DAYS, usual.late_days),
        row.exact("late_credit", 0, 1, usual.late_credit),
        row.exact("min_service", 0, 1, usual.min_service),
        given if row.gives("report_days") else usual.report_days,
    )


def _duty(row: Section, usual: _Terms) -> Duty:
    name = row.text("id")
    every = row.choice("every", CADENCES, "once")
    terms = _terms(row, usual)
    _report_keys_of_other_cadences(row, name)
    from_, until = _bounds(row)
    return Duty(
        id=name,
        title=row.text("title", name),
        who=_parse_who(row, name),
        every=every,
        count=row.integer("count", 1, 1000, 1),
        record=row.text("record"),
        weight=row.exact("weight", 0, _MOST, Fraction(1), above=True),
        late_days=terms.late_days,
        late_credit=terms.late_credit,
        min_service=terms.min_service,
        due=row.day("due"),
        due_days=row.integer("due_days", 0, MOST_DAYS, 0),
        evidence_required=bool(row.choice("evidence", ("required",), "")),
        distinct_content=bool(row.choice("distinct", ("content",), "")),
        eligibility=row.flag("eligibility", default=True),
        source=row.text("source"),
        due_on=row.month_day("due_on"),
        from_=from_,
        until=until,
        counts_in_period=bool(row.choice("counts_in", ("period",), "")),
        joiners_days=row.integer("joiners_days", 0, MOST_DAYS, 0) if row.gives("joiners_days") else None,
        report_days=terms.report_days,
    )


def _report_keys_of_other_cadences(row: Section, name: str) -> None:
    """What only some cadences may bear: once-duties `due` and `joiners_days`, year duties `due_on`, once-duties no
    `counts_in`."""
    every = row.data.get("every")
    if every not in CADENCES:
        return
    if every == "once" and not row.gives("due"):
        row.report("once_without_due", id=name)
    if every != "once" and row.gives("due"):
        row.report("due_of_another_cadence", "due", id=name, every=every)
    if every != "year" and row.gives("due_on"):
        row.report("due_on_of_another_cadence", "due_on", id=name, every=every)
    if every != "once" and row.gives("joiners_days"):
        row.report("joiners_of_another_cadence", "joiners_days", id=name, every=every)
    if every == "once" and row.gives("counts_in"):
        row.report("counts_in_of_once", "counts_in", id=name)


def _bounds(row: Section) -> tuple[Day | None, Day | None]:
    from_, until = row.day("from"), row.day("until")
    if from_ is not None and until is not None and until <= from_:
        row.report("until_too_early", "until")
    return from_, until


def _parse_who(row: Section, name: str) -> DutyHolders:
    who = row.section("who", (), ("kinds", "tags", "roles"))
    if who is None:
        return DutyHolders()
    of_units = who.gives("kinds") or who.gives("tags")
    if of_units and who.gives("roles"):
        who.report("who_both", id=name)
    elif not of_units and not who.gives("roles") and isinstance(row.data["who"], dict):
        who.report("who_neither", id=name)
    return DutyHolders(
        frozenset(who.texts("kinds", UNIT_KINDS)),
        frozenset(who.texts("tags", TAGS)),
        frozenset(who.texts("roles", ROLES)),
    )
