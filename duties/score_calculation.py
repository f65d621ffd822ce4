"""Answers many requests in one pass over the subjects, holding sums and candidates but never all people.

Contributions may be added in any order, fresh or stored; a subject is added once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TypeAlias

from duties.campaign import Campaign
from duties.commended_units import PoolResult, commended_units
from duties.days import Day
from duties.individuals import Candidates, Individual
from duties.instances import Instance, PersonContribution, person_contribution, unit_instances
from duties.outstanding import Outstanding, outstanding
from duties.ranking import ranked
from duties.report_requests import AwardRequest, OutstandingRequest, ScoreRequest, period_filter, schedule_for
from duties.schedule import DutyPeriod
from duties.scores import AssessedPoints, UnitScore, assessed_points, unit_score
from duties.subjects import Decision, Exemption, Finding, Membership, Record, SheetRow, Unit
from duties.window_totals import WindowTotals

Sink: TypeAlias = Callable[[OutstandingRequest, Iterable[Outstanding]], None]


class ScoreCalculation:
    """One campaign and what is known of its district at one instant, any number of requests.

    All units are needed beforehand (a province has thirty thousand); records, people, findings and sheets are not kept.
    What is outstanding is kept to be sorted, unless a `sink` takes it subject by subject.
    """

    def __init__(
        self,
        campaign: Campaign,
        units: Iterable[Unit],
        requests: Sequence[ScoreRequest | AwardRequest | OutstandingRequest],
        decisions: Iterable[Decision] = (),
        sink: Sink | None = None,
    ) -> None:
        self.campaign = campaign
        self.units = {unit.unit_id: unit for unit in units}
        self.decisions = tuple(decisions)
        self.schedule = schedule_for(campaign, _with_year_scores(campaign, requests))
        periods = [*self.schedule.unit_periods, *(item for item, _, _ in self.schedule.person_periods)]
        self._window_totals = {
            request: WindowTotals(campaign, request, periods)
            for request in _with_year_scores(campaign, requests)
            if isinstance(request, ScoreRequest)
        }
        self._assessed: dict[tuple[ScoreRequest, str], AssessedPoints] = {}
        awards = campaign.individual_awards
        self._candidates = {
            request: Candidates(campaign, awards, request, self.decisions)
            for request in requests
            if awards is not None and isinstance(request, AwardRequest)
        }
        outstanding_requests = [request for request in requests if isinstance(request, OutstandingRequest)]
        self._outstanding: dict[OutstandingRequest, list[Outstanding]] = {
            request: [] for request in outstanding_requests
        }
        self._joinable = {duty.id for duty in campaign.duties if duty.joiners_days is not None}
        self._sink = sink
        self._positions_of_begun_periods = [
            (request, _positions_of_begun_periods(campaign, request, periods)) for request in self._outstanding
        ]
        self._scores: dict[ScoreRequest, list[UnitScore]] = {}

    @cached_property
    def _windows_by_period(self) -> dict[tuple[str, str], list[tuple[WindowTotals, int]]]:
        """The window totals that count a (duty, period), so that an instance is looked up once for all of them."""
        windows: dict[tuple[str, str], list[tuple[WindowTotals, int]]] = {}
        for totals in self._window_totals.values():
            for key, offset in totals.offsets.items():
                windows.setdefault(key, []).append((totals, offset))
        return windows

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return {unit.unit_id: unit.kind for unit in self.units.values()}

    def add_unit(
        self,
        unit: Unit,
        records: Iterable[Record],
        exemptions: Iterable[Exemption] = (),
        findings: Sequence[Finding] = (),
        sheet_rows: Sequence[SheetRow] = (),
    ) -> None:
        """Adds one unit's facts: its own instances and what assessors gave it."""
        self.add_instances(unit_instances(self.schedule, unit, records, exemptions))
        if findings or sheet_rows:
            self.add_assessed_points(unit.unit_id, findings, sheet_rows)

    def add_person(
        self,
        person_id: str,
        memberships: Sequence[Membership],
        records: Iterable[Record],
        exemptions: Iterable[Exemption] = (),
    ) -> None:
        """Adds one person's facts."""
        self.add_contribution(
            person_contribution(self.schedule, person_id, memberships, records, exemptions, self._kinds)
        )

    def add_contribution(self, contribution: PersonContribution) -> None:
        """Adds what was worked out (and perhaps stored) before, of facts as known at the same instant."""
        self.add_instances(contribution.instances)
        for candidates in self._candidates.values():
            candidates.add(contribution)

    def add_instances(self, instances: Sequence[Instance]) -> None:
        """Adds a unit's own instances (a person's go by `add_contribution`); those of other periods change nothing."""
        windows, joinable = self._windows_by_period, self._joinable
        for instance in instances:
            for totals, offset in windows.get((instance.duty, instance.period), ()):
                if instance.duty not in joinable or totals.holds(instance):
                    totals.add(instance, offset)
        for request, begun in self._positions_of_begun_periods:
            rows = outstanding(instances, begun, request.as_of)
            if self._sink is None:
                self._outstanding[request] += rows
            else:
                self._sink(request, rows)
        self._scores.clear()

    def add_assessed_points(self, unit_id: str, findings: Sequence[Finding], sheet_rows: Sequence[SheetRow]) -> None:
        for request, totals in self._window_totals.items():
            assessed = assessed_points(self.campaign, totals.window, request.as_of, findings, sheet_rows)
            self._assessed[request, unit_id] = assessed
        self._scores.clear()

    def scores(self, request: ScoreRequest) -> list[UnitScore]:
        """The units that have a score, ranked ones first (scoring.md 4, 9)."""
        if request not in self._scores:
            totals = self._window_totals[request]
            result = (
                unit_score(
                    self.campaign, unit, totals.of_unit(unit), self._assessed.get((request, unit), AssessedPoints())
                )
                for unit in totals.units()
                if unit in self.units  # what a person owes in a voided unit is no score of it
            )
            scored = [item for item in result if item is not None]
            self._scores[request] = ranked(
                self.campaign, totals.window, request.as_of, self.units, scored, self.decisions
            )
        return self._scores[request]

    def commended(self, request: AwardRequest) -> list[PoolResult]:
        scores = {item.unit_id: item for item in self.scores(request.score(self.campaign))}
        return commended_units(self.campaign, request, self.units.values(), scores, self.decisions)

    def individuals(self, request: AwardRequest) -> list[Individual]:
        """Those above, in and below the last seat, by unit and person; empty where the campaign puts nobody forward."""
        if request not in self._candidates:
            return []
        return self._candidates[request].placed(
            {item.unit_id: item.rank for item in self.scores(request.score(self.campaign))}
        )

    def eligible(self, request: AwardRequest) -> dict[str, int]:
        """How many people of each unit may be put forward; empty where the campaign puts nobody forward."""
        return dict(self._candidates[request].eligible) if request in self._candidates else {}

    def quotas(self, request: AwardRequest) -> dict[str, int]:
        """The seats of each unit; empty where they are not shared out by unit."""
        candidates = self._candidates.get(request)
        if candidates is None or candidates.awards.allocation == "open":
            return {}
        return candidates.quotas({item.unit_id: item.rank for item in self.scores(request.score(self.campaign))})

    def outstanding(self, request: OutstandingRequest) -> list[Outstanding]:
        """In the order of the file: duty, period, unit, person; empty where a sink took it."""
        return sorted(self._outstanding[request])


def _with_year_scores(
    campaign: Campaign,
    requests: Sequence[ScoreRequest | AwardRequest | OutstandingRequest],
) -> list[ScoreRequest | AwardRequest | OutstandingRequest]:
    """The requests and the year scores that awards rest on, each once."""
    scores = [request.score(campaign) for request in requests if isinstance(request, AwardRequest)]
    return list(dict.fromkeys([*requests, *scores]))


def _positions_of_begun_periods(
    campaign: Campaign, request: OutstandingRequest, periods: Iterable[DutyPeriod]
) -> dict[tuple[str, str], Day]:
    test = period_filter(campaign, request)
    return {(item.duty.id, item.period): item.position for item in periods if test(item)}
