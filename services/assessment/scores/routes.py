"""GET /api/scoreboard."""

from datetime import tzinfo
from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from duties.campaign import Campaign
from duties.days import day_of
from services.assessment.freezes.difference_lines import local_minute
from services.assessment.freezes.frozen_scores import FrozenScores
from services.assessment.freezes.queries import FrozenWindow
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.scores.scoreboard import Scoreboard, ShownScores, windows_begun
from services.registry import rights

READERS = ("operator", "leader")
FIGURE = {"pattern": r"^\d+\.\d+$"}
EXACT = {"pattern": r"^\d+(/\d+)?$", "description": "not rounded: a whole number or a fraction"}


class ScoreboardQuery(marshmallow.Schema):
    """The window, the day, and the instant as known at."""

    window = fields.String(
        load_default="", metadata={"description": "month, quarter, semester or year; default: the year"}
    )
    as_of = fields.String(load_default="", metadata={"description": "YYYY-MM-DD; default: today"})
    known_at = fields.String(load_default="", metadata={"description": "ISO 8601; default: now"})
    figures = fields.String(
        load_default="official", validate=validate.OneOf(["official", "present"]),
        metadata={"description": "of a frozen window, where no known_at is given: official (default) or present"},
    )  # fmt: skip


class ScoreboardLine(marshmallow.Schema):
    """One unit's figures as displayed: points with two decimals, rates with four."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    base = fields.String(required=True, metadata=FIGURE)
    sheet = fields.String(required=True, allow_none=True, metadata=FIGURE)
    deduction = fields.String(required=True, metadata=FIGURE)
    score = fields.String(required=True, metadata=FIGURE)
    score_exact = fields.String(required=True, metadata=EXACT)
    base_exact = fields.String(required=True, metadata=EXACT)
    rank = fields.Integer(required=True, strict=True, allow_none=True)
    completion = fields.String(required=True, metadata=FIGURE)
    on_time = fields.String(required=True, metadata=FIGURE)
    evidence = fields.String(required=True, metadata=FIGURE)
    band = fields.String(
        required=True,
        metadata={"description": "front, middle, below (the pass line), or empty for a unit without a rank"},
    )


class FreezeSummary(marshmallow.Schema):
    """When and by whom the window was frozen, and how many rows and corrections were admitted since; /api/differences
    compares official and current figures."""

    known_at = fields.String(required=True)
    since = fields.String(required=True, metadata={"description": "the same, local time with its offset"})
    actor = fields.String(required=True)
    admitted = fields.Integer(required=True, strict=True)


class ScoreboardAnswer(marshmallow.Schema):
    """The units' figures in a window, ranked units first."""

    window = fields.String(required=True)
    as_of = fields.String(required=True)
    known_at = fields.String(required=True, allow_none=True)
    figures = fields.String(
        required=True, validate=validate.OneOf(["official", "present"]),
        metadata={"description": "official: of a frozen window, as known at its freeze, with what was admitted since"},
    )  # fmt: skip
    freeze = fields.Nested(
        FreezeSummary, required=True, allow_none=True, metadata={"description": "null: the window is not frozen"}
    )
    campaign = fields.String(required=True)
    title = fields.String(required=True)
    windows = fields.List(fields.String(), required=True, metadata={"description": "all windows begun so far"})
    pools = fields.List(
        fields.List(fields.String()), required=True,
        metadata={"description": "the kinds of unit of each pool of the awards, in the order of the plan"},
    )  # fmt: skip
    position = fields.String(
        required=True,
        metadata={"description": "up to where present figures count: `source/partition/position`, by commas"},
    )
    units = fields.List(fields.Nested(ScoreboardLine), required=True)


class ScoreRoutes:
    """Routes of the scoreboard."""

    score_runner: ScoreRunner
    scoreboards: Scoreboard
    frozen_scores: FrozenScores

    @route(
        "GET",
        "/api/scoreboard",
        right=rights.SEE_FIGURES,
        query=ScoreboardQuery,
        response=ScoreboardAnswer,
        problems=(409, 422),
    )
    def scoreboard(self, request: RouteRequest) -> Any:
        """Every unit's figures in a window, as of a day (default: today), as known at an instant (default: now)."""
        campaign = self.score_runner.campaign()
        today = self.score_runner.today(campaign)
        as_of = request.query["as_of"] or today
        window = request.query["window"] or as_of[:4]
        known_at = request.query["known_at"] or None
        frozen = self.frozen_scores.freeze_of(campaign.id, window)
        official = frozen if known_at is None and request.query["figures"] == "official" else None
        if official:
            shown = ShownScores(self.frozen_scores.lines(campaign.id, official, as_of), "")
        else:
            shown = self.scoreboards.look(campaign, window, as_of, known_at)
        return {"window": window, "as_of": as_of, "known_at": known_at, "campaign": campaign.id,
                "figures": "official" if official else "present", "freeze": freeze_summary(frozen, campaign.zone),
                "title": campaign.title, "windows": windows_begun(campaign, day_of(today)), "position": shown.position,
                "pools": pools_of(campaign), "units": shown.lines}  # fmt: skip


def pools_of(campaign: Campaign) -> list[list[str]]:
    """The kinds of units by pool: one pool of all kinds if the plan defines none; empty if it has no awards for
    units."""
    awards = campaign.unit_awards
    if awards is None:
        return []
    return [sorted(kinds) for kinds in (awards.pools if awards.pools is not None else (awards.kinds,))]


def freeze_summary(frozen: FrozenWindow | None, zone: tzinfo) -> dict[str, Any] | None:
    if frozen is None:
        return None
    since = local_minute(frozen.known_at, zone)
    return {"known_at": frozen.known_at, "since": since, "actor": frozen.actor, "admitted": len(frozen.admitted)}
