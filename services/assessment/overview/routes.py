"""GET /api/overview."""

from typing import Any

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from duties.days import day_of
from services.assessment.overview.queries import OverviewFilter
from services.assessment.overview.schemas import OverviewAnswer, OverviewQuery
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.scores.scoreboard import Scoreboard, windows_begun
from services.registry import rights


class OverviewRoutes:
    """Route of the district's overview."""

    score_runner: ScoreRunner
    scoreboards: Scoreboard

    @route("GET", "/api/overview", right=rights.SEE_FIGURES, query=OverviewQuery, response=OverviewAnswer,
           problems=(409, 422))  # fmt: skip
    def overview(self, request: RouteRequest) -> Any:
        """Duties owed, done and on time in the district, by duty, month, kind, zone and liaison office, and units that
        have had no record for long; from the scoreboard's totals."""
        query = request.query
        campaign = self.score_runner.campaign()
        today = self.score_runner.today(campaign)
        as_of = query["as_of"] or today
        window = query["window"] or as_of[:4]
        wanted = OverviewFilter(kind=query["kind"], zone_id=query["zone_id"], liaison_id=query["liaison_id"],
                        duty=query["duty"], still_days=query["still_days"])  # fmt: skip
        return self.scoreboards.overview(campaign, window, as_of, wanted) | {
            "campaign": campaign.id, "title": campaign.title, "window": window, "as_of": as_of,
            "windows": windows_begun(campaign, day_of(today)),
        }  # fmt: skip
