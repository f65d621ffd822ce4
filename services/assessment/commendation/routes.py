"""GET /api/candidates."""

from fractions import Fraction
from typing import Any

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.problems import Problem
from duties.campaign import Campaign
from duties.days import Day, day_of, iso
from duties.report_requests import AwardRequest
from duties.result_files import points
from services.assessment.commendation.candidates import Candidates
from services.assessment.commendation.schemas import CandidatesAnswer, CandidatesQuery
from services.assessment.freezes.frozen_scores import FrozenScores
from services.assessment.scores.routes import freeze_summary
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.scores.scoreboard import windows_begun
from services.registry import rights

PREPARE_SECONDS = 10.0
EMPTY: dict[str, Any] = {"pools": [], "people": None, "decisions": []}


class CandidateRoutes:
    """Routes of the candidates for awards."""

    score_runner: ScoreRunner
    frozen_scores: FrozenScores
    candidates: Candidates

    @route("GET", "/api/candidates", right=rights.SEE_CANDIDATES, query=CandidatesQuery, response=CandidatesAnswer,
           problems=(409, 422, 503))  # fmt: skip
    def award_candidates(self, request: RouteRequest) -> Any:
        """The candidates for a year's awards: units by pool with seats, ties and reserve, persons by unit, and the
        signed decisions."""
        campaign = self.score_runner.campaign()
        today = day_of(self.score_runner.today(campaign))
        years = years_begun(campaign, today)
        year = request.query["year"] or usual_year(years, today)
        if year not in years:
            raise Problem(422, "unknown_year", f"主题活动没有 {year} 年度。", column="year")
        frozen = self.frozen_scores.freeze_of(campaign.id, year)
        official = frozen if request.query["figures"] == "official" else None
        shown = self.candidates.look(campaign, int(year), official)
        settled_on = AwardRequest(int(year)).as_of(campaign)
        return {
            "campaign": campaign.id, "title": campaign.title, "year": year, "years": years,
            "figures": "official" if official else "present", "freeze": freeze_summary(frozen, campaign.zone),
            "settled_on": iso(settled_on), "settled": settled_on < today, "calculating": shown.is_calculating,
            "known_at": shown.known_at,
            **_rules(campaign), **(shown.answer or EMPTY),
        }  # fmt: skip


def years_begun(campaign: Campaign, today: Day) -> list[str]:
    return [window for window in windows_begun(campaign, today) if len(window) == 4 and window.isdigit()]


def usual_year(years: list[str], today: Day) -> str:
    """The last year that is over; if there is none, the first."""
    over = [year for year in years if AwardRequest(int(year)).last < today]
    return next(iter(over), years[-1] if years else "")


def prepare_usual_year(candidates: Candidates, runner: ScoreRunner) -> None:
    """Prepare the year that the page shows when none is chosen."""
    try:
        campaign = runner.campaign()
    except Problem:  # no campaign is launched yet
        return
    today = day_of(runner.today(campaign))
    if year := usual_year(years_begun(campaign, today), today):
        candidates.prepare(campaign, int(year))


def _rules(campaign: Campaign) -> dict[str, str | None]:
    awards = campaign.unit_awards
    if awards is None:
        return {"percent": None, "pass_line": None}
    return {"percent": _plain(awards.percent), "pass_line": points(awards.pass_line)}


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else points(value)
