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
from services.publicity.reviews.schemas import ArrangedWorks, Candidates, CandidatesQuery, OwnTasks, ReviewsQuery
from services.publicity.reviews.views import arranged_reviews, candidates, own_tasks
from services.publicity.routes import PublicityRoutes
from services.publicity.schemas import WriteResult
from services.publicity.tables import registry
from services.publicity.works.domain.commands import CAUSES
from services.registry import rights
from services.registry.queries import units_of_person


class Reviewers(marshmallow.Schema):
    """The reviewers."""

    reviewers = fields.List(fields.String(), required=True, validate=validate.Length(1, 9))
    due_on = fields.Date(load_default=None, metadata={"description": "until when they are to mark it"})


class Marks(marshmallow.Schema):
    """A reviewer's sheet (item of the rubric -> decimal text), and a comment for the author."""

    reviewer_id = fields.String(required=True)
    marks = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    comment = fields.String(load_default="", validate=validate.Length(0, 8000))


class Declining(marshmallow.Schema):
    """Why a reviewer declines: they know the author, had a part in the work, or are unable."""

    reviewer_id = fields.String(required=True)
    cause = fields.String(required=True, validate=validate.OneOf(CAUSES))


class ReviewerOfWork(marshmallow.Schema):
    """One of the work's reviewers."""

    reviewer_id = fields.String(required=True)


class Returning(marshmallow.Schema):
    """Why a work is returned to its author; `reviewer_id`: by a reviewer of it, else by its unit."""

    reason = fields.String(required=True)
    reviewer_id = fields.String(load_default="")


class DayQuery(marshmallow.Schema):
    """The day; default: today."""

    on = fields.Date(load_default=None)


class MayReview(marshmallow.Schema):
    """Whether a person may review an author's work."""

    may_review = fields.Boolean(required=True)


class ReviewRoutes(PublicityRoutes):
    """Routes of reviews."""

    @route("GET", "/api/reviews", right=rights.ARRANGE_REVIEWS, query=ReviewsQuery, response=ArrangedWorks)
    def arranged_reviews(self, request: RouteRequest) -> Any:
        """Works put forward for review, without authors and texts: reviewers, overdue reviews, marks."""
        return arranged_reviews(self.publicity, request.query)

    @route("GET", "/api/reviewers", right=rights.ARRANGE_REVIEWS, query=CandidatesQuery, response=Candidates)
    def candidates(self, request: RouteRequest) -> Any:
        """Whom to ask for a review: people of a unit or by name, or those who were asked before."""
        return candidates(self.publicity, **request.query)

    @route("GET", "/api/mine/works", response=OwnTasks)
    def own_tasks(self, request: RouteRequest) -> Any:
        """Numbers of tasks in publicity that wait for the caller."""
        return own_tasks(self.publicity, request.identified())

    @route("POST", "/api/works/<work_id>/reviewers", right=rights.ARRANGE_REVIEWS, body=Reviewers, response=WriteResult)
    def assign_reviewers(self, request: RouteRequest, work_id: str) -> Any:
        """Ask people who are not of the author's unit to review a work; asking again sets another last day."""
        due_on = request.json["due_on"].isoformat() if request.json["due_on"] else ""
        return handlers.assign_reviewers(self.publicity, request, work_id, request.json["reviewers"], due_on)

    @route("POST", "/api/works/<work_id>/take-back", right=rights.ARRANGE_REVIEWS, body=ReviewerOfWork,
           response=WriteResult)  # fmt: skip
    def take_review_back(self, request: RouteRequest, work_id: str) -> Any:
        """Take a work back from a reviewer who has not marked it, so that another may be asked."""
        return handlers.take_review_back(self.publicity, request, work_id, request.json["reviewer_id"])

    @route("POST", "/api/works/<work_id>/decline", right=rights.REVIEW, body=Declining, response=WriteResult)
    def decline_review(self, request: RouteRequest, work_id: str) -> Any:
        """Decline to review a work (回避); the reviewer is not asked for it again."""
        reviewer_id, cause = request.json["reviewer_id"], request.json["cause"]
        return handlers.decline_review(self.publicity, request, work_id, reviewer_id, cause)

    @route("POST", "/api/works/<work_id>/marks", right=rights.REVIEW, body=Marks, response=WriteResult)
    def mark_work(self, request: RouteRequest, work_id: str) -> Any:
        """Submit a reviewer's marks by the campaign's rubric."""
        reviewer_id, marks, comment = (request.json[name] for name in ("reviewer_id", "marks", "comment"))
        return handlers.mark_work(self.publicity, request, work_id, reviewer_id, marks, comment)

    @route("POST", "/api/works/<work_id>/return", right=rights.SEND_BACK_WORK, body=Returning, response=WriteResult)
    def return_work(self, request: RouteRequest, work_id: str) -> Any:
        """Ask the author to revise a work that is not selected yet; as a reviewer of it, or as its unit."""
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
        """Whether a person may review an author's work on a day (`on`): not of the same unit, not their own."""
        on = request.query["on"]
        day = on.isoformat() if on else f"{self.clock():%Y-%m-%d}"
        with self.publicity.reading() as connection:
            reviewer = Reviewer(reviewer_id, units_of_person(connection, registry, reviewer_id, day_of(day)))
            if not reviewer.unit_ids:
                raise Problem(404, "unknown_person", f"{reviewer_id} 在 {day} 不在任职期内。")
            author_units = units_of_person(connection, registry, author_id, day_of(day))
        return {"may_review": may_review(reviewer, author_id, author_units)}
