"""Calculates the progress of one unit or person from its rows; never reads another subject's."""

from duties.campaign import Campaign
from duties.days import year_of
from duties.progress import PersonProgress, ProgressPlan, UnitProgress, person_progress
from duties.report_requests import AwardRequest, ScoreRequest, window_of_request
from services.assessment.progress.subject_rows import UnitAsKnown
from services.assessment.scores.queries import FactsAsKnown, PersonFacts

MOST_PLANS = 16


class ProgressPlans:
    """A cache of recently used plans: laying out a campaign's calendar is costly."""

    def __init__(self) -> None:
        self._plans: list[ProgressPlan] = []

    def of_unit(self, campaign: Campaign, request: ScoreRequest) -> ProgressPlan:
        return self._plan(campaign, request, None)

    def of_person(self, campaign: Campaign, request: ScoreRequest) -> ProgressPlan:
        """A plan that includes the points of the year in which the window ends, if the campaign puts individuals
        forward."""
        year = year_of(window_of_request(campaign, request).last)
        return self._plan(campaign, request, AwardRequest(year) if campaign.individual_awards else None)

    def _plan(self, campaign: Campaign, request: ScoreRequest, award: AwardRequest | None) -> ProgressPlan:
        for plan in self._plans:
            if plan.campaign is campaign and (plan.request, plan.award) == (request, award):
                return plan
        self._plans.append(ProgressPlan(campaign, request, award))
        del self._plans[:-MOST_PLANS]
        return self._plans[-1]


def unit_progress(known: UnitAsKnown, plan: ProgressPlan) -> UnitProgress:
    """The progress of a unit and its people."""
    unit, own = known.unit, known.own
    progress = UnitProgress(plan, unit, {unit.unit_id: unit.kind})
    progress.add_unit(own.records, own.exemptions, own.findings, own.sheet_rows)
    for person in known.people:
        progress.add_person(person.person_id, person.memberships, person.records, person.exemptions)
    return progress


def progress_of_person(facts: FactsAsKnown, plan: ProgressPlan, person: PersonFacts) -> PersonProgress:
    """The progress of a person, in whichever units they serve."""
    kinds = {}
    if plan.campaign.pauses:
        units = facts.units(sorted({item.unit_id for item in person.memberships}))
        kinds = {unit.unit_id: unit.kind for unit in units}
    return person_progress(plan, person.person_id, person.memberships, person.records, person.exemptions, kinds)
