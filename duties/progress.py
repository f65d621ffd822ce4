"""How far a unit or a person is as of a day: every duty that it owes, the records that count for it, and its figures.

The instances are those that scores are added up from, so both tell the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, TypeAlias

from duties.campaign import Campaign
from duties.credit import CountableRecord, counted_records
from duties.individuals import Candidates
from duties.instances import Instance, PersonContribution, person_contribution, unit_instances
from duties.report_requests import AwardRequest, ScoreRequest, as_of_day, period_filter, window_of_request
from duties.rules import Duty
from duties.schedule import DutyPeriod, Schedule
from duties.scores import AssessedPoints, DutyPart, UnitScore, assessed_points, duty_parts, unit_score
from duties.subjects import Exemption, Finding, Membership, Record, SheetRow, Unit
from duties.window_totals import WindowTotals

State: TypeAlias = Literal["open", "overdue", "done", "late", "excused"]
"""Not done: `open`, or `overdue` past its due day; done: all on time, or `late` in part; `excused`: not asked."""
Excuse: TypeAlias = Literal["", "exempted", "paused"]


@dataclass(frozen=True, slots=True)
class DutyProgress:
    """An instance as of a day; `records` are the counted ones; `is_scored`: the window's figures count it."""

    duty: Duty
    instance: Instance
    records: tuple[CountableRecord, ...]
    state: State
    excuse: Excuse
    is_scored: bool

    @property
    def is_done(self) -> bool:
        return self.state in ("done", "late")


class ProgressPlan:
    """The duty periods that a look at a window as of a day shows, laid out once for all subjects.

    Shown is what falls in the window and has begun, and what is not done and can still be done, whenever it was due.
    `award`: the year whose points are asked besides."""

    def __init__(self, campaign: Campaign, request: ScoreRequest, award: AwardRequest | None = None) -> None:
        self.campaign, self.request, self.award = campaign, request, award
        self.window = window_of_request(campaign, request)
        until = max(as_of_day(campaign, item) for item in (request, award) if item)
        asked = [period_filter(campaign, item) for item in (request, award) if item]
        self.schedule = Schedule(
            replace(campaign, pauses=()), until, lambda item: self._may_show(item) or any(test(item) for test in asked)
        )
        self.periods = [*self.schedule.unit_periods, *(item for item, _, _ in self.schedule.person_periods)]
        self._places = {(item.duty.id, item.period): item for item in self.periods}
        self._order = {key: number for number, key in enumerate(self._places)}
        self._scored = WindowTotals(campaign, request, self.periods)
        self._paused: dict[tuple[str, str], frozenset[str]] = {}
        for pause in campaign.pauses:
            for key in ((duty, period) for duty in pause.duties for period in pause.periods):
                self._paused[key] = self._paused.get(key, frozenset()) | pause.kinds

    def _may_show(self, item: DutyPeriod) -> bool:
        in_window = self.window.first <= item.falls_on <= self.window.last
        as_of = self.request.as_of
        return item.start <= as_of and (item.joinable or in_window or _last_day(item, item.due) >= as_of)

    def of_unit(self, unit: Unit, records: Iterable[Record], exemptions: Iterable[Exemption]) -> list[DutyProgress]:
        """Every instance of the unit's own, shown or not."""
        instances = unit_instances(self.schedule, unit, records)
        return self._progress(instances, exemptions, {unit.unit_id: unit.kind})

    def of_person(
        self, person: PersonContribution, exemptions: Iterable[Exemption], kinds: Mapping[str, str]
    ) -> list[DutyProgress]:
        """Every instance of the person's, whatever the unit; `kinds` has the kinds of these units."""
        return self._progress(person.instances, exemptions, kinds)

    def contribution(
        self, person_id: str, memberships: Sequence[Membership], records: Iterable[Record]
    ) -> PersonContribution:
        """What the person would bring if nothing were exempted or paused."""
        return person_contribution(self.schedule, person_id, memberships, records)

    def is_shown(self, item: DutyProgress) -> bool:
        """Whether the instance is one of those that the plan is about."""
        instance, as_of = item.instance, self.request.as_of
        if instance.start > as_of and not item.is_scored:
            return False
        place = self._places[instance.duty, instance.period]
        falls_on = max(instance.due, self.campaign.starts_on) if place.joinable else place.falls_on
        if self.window.first <= falls_on <= self.window.last:
            return True
        return item.state in ("open", "overdue") and _last_day(place, instance.due) >= as_of

    def place(self, item: DutyProgress) -> int:
        """Where its duty and period stand: duties in the order of the file, their periods in order of time."""
        return self._order[item.instance.duty, item.instance.period]

    def _progress(
        self, instances: Iterable[Instance], exemptions: Iterable[Exemption], kinds: Mapping[str, str]
    ) -> list[DutyProgress]:
        exempted = set(exemptions)
        return [self._of_instance(item, self._excuse(item, exempted, kinds)) for item in instances]

    def _excuse(self, instance: Instance, exempted: set[Exemption], kinds: Mapping[str, str]) -> Excuse:
        key = instance.duty, instance.period
        if key in exempted:
            return "exempted"
        return "paused" if kinds.get(instance.unit_id) in self._paused.get(key, ()) else ""

    def _of_instance(self, instance: Instance, excuse: Excuse) -> DutyProgress:
        records = counted_records(instance.records, instance.needed, self.request.as_of)
        scored = not excuse and self._scored.offset_of(instance) is not None
        state = _state(instance, records, self.request.as_of)
        duty = self.campaign.duty_by_id[instance.duty]
        return DutyProgress(duty, instance, records, "excused" if excuse else state, excuse, scored)


def _last_day(place: DutyPeriod, due: int) -> int:
    """The last day on which what is done, or what was done in time is reported, may count for an instance."""
    return place.late_limit + due - place.due + (place.duty.report_days or 0)


def _state(instance: Instance, records: Sequence[CountableRecord], as_of: int) -> State:
    if len(records) < instance.needed:
        return "overdue" if instance.due < as_of else "open"
    return "done" if all(record.on_time for record in records) else "late"


class UnitProgress:
    """A unit's own duties, those of its people, and what they come to; the figures are those of the whole report."""

    def __init__(self, plan: ProgressPlan, unit: Unit, kinds: Mapping[str, str]) -> None:
        self._plan, self.unit, self._kinds = plan, unit, kinds
        self._totals = WindowTotals(plan.campaign, plan.request, plan.periods)
        self._assessed = AssessedPoints()
        self.own: list[DutyProgress] = []
        self.people: list[DutyProgress] = []

    def add_unit(
        self,
        records: Iterable[Record],
        exemptions: Iterable[Exemption],
        findings: Iterable[Finding],
        sheet_rows: Iterable[SheetRow],
    ) -> None:
        """What is the unit's own."""
        plan = self._plan
        self.own += self._add_to_totals(plan.of_unit(self.unit, records, exemptions))
        self._assessed = assessed_points(plan.campaign, plan.window, plan.request.as_of, findings, sheet_rows)

    def add_person(
        self,
        person_id: str,
        memberships: Sequence[Membership],
        records: Iterable[Record],
        exemptions: Iterable[Exemption],
    ) -> None:
        """What a person owes under this unit; what they owe under others is left out."""
        contribution = self._plan.contribution(person_id, memberships, records)
        progress = self._plan.of_person(contribution, exemptions, self._kinds)
        self.people += self._add_to_totals([item for item in progress if item.instance.unit_id == self.unit.unit_id])

    def _add_to_totals(self, progress: list[DutyProgress]) -> list[DutyProgress]:
        for item in progress:
            if item.is_scored:
                self._totals.add(item.instance, self._totals.offsets[item.instance.duty, item.instance.period])
        return [item for item in progress if self._plan.is_shown(item)]

    def score(self) -> UnitScore | None:
        """Without rank and band, which ask for all units; None: no duty fell due."""
        totals = self._totals.of_unit(self.unit.unit_id)
        return unit_score(self._plan.campaign, self.unit.unit_id, totals, self._assessed)

    def parts(self) -> list[DutyPart]:
        """What each duty gives to the base."""
        return duty_parts(self._totals.of_unit(self.unit.unit_id))


@dataclass(frozen=True, slots=True)
class PersonProgress:
    """A person's duties, and their points of the plan's year (None: the campaign puts nobody forward)."""

    duties: list[DutyProgress]
    points: Fraction | None


def person_progress(
    plan: ProgressPlan,
    person_id: str,
    memberships: Sequence[Membership],
    records: Iterable[Record],
    exemptions: Iterable[Exemption],
    kinds: Mapping[str, str],
) -> PersonProgress:
    """All duties of the person that the plan shows, whatever the unit under which they are owed."""
    whole = plan.contribution(person_id, memberships, records)
    progress = plan.of_person(whole, exemptions, kinds)
    awards = plan.campaign.individual_awards
    points = None
    if awards and plan.award:
        owed = tuple(item.instance for item in progress if not item.excuse)
        points = Candidates(plan.campaign, awards, plan.award).points(replace(whole, instances=owed))
    return PersonProgress([item for item in progress if plan.is_shown(item)], points)
