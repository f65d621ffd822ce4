"""Sums the scoreboard's totals over chosen units and duties."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import Connection

from duties.days import iso
from duties.kept_totals import KeptTotals
from duties.month_totals import MonthFigures
from duties.result_files import share
from duties.rules import Duty
from duties.subjects import Unit
from services.assessment.scores.queries import FactsAsKnown
from services.assessment.tables import registry
from services.registry.queries import liaisons_on, zones_on

MOST_STILL = 100


class OverviewFilter(TypedDict):
    """The filter of units and duty (empty: all), and the number of days without a record after which a unit is
    listed."""

    kind: str
    zone_id: str
    liaison_id: str
    duty: str
    still_days: int


class UnitWithGroups(NamedTuple):
    """A unit with its name and the groups that it belongs to on the day."""

    unit: Unit
    name: str
    zone_id: str
    liaison_id: str


class District(NamedTuple):
    """The units of the totals with their groups, and the names of the groups."""

    units: list[UnitWithGroups]
    names: Mapping[str, str]

    @classmethod
    def of(cls, connection: Connection, facts: FactsAsKnown, totals: KeptTotals) -> "District":
        names, day = facts.unit_names(), totals.request.as_of
        zones = zones_on(connection, registry, day, sorted(totals.units))
        liaisons = liaisons_on(connection, registry, day)
        placed = [UnitWithGroups(unit, names[unit.unit_id], zones.get(unit.unit_id, ""), liaisons.get(unit.unit_id, ""))
                  for unit in totals.units.values()]  # fmt: skip
        return cls(placed, names)


def overview(totals: KeptTotals, district: District, wanted: OverviewFilter) -> dict[str, Any]:
    """The figures of the district, or of the chosen units and duty."""
    chosen = [each for each in district.units if _is_wanted(each, wanted)]
    lines = _figures(totals, chosen, wanted)
    return {
        "units": len(chosen), "whole": sums(lines), "months": _by_month(lines), "duties": _by_duty(lines),
        "kinds": _totals_by_group(totals, chosen, wanted, lambda each: each.unit.kind, {}),
        "zones": _totals_by_group(totals, chosen, wanted, lambda each: each.zone_id, district.names),
        "liaisons": _totals_by_group(totals, chosen, wanted, lambda each: each.liaison_id, district.names),
        "still": still(totals, chosen, wanted), "choices": _choices(totals, district),
    }  # fmt: skip


def sums(lines: Iterable[MonthFigures]) -> dict[str, Any]:
    """Numbers of duties owed, done and done entirely on time; the rates are those of a scoreboard (scoring.md 4)."""
    owed = done = punctual = on_time = needed = 0
    for line in lines:
        owed, done, punctual = owed + line.instances, done + line.complete, punctual + line.punctual
        on_time, needed = on_time + line.on_time, needed + line.instances * line.duty.count
    return {"owed": owed, "done": done, "punctual": punctual, "completion": _rate(done, owed),
            "on_time": _rate(on_time, needed)}  # fmt: skip


def _rate(part: int, whole: int) -> str | None:
    return share(Fraction(part, whole)) if whole else None


def _is_wanted(each: UnitWithGroups, wanted: OverviewFilter) -> bool:
    return (wanted["kind"] in ("", each.unit.kind) and wanted["zone_id"] in ("", each.zone_id)
            and wanted["liaison_id"] in ("", each.liaison_id))  # fmt: skip


def _figures(totals: KeptTotals, units: Iterable[UnitWithGroups], wanted: OverviewFilter) -> list[MonthFigures]:
    lines = totals.figures(each.unit.unit_id for each in units)
    return [line for line in lines if wanted["duty"] in ("", line.duty.id)]


def _by_month(lines: Sequence[MonthFigures]) -> list[dict[str, Any]]:
    months = sorted({line.month for line in lines})
    return [{"month": month, **sums(line for line in lines if line.month == month)} for month in months]


def _by_duty(lines: Sequence[MonthFigures]) -> list[dict[str, Any]]:
    of_duty: dict[str, list[MonthFigures]] = {}
    for line in lines:
        of_duty.setdefault(line.duty.id, []).append(line)
    return [{**_duty_summary(own[0].duty), **sums(own), "months": _by_month(own)} for own in of_duty.values()]


def _duty_summary(duty: Duty) -> dict[str, Any]:
    return {"duty": duty.id, "title": duty.title, "record": duty.record, "every": duty.every,
            "of_persons": duty.of_persons}  # fmt: skip


def _totals_by_group(
    totals: KeptTotals, units: Iterable[UnitWithGroups], wanted: OverviewFilter, key: Any, names: Mapping[str, str]
) -> list[Any]:
    """One line per group of units, ordered by id; units without a group come last."""
    groups: dict[str, list[UnitWithGroups]] = {}
    for each in units:
        groups.setdefault(key(each), []).append(each)
    return [{"id": name, "name": names.get(name, name), "units": len(groups[name]),
             **sums(_figures(totals, groups[name], wanted))}
            for name in sorted(groups, key=lambda name: (not name, name))]  # fmt: skip


def still(totals: KeptTotals, units: Iterable[UnitWithGroups], wanted: OverviewFilter) -> dict[str, Any]:
    """Units in service that owe something and have had no record for that many days, the longest first."""
    as_of, lines = totals.request.as_of, []
    for each in units:
        last = totals.last_record(each.unit.unit_id)
        days = as_of - (last or each.unit.opened_on)
        if days >= wanted["still_days"] and each.unit.in_service(as_of):
            figures = sums(_figures(totals, [each], wanted))
            if figures["owed"]:
                lines.append({"unit_id": each.unit.unit_id, "name": each.name, "kind": each.unit.kind,
                              "liaison_id": each.liaison_id, "last": iso(last) if last else "", "days": days,
                              "owed": figures["owed"], "done": figures["done"]})  # fmt: skip
    lines.sort(key=lambda line: (bool(line["last"]), line["last"], line["unit_id"]))
    return {"total": len(lines), "lines": lines[:MOST_STILL]}


def _choices(totals: KeptTotals, district: District) -> dict[str, Any]:
    """The options of the filter, taken from all units whatever is chosen."""

    def named(ids: Iterable[str]) -> list[dict[str, str]]:
        return [{"id": name, "name": district.names.get(name, name)} for name in sorted(set(ids) - {""})]

    duties = {line.duty.id: line.duty.title for line in totals.figures(totals.units)}
    return {"kinds": sorted({each.unit.kind for each in district.units}),
            "zones": named(each.zone_id for each in district.units),
            "liaisons": named(each.liaison_id for each in district.units),
            "duties": [{"id": name, "name": title} for name, title in duties.items()]}  # fmt: skip
