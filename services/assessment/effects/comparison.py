"""Compares two plans on the same facts: duties owed, overdue, scores and awards under each.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Final

from duties import result_files
from duties.campaign import Campaign
from duties.days import Day
from duties.instances import Instance, person_contribution, unit_instances
from duties.outstanding import Outstanding
from duties.report_requests import AwardRequest, OutstandingRequest, ReportRequest, ScoreRequest, find_window
from duties.score_calculation import ScoreCalculation
from duties.scores import UnitScore
from duties.subjects import Decision, Unit
from services.assessment.scores.queries import PersonFacts, UnitFacts

MOST_LISTED: Final = 30
"""The most units listed by name: those whose score changes most."""


@dataclass
class OwedCounts:
    """Counts for one kind of subject (units or people): how many subjects there are, how many owe something else, and
    how many (duty, period) pairs are added, dropped, or due on another day."""

    subjects: int = 0
    changed: int = 0
    more: int = 0
    less: int = 0
    due_changed: int = 0

    def add(self, before: Mapping[tuple[str, str], Day], after: Mapping[tuple[str, str], Day]) -> None:
        more, less = len(after.keys() - before.keys()), len(before.keys() - after.keys())
        moved = sum(before[key] != after[key] for key in before.keys() & after.keys())
        self.subjects += 1
        self.changed += bool(more or less or moved)
        self.more, self.less, self.due_changed = self.more + more, self.less + less, self.due_changed + moved


@dataclass
class Side:
    """One of the two plans: its calculation, and the number of overdue duties."""

    campaign: Campaign
    requests: Sequence[ReportRequest]
    units: Sequence[Unit]
    decisions: Sequence[Decision]
    overdue: Counter[str] = field(default_factory=Counter)
    calculation: ScoreCalculation = field(init=False)

    def __post_init__(self) -> None:
        self.calculation = ScoreCalculation(
            self.campaign, self.units, self.requests, self.decisions, sink=self._count_overdue
        )

    def _count_overdue(self, _: OutstandingRequest, rows: Iterable[Outstanding]) -> None:
        for row in rows:
            self.overdue["people" if row.person_id else "units"] += row.overdue

    def add_unit(self, unit: Unit, facts: UnitFacts) -> Sequence[Instance]:
        instances = unit_instances(self.calculation.schedule, unit, facts.records, facts.exemptions)
        self.calculation.add_instances(instances)
        if facts.findings or facts.sheet_rows:
            self.calculation.add_assessed_points(unit.unit_id, facts.findings, facts.sheet_rows)
        return instances

    def add_person(self, person: PersonFacts, kinds: Mapping[str, str]) -> Sequence[Instance]:
        contribution = person_contribution(
            self.calculation.schedule, person.person_id, person.memberships, person.records, person.exemptions, kinds
        )
        self.calculation.add_contribution(contribution)
        return contribution.instances


class Comparison:
    """A plan (`before`) and another (`after`), compared as of a day.  Add every unit and person once, then take
    `result`."""

    def __init__(
        self, before: Campaign, after: Campaign, units: Sequence[Unit], decisions: Sequence[Decision], today: Day
    ) -> None:
        self.today, self.year = today, date.fromordinal(today).year
        self.windows = _windows(before, after, today)
        self.before, self.after = (Side(campaign, self._requests(), units, decisions) for campaign in (before, after))
        self._units = {unit.unit_id: unit for unit in units}
        self._kinds = {unit.unit_id: unit.kind for unit in units}
        self.owed = {"units": OwedCounts(), "people": OwedCounts()}

    def _requests(self) -> list[ReportRequest]:
        scores = [ScoreRequest(window, self.today) for window in self.windows]
        whole_year = ScoreRequest(f"{self.year:04}", date(self.year, 12, 31).toordinal())
        return [*scores, whole_year, AwardRequest(self.year), OutstandingRequest(self.today)]

    def add_unit(self, before: UnitFacts, after: UnitFacts) -> None:
        """Add a unit with its facts as read under each plan."""
        unit = self._units[before.unit_id]
        self._compare("units", self.before.add_unit(unit, before), self.after.add_unit(unit, after))

    def add_person(self, before: PersonFacts, after: PersonFacts) -> None:
        owed = self.before.add_person(before, self._kinds), self.after.add_person(after, self._kinds)
        self._compare("people", *owed)

    def _compare(self, sort: str, before: Sequence[Instance], after: Sequence[Instance]) -> None:
        self.owed[sort].add(*({(each.duty, each.period): each.due for each in owed} for owed in (before, after)))

    def result(self, names: Mapping[str, str]) -> dict[str, Any]:
        """The comparison, figures as they are displayed."""
        return {
            "owed": {sort: vars(owed) for sort, owed in self.owed.items()},
            "overdue": {sort: [self.before.overdue[sort], self.after.overdue[sort]] for sort in self.owed},
            "windows": [self._window(window) for window in self.windows],
            "units": self._moved_units(names),
            "awards": self._awards(),
        }

    def _scores(self, window: str) -> tuple[dict[str, UnitScore], dict[str, UnitScore]]:
        request = ScoreRequest(window, self.today)
        before, after = (
            {item.unit_id: item for item in side.calculation.scores(request)} for side in (self.before, self.after)
        )
        return before, after

    def _window(self, window: str) -> dict[str, Any]:
        before, after = self._scores(window)
        both = [(before[unit], after[unit]) for unit in before.keys() & after.keys()]
        return {
            "window": window, "units": len(before.keys() | after.keys()),
            "changed": sum(old.score != new.score for old, new in both) + len(before.keys() ^ after.keys()),
            "risen": sum(old.score < new.score for old, new in both),
            "fallen": sum(old.score > new.score for old, new in both),
            "score": [_mean(scores, lambda item: item.score, result_files.points) for scores in (before, after)],
            "completion": [
                _mean(scores, lambda item: item.completion, result_files.share) for scores in (before, after)
            ],
        }  # fmt: skip

    def _moved_units(self, names: Mapping[str, str]) -> list[dict[str, str]]:
        """The units whose score of the year changes, the largest changes first."""
        before, after = self._scores(f"{self.year:04}")
        moved = {unit: after[unit].score - before[unit].score for unit in before.keys() & after.keys()}
        order = sorted((unit for unit, by in moved.items() if by), key=lambda unit: (-abs(moved[unit]), unit))
        return [
            {"unit_id": unit, "name": names.get(unit, unit), "before": result_files.points(before[unit].score),
             "after": result_files.points(after[unit].score)} for unit in order[:MOST_LISTED]
        ]  # fmt: skip

    def _awards(self) -> dict[str, Any]:
        """Awards of the year under each plan: the last figure that is awarded, and the number of subjects with another
        outcome."""
        request = AwardRequest(self.year)
        sides = (self.before.calculation, self.after.calculation)
        units = [
            {item.candidate.unit_id: (item.status, item.candidate.score)
             for pool in side.commended(request) for item in pool.placed} for side in sides
        ]  # fmt: skip
        people = [{item.person_id: (item.status, item.points) for item in side.individuals(request)} for side in sides]
        return {"year": f"{self.year:04}", "units": _cut(*units), "people": _cut(*people)}


_Placed = Mapping[str, tuple[str, Fraction]]


def _cut(before: _Placed, after: _Placed) -> dict[str, Any]:
    def outcome(placed: _Placed, name: str) -> bool:
        return name in placed and placed[name][0] == "awarded"

    awarded = [{name for name in placed if outcome(placed, name)} for placed in (before, after)]
    return {
        "seats": [len(names) for names in awarded],
        "cut": [
            result_files.points(min(placed[name][1] for name in names)) if names else ""
            for placed, names in zip((before, after), awarded, strict=True)
        ],
        "tied": [sum(status == "tied" for status, _ in placed.values()) for placed in (before, after)],
        "in": len(awarded[1] - awarded[0]),
        "out": len(awarded[0] - awarded[1]),
    }


def _mean(
    scores: Mapping[str, UnitScore], figure: Callable[[UnitScore], Fraction], shown: Callable[[Fraction], str]
) -> str:
    return shown(sum(map(figure, scores.values()), Fraction(0)) / len(scores)) if scores else ""


def _windows(before: Campaign, after: Campaign, today: Day) -> list[str]:
    """The month, quarter, semester and year of the day, of those that both plans have."""
    day = date.fromordinal(today)
    semesters = [period.id for period in before.periods_between("semester", today, today)]
    names = [f"{day:%Y-%m}", f"{day.year:04}-Q{(day.month + 2) // 3}", *semesters, f"{day.year:04}"]
    return [name for name in names if find_window(before, name) and find_window(after, name)]
