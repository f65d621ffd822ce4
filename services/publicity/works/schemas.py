"""Schemas of the routes of works."""

import marshmallow
from marshmallow import fields, validate

from services.publicity.schemas import WriteResult
from services.publicity.works.domain.progress import PROGRESS_STATES


class Levels(marshmallow.Schema):
    """Uses of a work: inside, unit, district, print; none: all."""

    levels = fields.List(fields.String(), load_default=list, validate=validate.Length(0, 10))


class Selection(marshmallow.Schema):
    """The level (unit or district); `at` (ISO 8601): when it was decided."""

    level = fields.String(load_default="unit", validate=validate.OneOf(("unit", "district")))
    at = fields.String(load_default="")
    reason = fields.String(load_default="", metadata={"description": "why; its author and unit read it"})


class Deselection(marshmallow.Schema):
    """Why the selection is undone."""

    level = fields.String(load_default="unit", validate=validate.OneOf(("unit", "district")))
    reason = fields.String(required=True)


class NominationQuery(marshmallow.Schema):
    """`levels`: the uses that the author consents to, separated by commas; no semester: today's."""

    author_id = fields.String(load_default="")
    unit_id = fields.String(load_default="")
    semester = fields.String(load_default="")
    levels = fields.String(load_default="")


class WorksQuery(marshmallow.Schema):
    """Which works; `reviewer_id`: those that this person is to review; `text`: matches title or author's name, also its
    pinyin or initials.  `limit`: in pages, latest first."""

    unit_id = fields.String(load_default="")
    semester = fields.String(load_default="")
    author_id = fields.String(load_default="")
    reviewer_id = fields.String(load_default="")
    work_id = fields.String(load_default="")
    progress = fields.String(load_default="", validate=validate.OneOf(("", *PROGRESS_STATES)))
    text = fields.String(load_default="", validate=validate.Length(0, 80))
    after = fields.String(load_default="", validate=validate.Length(0, 200))
    limit = fields.Integer(strict=False, load_default=0, validate=validate.Range(0, 200))


class CandidatesQuery(marshmallow.Schema):
    """Works that the district may select from: not selected (`open`), selected, or both; `text` as for works; in
    pages."""

    unit_id = fields.String(load_default="", validate=validate.Length(0, 128))
    semester = fields.String(load_default="", validate=validate.Length(0, 64))
    work_id = fields.String(load_default="", validate=validate.Length(0, 128))
    state = fields.String(load_default="", validate=validate.OneOf(("", "open", "chosen")))
    text = fields.String(load_default="", validate=validate.Length(0, 80))
    after = fields.String(load_default="", validate=validate.Length(0, 200))
    limit = fields.Integer(strict=False, load_default=50, validate=validate.Range(1, 200))


class ProofQuery(marshmallow.Schema):
    """`form`: pdf or html."""

    form = fields.String(load_default="pdf", validate=validate.OneOf(("pdf", "html")))


class TextQuery(marshmallow.Schema):
    """`reviewer_id`: as a reviewer of the work, without names."""

    reviewer_id = fields.String(load_default="")


class NominatedWork(WriteResult):
    """`kind`: text, docx or picture; `content`: a keyed hash."""

    work_id = fields.String(required=True)
    kind = fields.String(required=True)
    content = fields.String(required=True)
    left_out = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "what of its file is left out, in sentences"},
    )
    proof = fields.String(required=True, metadata={"description": "where its proof is read"})


class Review(marshmallow.Schema):
    """A reviewer of a work; `total` and `marked_on` are empty until it is marked, `due_on` is empty without a last
    day."""

    reviewer_id = fields.String(required=True)
    assigned_on = fields.String(required=True)
    due_on = fields.String(required=True)
    total = fields.String(required=True)
    marked_on = fields.String(required=True)


class OwnReview(Review):
    """A reviewer's own review: marks by item, and comment; `waits`: the work was returned to its author."""

    marks = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    comment = fields.String(required=True)
    waits = fields.Boolean(required=True)
    is_late = fields.Boolean(required=True)


class GivenConsent(marshmallow.Schema):
    """A use that the author consented to; `withdrawn_on` is empty while it is in force."""

    level = fields.String(required=True)
    given_on = fields.String(required=True)
    withdrawn_on = fields.String(required=True)


class Showing(marshmallow.Schema):
    """An article or anthology (`subject`) that shows or showed the work; `is_public`: it can be read now."""

    subject = fields.String(required=True)
    subject_id = fields.String(required=True)
    title = fields.String(required=True)
    is_public = fields.Boolean(required=True)


class Choice(marshmallow.Schema):
    """A selection in force: by unit or district, when, why."""

    level = fields.String(required=True)
    at = fields.String(required=True)
    reason = fields.String(required=True)


class WorkReturn(marshmallow.Schema):
    """A return for which the revised work is awaited; `by`: reviewer or unit."""

    on = fields.String(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)


class NominatedWorkRow(marshmallow.Schema):
    """A work; its reviewers get a random id, kind, semester, size, `repeated` and their own review only."""

    work_id = fields.String(required=True)
    kind = fields.String(required=True)
    semester = fields.String(required=True)
    size = fields.Integer(required=True, strict=True)
    author_id = fields.String()
    author = fields.String()
    unit_id = fields.String()
    unit = fields.String()
    progress = fields.String(validate=validate.OneOf(PROGRESS_STATES))
    average = fields.String(metadata={"description": "of the marks so far, to a tenth"})
    put_forward_on = fields.String(metadata={"description": "when its unit put it forward; empty: not yet"})
    own_review = fields.Nested(OwnReview)
    consents = fields.List(fields.Nested(GivenConsent))
    shown = fields.List(fields.Nested(Showing))
    comments = fields.List(fields.String(), metadata={"description": "of its reviewers"})
    choices = fields.List(fields.Nested(Choice))
    content = fields.String()
    nominated_on = fields.String()
    by = fields.String()
    title = fields.String()
    levels = fields.List(fields.String())
    reviews = fields.List(fields.Nested(Review))
    returned = fields.Nested(WorkReturn, allow_none=True)
    selected = fields.List(fields.String())
    left_out = fields.List(fields.String())
    same_text = fields.List(fields.String(), metadata={"description": "works with the same words, as far as visible"})
    repeated = fields.Boolean(metadata={"description": "for a reviewer: another work has the same words"})


class RubricLine(marshmallow.Schema):
    """An item of the rubric and its maximum."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    max = fields.String(required=True)


class WorkRules(marshmallow.Schema):
    """The campaign's rules for works; `semesters` that have begun, latest first; `semester`: today's, if any."""

    today = fields.String(required=True)
    levels = fields.List(fields.String(), required=True)
    reviewers = fields.Integer(required=True, strict=True)
    pass_mark = fields.String(required=True)
    rubric = fields.List(fields.Nested(RubricLine), required=True)
    semesters = fields.List(fields.String(), required=True)
    semester = fields.String(required=True)


class Works(marshmallow.Schema):
    """Works ordered by unit and id, or in pages: `total` over all pages, `next` is the value for `after`."""

    works = fields.List(fields.Nested(NominatedWorkRow), required=True)
    total = fields.Integer(required=True, strict=True)
    next = fields.String(required=True)
    rules = fields.Nested(WorkRules, required=True)


class WorkText(marshmallow.Schema):
    """A work's text, without a title for reviewers.  A block: style (text, heading, picture), text, picture
    (base64)."""

    work_id = fields.String(required=True)
    kind = fields.String(required=True)
    title = fields.String()
    blocks = fields.List(fields.List(fields.String()), required=True)


class CandidateWorks(Works):
    """The same, and the units that have some (id -> name)."""

    units = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
