"""Schemas of the route of candidates."""

import marshmallow
from marshmallow import fields, validate

from services.assessment.scores.routes import EXACT, FIGURE, FreezeSummary

STATUSES = ("awarded", "tied", "reserve")
KINDS = ("veto", "decline", "choose")


def _number(description: str = "") -> fields.Integer:
    return fields.Integer(required=True, strict=True, metadata={"description": description} if description else {})


class CandidatesQuery(marshmallow.Schema):
    """The year of the awards."""

    year = fields.String(
        load_default="", validate=validate.Regexp(r"([0-9]{4})?\Z"),
        metadata={"description": "default: the last that is over, or the first"},
    )  # fmt: skip
    figures = fields.String(
        load_default="official", validate=validate.OneOf(["official", "present"]),
        metadata={"description": "of a frozen year: official (default) or present"},
    )  # fmt: skip


class UnitCandidate(marshmallow.Schema):
    """A unit in its pool's ranking; equal units share the smaller position."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    position = _number()
    score = fields.String(required=True, metadata=FIGURE)
    score_exact = fields.String(required=True, metadata=EXACT)
    completion = fields.String(required=True, metadata=FIGURE)
    on_time = fields.String(required=True, metadata=FIGURE)


class PoolOfUnits(marshmallow.Schema):
    """A pool: its members, its seats, and its candidates; those below the last seat are the reserve."""

    pool = _number()
    kinds = fields.List(fields.String(), required=True)
    members = _number("the units that its share of seats is reckoned from")
    seats = _number()
    lines = fields.List(fields.Nested(UnitCandidate), required=True)


class PersonCandidate(marshmallow.Schema):
    """A person at or above the last seat; none below is listed."""

    person_id = fields.String(required=True)
    points = fields.String(required=True, metadata=FIGURE)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES[:2]))


class UnitOfPeople(marshmallow.Schema):
    """The eligible people of a unit, its seats, and the people put forward."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    eligible = _number()
    quota = fields.Integer(
        required=True, strict=True, allow_none=True, metadata={"description": "null: seats are not shared out by unit"}
    )
    lines = fields.List(fields.Nested(PersonCandidate), required=True)


class PeoplePutForward(marshmallow.Schema):
    """The persons put forward in the year, by unit."""

    seats = _number()
    allocation = fields.String(required=True, validate=validate.OneOf(["open", "by_unit"]))
    eligible = _number()
    units = fields.List(fields.Nested(UnitOfPeople), required=True)


class SignedDecision(marshmallow.Schema):
    """A signed decision about the year's awards."""

    decision_id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    unit_id = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "the unit's; of a person empty"})
    person_id = fields.String(required=True)
    document = fields.String(required=True)
    binds = fields.Boolean(
        required=True, metadata={"description": "false: it came after the freeze and was not admitted"}
    )


class CandidatesAnswer(marshmallow.Schema):
    """The candidates of a year; the lists are empty if `calculating` and no earlier result exists."""

    campaign = fields.String(required=True)
    title = fields.String(required=True)
    year = fields.String(required=True)
    years = fields.List(fields.String(), required=True, metadata={"description": "the last first"})
    figures = fields.String(required=True, validate=validate.OneOf(["official", "present"]))
    freeze = fields.Nested(FreezeSummary, required=True, allow_none=True)
    settled_on = fields.String(required=True, metadata={"description": "the day as of which the year counts"})
    settled = fields.Boolean(required=True, metadata={"description": "that day is over"})
    calculating = fields.Boolean(required=True, metadata={"description": "newer ones are on their way: ask again"})
    known_at = fields.String(
        required=True, allow_none=True, metadata={"description": "what was known by then is in them; null: none yet"}
    )
    percent = fields.String(required=True, allow_none=True, metadata={"description": "of units; null: none commended"})
    pass_line = fields.String(required=True, allow_none=True, metadata=FIGURE)
    pools = fields.List(fields.Nested(PoolOfUnits), required=True)
    people = fields.Nested(
        PeoplePutForward, required=True, allow_none=True, metadata={"description": "null: nobody is put forward"}
    )
    decisions = fields.List(fields.Nested(SignedDecision), required=True)
