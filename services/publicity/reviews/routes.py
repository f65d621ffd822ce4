"""Routes of reviews: assign reviewers, mark, return to the author, ask whether a person may review."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.problems import Problem
from duties.days import day_of
from services.publicity.reviews import handlers
from services.publicity.reviews.domain import Reviewer, may_review
from services.publicity.routes import PublicityRoutes
from services.publicity.schemas import WriteResult
from services.publicity.tables import registry
from services.registry import rights
from services.registry.queries import units_of_person


class Reviewers(marshmallow.Schema):
    """Who is to review."""

    reviewers = fields.List(fields.String(), required=True, validate=validate.Length(1, 9))


class Marks(marshmallow.Schema):
    """A reviewer's sheet: an item of the rubric -> a decimal text."""

    reviewer_id = fields.String(required=True)
    marks = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class Returning(marshmallow.Schema):
    """Why a work goes back to its author; `reviewer_id`: as a reviewer of it, else as its unit."""

    reason = fields.String(required=True)
    reviewer_id = fields.String(load_default="")


class DayQuery(marshmallow.Schema):
    """On which day; today without one."""

    on = fields.Date(load_default=None)


class MayReview(marshmallow.Schema):
    """Whether a person may review an author's work."""

    may_review = fields.Boolean(required=True)


class ReviewRoutes(PublicityRoutes):
    """Reviews."""

    @route("POST", "/api/works/<work_id>/reviewers", right=rights.ARRANGE_REVIEWS, body=Reviewers, response=WriteResult)
    def assign_reviewers(self, request: RouteRequest, work_id: str) -> Any:
        """Ask people who are not of the author's unit to review a work."""
        return handlers.assign_reviewers(self.publicity, request, work_id, request.json["reviewers"])

    @route("POST", "/api/works/<work_id>/marks", right=rights.REVIEW, body=Marks, response=WriteResult)
    def mark_work(self, request: RouteRequest, work_id: str) -> Any:
        """A reviewer's marks on the campaign's rubric."""
        reviewer_id, marks = request.json["reviewer_id"], request.json["marks"]
        return handlers.mark_work(self.publicity, request, work_id, reviewer_id, marks)

    @route("POST", "/api/works/<work_id>/return", right=rights.SEND_BACK_WORK, body=Returning, response=WriteResult)
    def return_work(self, request: RouteRequest, work_id: str) -> Any:
        """Ask the author to revise a work that is not selected yet: as a reviewer of it, or as its unit."""
        reviewer_id, reason = request.json["reviewer_id"], request.json["reason"]
        return handlers.return_work(self.publicity, request, work_id, reviewer_id, reason)

    @route(
        "GET",
        "/api/reviewers/<reviewer_id>/may-review/<author_id>",
        right=rights.ARRANGE_REVIEWS,
        query=DayQuery,
        response=MayReview,
    )
    def may_review(self, request: RouteRequest, reviewer_id: str, author_id: str) -> Any:
        """Whether a person may review an author's work on a day (`on`): never of the same unit, never their own."""
        on = request.query["on"]
        day = on.isoformat() if on else f"{self.clock():%Y-%m-%d}"
        with self.publicity.reading() as connection:
            reviewer = Reviewer(reviewer_id, units_of_person(connection, registry, reviewer_id, day_of(day)))
            if not reviewer.unit_ids:
                raise Problem(404, "unknown_person", f"{reviewer_id} 在 {day} 不在任职期内。")
            author_units = units_of_person(connection, registry, author_id, day_of(day))
        return {"may_review": may_review(reviewer, author_id, author_units)}
