"""GET /api/differences: a frozen window's official figures compared with the current ones."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from services.assessment.freezes.change_events import SEALED, SHOWN
from services.assessment.freezes.difference_lines import local_minute
from services.assessment.freezes.frozen_scores import FrozenScores
from services.assessment.scores.score_runner import ScoreRunner
from services.registry import rights


class DifferencesQuery(marshmallow.Schema):
    """The campaign, the frozen window and the day."""

    window = fields.String(required=True)
    as_of = fields.String(load_default="", metadata={"description": "YYYY-MM-DD; default: today"})
    campaign = fields.String(
        load_default=None, allow_none=True, metadata={"description": "its id; default: the one launched last"}
    )


class DifferentFigure(marshmallow.Schema):
    """A figure with different values; an empty text: no value."""

    figure = fields.String(required=True)
    official = fields.String(required=True)
    present = fields.String(required=True)


class DifferenceEvent(marshmallow.Schema):
    """An event after the freeze that changed the unit's current figures, or an admission that changed the official
    ones."""

    table = fields.String(required=True)
    row_id = fields.String(required=True)
    event = fields.String(required=True, metadata={"description": "its type"})
    position = fields.String(required=True, metadata={"description": "source/partition/position"})
    recorded_at = fields.String(required=True)
    at = fields.String(required=True, metadata={"description": "the same, local time with its offset"})
    actor = fields.String(required=True)
    reason = fields.String(required=True)
    reason_state = fields.String(
        required=True, validate=validate.OneOf([SHOWN, SEALED]),
        metadata={"description": "sealed: it is about a person; the row's history shows it to whoever may read it"},
    )  # fmt: skip


class UnitDifferenceLine(marshmallow.Schema):
    """A unit whose figures differ (for `awards`: status, seats or position); without events the change came through
    other units."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    official = fields.String(required=True, metadata={"description": "the official score or status; empty: none"})
    present = fields.String(required=True, metadata={"description": "the present score or status; empty: none"})
    figures = fields.List(fields.Nested(DifferentFigure), required=True)
    events = fields.List(fields.Nested(DifferenceEvent), required=True)


class PersonDifferenceLine(UnitDifferenceLine):
    """A person whose award status differs; without events the change came through others."""

    person_id = fields.String(required=True)


class DifferencesAnswer(marshmallow.Schema):
    """The units whose official and current figures differ; for a year also the units and persons whose awards
    differ."""

    campaign = fields.String(required=True)
    window = fields.String(required=True)
    as_of = fields.String(required=True)
    known_at = fields.String(required=True, metadata={"description": "since when the window is official"})
    since = fields.String(required=True, metadata={"description": "the same, local time with its offset"})
    actor = fields.String(required=True, metadata={"description": "who froze it"})
    units = fields.List(fields.Nested(UnitDifferenceLine), required=True)
    awards = fields.List(
        fields.Nested(UnitDifferenceLine),
        required=True,
        metadata={"description": "of a year; official and present: status"},
    )
    people = fields.List(
        fields.Nested(PersonDifferenceLine), required=True,
        metadata={"description": "of a year: individuals who are awarded or tied in one of the two"},
    )  # fmt: skip


class DifferenceRoutes:
    """Routes comparing official and current figures."""

    score_runner: ScoreRunner
    frozen_scores: FrozenScores

    @route(
        "GET", "/api/differences", right=rights.SEE_FIGURES, query=DifferencesQuery, response=DifferencesAnswer,
        problems=(404, 409, 422),
    )  # fmt: skip
    def differences(self, request: RouteRequest) -> Any:
        """The differences between a frozen window's official and current figures, by unit and, for a year's awards, by
        person, with the events that caused them."""
        rules = self.score_runner.campaign(request.query["campaign"])
        as_of = request.query["as_of"] or self.score_runner.today(rules)
        window = request.query["window"]
        frozen, lines = self.frozen_scores.differences(rules.id, window, as_of)
        return {"campaign": rules.id, "window": window, "as_of": as_of, "known_at": frozen.known_at,
                "since": local_minute(frozen.known_at, rules.zone), "actor": frozen.actor, **lines}  # fmt: skip
