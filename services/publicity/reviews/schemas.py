"""Schemas for the office that arranges reviews."""

import marshmallow
from marshmallow import fields, validate

from services.publicity.works.domain.progress import PROGRESS_STATES
from services.publicity.works.schemas import WorkRules

LATE = "late"


class ReviewsQuery(marshmallow.Schema):
    """A page of works put forward for review: by semester, unit and status; `late`: with an overdue review."""

    semester = fields.String(load_default="", validate=validate.Length(0, 64))
    unit_id = fields.String(load_default="", validate=validate.Length(0, 128))
    work_id = fields.String(load_default="", validate=validate.Length(0, 128))
    progress = fields.String(load_default="", validate=validate.OneOf(("", LATE, *PROGRESS_STATES)))
    after = fields.String(load_default="", validate=validate.Length(0, 200))
    limit = fields.Integer(strict=False, load_default=50, validate=validate.Range(1, 200))


class ArrangedReview(marshmallow.Schema):
    """A reviewer of a work, as the office sees them."""

    reviewer_id = fields.String(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    assigned_on = fields.String(required=True)
    due_on = fields.String(required=True)
    total = fields.String(required=True)
    marked_on = fields.String(required=True)
    is_late = fields.Boolean(required=True)


class ReleasedReviewer(marshmallow.Schema):
    """A person who no longer reviews the work, and why."""

    reviewer_id = fields.String(required=True)
    name = fields.String(required=True)
    cause = fields.String(required=True)
    released_on = fields.String(required=True)


class ArrangedWork(marshmallow.Schema):
    """A work without author, title and text: whoever arranges its reviews does not need them."""

    work_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    semester = fields.String(required=True)
    kind = fields.String(required=True)
    size = fields.Integer(required=True, strict=True)
    nominated_on = fields.String(required=True)
    put_forward_on = fields.String(required=True)
    levels = fields.List(fields.String(), required=True)
    progress = fields.String(required=True, validate=validate.OneOf(PROGRESS_STATES))
    average = fields.String(required=True)
    repeated = fields.Boolean(required=True)
    reviews = fields.List(fields.Nested(ArrangedReview), required=True)
    released = fields.List(fields.Nested(ReleasedReviewer), required=True)


class ArrangedWorks(marshmallow.Schema):
    """A page of works; `counts`: by status and of overdue ones, over all pages; `units`: those with works."""

    works = fields.List(fields.Nested(ArrangedWork), required=True)
    total = fields.Integer(required=True, strict=True)
    next = fields.String(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)
    units = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    rules = fields.Nested(WorkRules, required=True)


class CandidatesQuery(marshmallow.Schema):
    """People of a unit, or matching `text` (a name or part of it, its pinyin or initials, an id); without either those
    who were asked to review before.  `also`: ids of people who are chosen already, separated by commas."""

    unit_id = fields.String(load_default="", validate=validate.Length(0, 128))
    text = fields.String(load_default="", validate=validate.Length(0, 80))
    also = fields.String(load_default="", validate=validate.Length(0, 2000))


class Candidate(marshmallow.Schema):
    """A person who may be asked; `waiting`: works that they have not marked yet."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    waiting = fields.Integer(required=True, strict=True)


class Candidates(marshmallow.Schema):
    """People who may be asked, and the units to choose from (id -> name); `more`: there are others."""

    people = fields.List(fields.Nested(Candidate), required=True)
    more = fields.Boolean(required=True)
    units = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class OwnTasks(marshmallow.Schema):
    """Numbers of the caller's tasks: returned works, works to review (with the first last day and the number overdue),
    works of their units to put forward and to select, works of the district to assign and overdue."""

    returned = fields.Integer(required=True, strict=True)
    to_review = fields.Integer(required=True, strict=True)
    review_due = fields.String(required=True)
    reviews_late = fields.Integer(required=True, strict=True)
    to_put_forward = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)
    to_select = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)
    to_assign = fields.Integer(required=True, strict=True)
    late = fields.Integer(required=True, strict=True)
    to_select_for_district = fields.Integer(required=True, strict=True)
