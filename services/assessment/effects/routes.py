"""/api/campaign/effects: the effect of another plan on the figures."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from services.assessment.effects.effect_jobs import EffectJobs
from services.assessment.scores.calculation_jobs import CalculationJob
from services.registry import rights

LARGEST = 256 * 1024


def _pair(of: type[fields.Field] = fields.Integer) -> fields.List:
    each = fields.Integer(strict=True) if of is fields.Integer else fields.String()
    return fields.List(
        each, required=True, validate=validate.Length(equal=2), metadata={"description": "before, after"}
    )


class PlanToCompare(marshmallow.Schema):
    """The plan to compare with the campaign in force."""

    document = fields.Dict(required=True, metadata={"description": "the campaign file's data"})


class OwedEffect(marshmallow.Schema):
    """For units or for people: the number that owe something else this year, and the changes in (duty, period)
    pairs."""

    subjects = fields.Integer(required=True, strict=True)
    changed = fields.Integer(required=True, strict=True)
    more = fields.Integer(required=True, strict=True)
    less = fields.Integer(required=True, strict=True)
    due_changed = fields.Integer(required=True, strict=True)


class OwedEffects(marshmallow.Schema):
    """Changes in what is owed, for units and for people."""

    units = fields.Nested(OwedEffect, required=True)
    people = fields.Nested(OwedEffect, required=True)


class OverdueEffect(marshmallow.Schema):
    """The number of overdue duties on the day, before and after."""

    units = _pair()
    people = _pair()


class WindowEffect(marshmallow.Schema):
    """The units' figures in a window as of the day, as means over the units."""

    window = fields.String(required=True)
    units = fields.Integer(required=True, strict=True)
    changed = fields.Integer(required=True, strict=True, metadata={"description": "units whose score is another"})
    risen = fields.Integer(required=True, strict=True)
    fallen = fields.Integer(required=True, strict=True)
    score = _pair(fields.String)
    completion = _pair(fields.String)
    frozen = fields.Boolean(required=True, metadata={"description": "official figures stay as they are"})


class MovedUnit(marshmallow.Schema):
    """A unit whose score of the year changes."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    before = fields.String(required=True)
    after = fields.String(required=True)


class CutEffect(marshmallow.Schema):
    """The awards of the year by what is known now: seats, the last figure that is awarded, subjects entering and
    leaving."""

    seats = _pair()
    cut = _pair(fields.String)
    tied = _pair()
    into = fields.Integer(required=True, strict=True, data_key="in")
    out = fields.Integer(required=True, strict=True)


class AwardsEffect(marshmallow.Schema):
    """Awards of a year."""

    year = fields.String(required=True)
    units = fields.Nested(CutEffect, required=True)
    people = fields.Nested(CutEffect, required=True)


class EffectFigures(marshmallow.Schema):
    """The effect of the plan on the figures as of the day."""

    as_of = fields.String(required=True)
    owed = fields.Nested(OwedEffects, required=True)
    overdue = fields.Nested(OverdueEffect, required=True)
    windows = fields.List(fields.Nested(WindowEffect), required=True)
    units = fields.List(fields.Nested(MovedUnit), required=True)
    awards = fields.Nested(AwardsEffect, required=True)


class EffectState(marshmallow.Schema):
    """The progress of a comparison; `effect` is null until it is done."""

    effect_id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("running", "done", "failed")))
    done = fields.Integer(required=True, strict=True, metadata={"description": "subjects done, of `total`"})
    total = fields.Integer(required=True, strict=True)
    detail = fields.String(required=True, metadata={"description": "why it failed"})
    effect = fields.Nested(EffectFigures, required=True, allow_none=True)


class EffectRoutes:
    """Comparisons of plans."""

    effects: EffectJobs

    @route("POST", "/api/campaign/effects", right=rights.KEEP_CAMPAIGN, body=PlanToCompare, response=EffectState,
           largest=LARGEST, problems=(409, 422))  # fmt: skip
    def begin_effect(self, request: RouteRequest) -> Any:
        """Compare a plan with the one in force; answers within a second, with the result or with the running job."""
        return _state(self.effects.begin(request.json["document"]))

    @route("GET", "/api/campaign/effects/<effect_id>", right=rights.KEEP_CAMPAIGN, response=EffectState,
           problems=(404,))  # fmt: skip
    def effect(self, _: RouteRequest, effect_id: str) -> Any:
        """The progress of a comparison, and its result."""
        return _state(self.effects.effect(effect_id))


def _state(effect: CalculationJob) -> dict[str, Any]:
    return {"effect_id": effect.job_id, "state": effect.state, "done": effect.done, "total": effect.total,
            "detail": effect.detail, "effect": effect.result}  # fmt: skip
