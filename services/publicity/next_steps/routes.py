"""Routes of next steps: what awaits the caller, and works to choose from."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from services.publicity.next_steps.to_do import own_publicity
from services.publicity.next_steps.works_for_use import works_for_use
from services.publicity.routes import PublicityRoutes
from services.registry import rights


class OwnReading(marshmallow.Schema):
    """A reading that the caller is appointed for; `turn`: now, later (an earlier stage is not done), done, over."""

    subject = fields.String(required=True)
    subject_id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("article", "anthology", "video")))
    stage = fields.String(required=True)
    title = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    appointed_on = fields.String(required=True)
    turn = fields.String(required=True, validate=validate.OneOf(("now", "later", "done", "over")))


class OwnStep(marshmallow.Schema):
    """The caller's next step with an article or anthology; `step` as in a list of articles."""

    subject = fields.String(required=True)
    subject_id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("article", "anthology", "video")))
    title = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    step = fields.String(required=True)
    stage = fields.String(required=True)


class OwnPublicity(marshmallow.Schema):
    """What awaits the caller."""

    readings = fields.List(fields.Nested(OwnReading), required=True)
    steps = fields.List(fields.Nested(OwnStep), required=True)


class WorksForUseQuery(marshmallow.Schema):
    """The unit and the use; one semester or all."""

    unit_id = fields.String(required=True)
    level = fields.String(required=True, validate=validate.OneOf(("inside", "unit", "district", "print")))
    semester = fields.String(load_default="")


class WorkForUse(marshmallow.Schema):
    """A work that may be shown; `articles`, `anthologies`: how many show or showed it."""

    work_id = fields.String(required=True)
    title = fields.String(required=True)
    author = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    semester = fields.String(required=True)
    kind = fields.String(required=True)
    articles = fields.Integer(required=True, strict=True)
    anthologies = fields.Integer(required=True, strict=True)


class WorksForUse(marshmallow.Schema):
    """Ordered by semester (latest first), unit and id."""

    works = fields.List(fields.Nested(WorkForUse), required=True)


class NextStepRoutes(PublicityRoutes):
    """Routes of next steps."""

    @route("GET", "/api/mine/publicity", response=OwnPublicity)
    def own_publicity(self, request: RouteRequest) -> Any:
        """The caller's readings, and the next steps of articles and anthologies of their units."""
        return own_publicity(self.publicity, request.identified())

    @route("GET", "/api/works-for-use", right=rights.PUBLISH_FOR_UNIT, query=WorksForUseQuery, response=WorksForUse)
    def works_for_use(self, request: RouteRequest) -> Any:
        """Works that a unit may put into an article or anthology: selected, and consented to for this use."""
        return {"works": works_for_use(self.publicity, request, **request.query)}
