"""Reads the pauses, sheets, findings and awards of a campaign, each with every problem it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from duties.rules import (
    ALLOCATIONS,
    CATEGORIES,
    ROLES,
    ROUNDINGS,
    UNIT_KINDS,
    Duty,
    IndividualAwards,
    Pause,
    PointLine,
    SheetItem,
    Sheets,
    UnitAwards,
)
from duties.section_reader import Section

_MOST: Final = 1_000_000
_ZERO: Final = Fraction(0)
_CALENDAR: Final = (("semesters",), ("starts_on",), ("closes_on",))


def read_pauses(top: Section, duties: Sequence[Duty], exists: Callable[[Duty, str], bool]) -> tuple[Pause, ...]:
    """Signed decisions; a period must be one of at least one duty that the pause names."""
    by_id = {duty.id: duty for duty in duties}
    # With a wrong calendar every period would look unknown, and the clerk would search in the wrong place.
    certain = not any(problem.path[:1] in _CALENDAR or problem.path[2:] == ("every",) for problem in top.problems)
    pauses = []
    for row in top.sections("pauses", ("duties", "kinds", "periods"), ("reason", "decided_on", "signed_by")):
        named = [by_id[name] for name in row.texts("duties", by_id, code="unknown_duty")]
        kinds = row.texts("kinds", UNIT_KINDS)
        periods = row.texts("periods")
        given = row.data.get("periods")
        for place, period in enumerate(given if named and certain and isinstance(given, list) else ()):
            if str(period) in periods and not any(exists(duty, str(period)) for duty in named):
                row.report("unknown_period", "periods", place, value=str(period))
        pauses.append(Pause(frozenset(duty.id for duty in named), frozenset(kinds), frozenset(periods)))
    return tuple(pauses)


class FindingRules(NamedTuple):
    """The most points of a finding (None: no limit) and the categories that its form offers, which are not scored."""

    max_points: Fraction | None = None
    categories: tuple[str, ...] = CATEGORIES


def read_findings(top: Section) -> FindingRules:
    findings = top.section("findings", ("max_points",), ("categories",))
    if findings is None:
        return FindingRules()
    most = findings.exact("max_points", 0, _MOST, _ZERO) if findings.gives("max_points") else None
    return FindingRules(most, findings.texts("categories") if findings.gives("categories") else CATEGORIES)


def read_sheets(top: Section) -> Sheets | None:
    row = top.section("sheets", ("kinds", "share", "items"))
    if row is None:
        return None
    items: dict[str, SheetItem] = {}
    for line in row.sections("items", ("id", "max"), ("title",)):
        name = line.text("id")
        item = SheetItem(name, line.text("title", name), line.exact("max", 0, _MOST, Fraction(1), above=True))
        if name and name in items:
            line.report("duplicate", "id", value=name)
        items.setdefault(name, item)
    if row.data.get("items") == []:
        row.report("empty", "items")
    return Sheets(frozenset(row.texts("kinds", UNIT_KINDS)), row.exact("share", 0, 1, _ZERO), tuple(items.values()))


def read_unit_awards(awards: Section | None) -> UnitAwards | None:
    row = awards and awards.section("units", ("kinds", "percent", "rounding", "pass_line"), ("pools",))
    if not row:
        return None
    return UnitAwards(
        kinds=frozenset(row.texts("kinds", UNIT_KINDS)),
        percent=row.exact("percent", 0, 100, _ZERO),
        rounding=row.choice("rounding", ROUNDINGS, "floor"),
        pass_line=row.exact("pass_line", 0, 100, _ZERO),
        pools=_pools(row),
    )


def _pools(row: Section) -> tuple[frozenset[str], ...] | None:
    """A kind belongs to one pool at most; a kind in none is left out of the awards (scoring.md 5)."""
    if not row.gives("pools"):
        return None
    pools, seen = [], dict[str, int]()
    for place, kinds in enumerate(row.lists("pools")):
        if not kinds:
            row.report("empty", "pools", place)
        pool = row.unlike(kinds, "pools", UNIT_KINDS, place)
        for kind in pool:
            if seen.setdefault(kind, place) != place:
                row.report("pool_overlap", "pools", place, kinds.index(kind), kind=kind)
        pools.append(frozenset(pool))
    if row.data["pools"] == []:
        row.report("empty", "pools")
    return tuple(pools)


def read_individual_awards(awards: Section | None) -> IndividualAwards | None:
    row = awards and awards.section("individuals", ("seats", "roles", "allocation", "points"))
    if not row:
        return None
    lines: dict[str, PointLine] = {}
    for line in row.sections("points", ("record", "on_time", "late"), ("cap",)):
        record = line.text("record")
        if record and record in lines:
            line.report("duplicate", "record", value=record)
        lines.setdefault(
            record,
            PointLine(
                record,
                line.exact("on_time", 0, _MOST, _ZERO),
                line.exact("late", 0, _MOST, _ZERO),
                line.exact("cap", 0, _MOST, _ZERO) if line.gives("cap") else None,
            ),
        )
    return IndividualAwards(
        seats=row.integer("seats", 0, _MOST, 0),
        roles=frozenset(row.texts("roles", ROLES)),
        allocation=row.choice("allocation", ALLOCATIONS, "open"),
        points=tuple(lines.values()),
    )
