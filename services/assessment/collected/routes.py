"""GET /api/collected."""

from typing import Any

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.store.database import Store
from duties.campaign import Campaign
from duties.days import day_of, iso
from duties.report_requests import ScoreRequest
from services.assessment.collected.queries import collected_units, duty_lines
from services.assessment.collected.schemas import Collected, CollectedQuery
from services.assessment.progress.queries import ProgressPlans
from services.assessment.scores.queries import FactsAsKnown, NoCampaign
from services.assessment.scores.score_runner import checked_request
from services.registry import rights


class CollectedRoutes:
    """The reports that the supervision office collects."""

    store: Store
    clock: Clock
    progress_plans: ProgressPlans

    @route("GET", "/api/collected", right=rights.SEE_FIGURES, query=CollectedQuery, response=Collected,
           problems=(404, 409, 422))  # fmt: skip
    def collected(self, request: RouteRequest) -> Any:
        """For each office and secondary unit, the state of every period of a duty that only these owe."""
        query = request.query
        with self.store.reading() as connection:
            try:
                facts = FactsAsKnown(connection)
            except NoCampaign:
                raise Problem(409, "no_campaign", "还没有启动活动方案。") from None
            campaign = facts.campaign
            today = self.clock().astimezone(campaign.zone).date().isoformat()
            as_of = query["as_of"] or today
            window = query["window"] or _last_year_due(campaign, today)
            try:
                _, name, day = checked_request(campaign, today, "score", window, as_of)
            except ValueError as error:
                raise Problem(422, "bad_window", str(error), column="window") from None
            duties = {duty.id: duty for duty in campaign.collected_duties}
            wanted = query["duty"] or next(iter(duties), "")
            if query["duty"] and wanted not in duties:
                raise Problem(404, "unknown_duty", "方案没有这一项由督查室收取的任务。", column="duty")
            plan = self.progress_plans.of_unit(campaign, ScoreRequest(name, day))
            periods, units = collected_units(facts, plan, duties[wanted]) if wanted else ([], [])
        return {"campaign": campaign.id, "window": name, "windows": _years(campaign, today), "as_of": iso(day),
                "duties": duty_lines(campaign), "duty": wanted, "periods": periods, "units": units}  # fmt: skip


def _years(campaign: Campaign, today: str) -> list[str]:
    """The years of the campaign, the latest first."""
    first, last = iso(campaign.starts_on)[:4], max(today, iso(campaign.starts_on))[:4]
    return [f"{year:04}" for year in range(int(last), int(first) - 1, -1)]


def _last_year_due(campaign: Campaign, today: str) -> str:
    """The year of the last period that is due: in early January the reports of December are being collected."""
    before = iso(max(day_of(today) - 31, campaign.starts_on))
    return before[:4]
