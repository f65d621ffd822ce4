"""The individuals put forward for a year (scoring.md 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple, TypeAlias

from duties.campaign import Campaign
from duties.commended_units import decisions_on_persons
from duties.credit import counted_records
from duties.days import EVER, Day
from duties.instances import Instance, PersonContribution
from duties.report_requests import AwardRequest
from duties.rules import IndividualAwards, PointLine
from duties.seats import PlacedCandidate, Status, cut, largest_remainder
from duties.subjects import Decision

_Merit: TypeAlias = tuple[int, Fraction]
_ALL: Final = ""


class Candidate(NamedTuple):
    """A person under their unit of the year's last day."""

    unit_id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Individual:
    """A person at or above the last seat (or in reserve), with exact points."""

    unit_id: str
    person_id: str
    points: Fraction
    status: Status


class _ScaledLine(NamedTuple):
    """A point line in whole numbers of the campaign's smallest part of a point."""

    on_time: int
    late: int
    cap: int


class Candidates:
    """Gathers the eligible of one year, one person at a time.

    Keeps, per unit (for `open`: altogether), only the best `seats` and those equal to the last of them, since nobody
    below can be given a seat; about a hundred bytes each.
    """

    def __init__(
        self,
        campaign: Campaign,
        awards: IndividualAwards,
        request: AwardRequest,
        decisions: Iterable[Decision] = (),
    ) -> None:
        self._campaign = campaign
        self._decisions = decisions_on_persons(decisions, request.year)
        self.awards = awards
        self.request = request
        self._as_of = request.as_of(campaign)
        self._scale = lcm(*(part.denominator for line in awards.points for part in _parts(line)))
        self._lines = {line.record: _scale_line(line, self._scale) for line in awards.points}
        duties = [duty for duty in campaign.duties if duty.of_persons]
        self._required_duties = {duty.id for duty in duties if duty.eligibility}
        self._kinds = {duty.id: duty.record for duty in duties if duty.record in self._lines}
        self._counting_in_period = {duty.id for duty in duties if duty.counts_in_period}
        self._last_days: dict[tuple[str, str], Day] = {}
        self._starts_on = campaign.starts_on
        self._point_only_kinds = [
            (line.record, request.year) for line in awards.points if line.record not in self._kinds.values()
        ]
        self.eligible: dict[str, int] = {}
        self._groups: dict[str, dict[_Merit, list[Candidate]]] = {}
        self._kept: dict[str, int] = {}

    def add(self, person: PersonContribution) -> None:
        """Takes the person in if they are eligible."""
        eligible = self.eligibility(person)
        if eligible is None:
            return
        candidate, merit = eligible
        self.eligible[candidate.unit_id] = self.eligible.get(candidate.unit_id, 0) + 1
        if candidate.person_id in self._decisions.excluded:
            return
        among = candidate.unit_id if self.awards.allocation == "by_unit" else _ALL
        groups = self._groups.setdefault(among, {})
        groups.setdefault(merit, []).append(candidate)
        self._kept[among] = self._kept.get(among, 0) + 1
        if self._kept[among] > 2 * self.awards.seats + 64:
            self._prune(among, groups)

    def _prune(self, among: str, groups: dict[_Merit, list[Candidate]]) -> None:
        kept = 0
        for merit in sorted(groups, reverse=True):
            if kept >= self.awards.seats:
                del groups[merit]
            else:
                kept += len(groups[merit])
        # Ties may leave more than `seats`; counting only what may still be pruned keeps the next sort far away.
        self._kept[among] = min(kept, self.awards.seats)

    def eligibility(self, person: PersonContribution) -> tuple[Candidate, _Merit] | None:
        """The person's unit, points and on-time share, or None where they are not eligible."""
        as_of, first, last = self._as_of, self.request.first, self.request.last
        post = next((membership for membership in person.memberships if membership.covers(last)), None)
        if post is None or post.role not in self.awards.roles:
            return None
        on_time = owed = 0
        for instance in person.instances:
            if instance.duty in self._required_duties and self._is_asked(instance, first, last):
                counted = instance.counted(as_of)
                if counted.on_time + counted.late < instance.needed:
                    return None
                on_time += counted.on_time
                owed += instance.needed
        if not owed:
            return None
        return Candidate(post.unit_id, person.person_id), (self._points(person), Fraction(on_time, owed))

    def points(self, person: PersonContribution) -> Fraction:
        """The person's points of the year, whether or not they are eligible."""
        return Fraction(self._points(person), self._scale)

    def _is_asked(self, instance: Instance, first: Day, last: Day) -> bool:
        """Whether the instance is of the year: by its due day, or by its period's last day."""
        due = max(instance.due, self._starts_on)
        if instance.duty not in self._counting_in_period:
            return first <= due <= last
        key = instance.duty, instance.period
        if key not in self._last_days:
            period = self._campaign.period(self._campaign.duty_by_id[instance.duty], instance.period)
            self._last_days[key] = 0 if period is None else period.end - 1
        return due <= self._as_of and first <= self._last_days[key] <= last

    def _points(self, person: PersonContribution) -> int:
        by_kind: dict[str, int] = {}
        for instance in person.instances:
            kind = self._kinds.get(instance.duty)
            if kind is not None and instance.records and max(instance.due, self._starts_on) <= self._as_of:
                by_kind[kind] = by_kind.get(kind, 0) + self._points_of(instance, self._lines[kind])
        for key in self._point_only_kinds:
            if key in person.record_counts:
                by_kind[key[0]] = person.record_counts[key] * self._lines[key[0]].on_time
        return sum(min(points, self._lines[kind].cap) for kind, points in by_kind.items())

    def _points_of(self, instance: Instance, line: _ScaledLine) -> int:
        """The counted records with a day in the year."""
        return sum(
            line.on_time if record.on_time else line.late
            for record in counted_records(instance.records, instance.needed, self._as_of)
            if self.request.first <= record.day <= self.request.last
        )

    def placed(self, ranks: Mapping[str, int | None]) -> list[Individual]:
        """Everybody kept, by unit and person.  `ranks` are the year-score ranks of the units."""
        if self.awards.allocation == "open":
            result = self._cut(_ALL, self.awards.seats)
        else:
            result = [item for unit_id, quota in self.quotas(ranks).items() for item in self._cut(unit_id, quota)]
        return sorted(result, key=lambda item: (item.unit_id, item.person_id))

    def quotas(self, ranks: Mapping[str, int | None]) -> dict[str, int]:
        """The seats of each unit by largest remainder on its eligible people."""
        if sum(self.eligible.values()) <= self.awards.seats:
            return dict(self.eligible)
        in_turn = sorted(self.eligible, key=lambda unit_id: (ranks.get(unit_id) or EVER, unit_id))
        shares = largest_remainder([self.eligible[unit_id] for unit_id in in_turn], self.awards.seats)
        return dict(zip(in_turn, shares, strict=True))

    def _cut(self, among: str, seats: int) -> Iterable[Individual]:
        groups = self._groups.get(among, {})
        in_order = [[(group, merit) for group in groups[merit]] for merit in sorted(groups, reverse=True)]
        return [self._individual(item) for item in cut(in_order, seats, self._is_chosen)]

    def _is_chosen(self, item: tuple[Candidate, _Merit]) -> bool:
        return item[0].person_id in self._decisions.chosen

    def _individual(self, placed: PlacedCandidate[tuple[Candidate, _Merit]]) -> Individual:
        candidate, merit = placed.candidate
        return Individual(candidate.unit_id, candidate.person_id, Fraction(merit[0], self._scale), placed.status)


def _parts(line: PointLine) -> tuple[Fraction, ...]:
    return line.on_time, line.late, line.cap or Fraction(0)


def _scale_line(line: PointLine, scale: int) -> _ScaledLine:
    cap = EVER if line.cap is None else int(line.cap * scale)
    return _ScaledLine(int(line.on_time * scale), int(line.late * scale), cap)
