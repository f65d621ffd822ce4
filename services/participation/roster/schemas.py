"""Schemas of the routes of rosters."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import ClampedInteger, Positions
from services.participation.roster.comparisons import STATES
from services.participation.roster.domain.lines import CERTAIN, GROUPS, MISSING

MOST_LINES = 20_000


class RosterQuery(marshmallow.Schema):
    """What the file is a roster of."""

    as_of = fields.String(required=True, metadata={"description": "the day on which it says who serves where"})
    unit_id = fields.String(
        load_default="", metadata={"description": "whose roster; empty: the district's, or the one unit of the post"}
    )
    name = fields.String(load_default="", metadata={"description": "the file's name, to be shown"})
    older = fields.String(
        load_default="",
        validate=validate.OneOf(("", "yes")),
        metadata={"description": "yes: it may be of a day before that of the last roster"},
    )


class LinesQuery(marshmallow.Schema):
    """Lines of one group or of all, after the first `after`."""

    group = fields.String(load_default="", validate=validate.OneOf(("", *GROUPS)))
    after = ClampedInteger(0, 2**53, "lines past the first so many")
    limit = ClampedInteger(200, 1000, "so many at most")
    open = fields.String(
        load_default="",
        validate=validate.OneOf(("", "yes")),
        metadata={"description": "yes: only those that were not settled since the comparison"},
    )


class OutcomesQuery(marshmallow.Schema):
    """Outcomes of lines after the line with the key `after`."""

    after = fields.String(load_default="")
    limit = ClampedInteger(1000, 5000, "so many at most")


class ServiceSummary(marshmallow.Schema):
    """A person's service in a unit on the days `[since, until)`."""

    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    role = fields.String(required=True)
    name = fields.String(required=True)
    since = fields.String(required=True)
    until = fields.String(required=True)


class OptionSummary(marshmallow.Schema):
    """A possible change: `after` in place of `before`; equal: the registry stays as it is."""

    option = fields.String(required=True)
    person_id = fields.String(required=True)
    before = fields.Nested(ServiceSummary, required=True, allow_none=True)
    after = fields.Nested(ServiceSummary, required=True, allow_none=True)


class LineSummary(marshmallow.Schema):
    """A line of a preview; `outcome` empty: not confirmed."""

    line = fields.String(required=True)
    group = fields.String(required=True, validate=validate.OneOf(GROUPS))
    rows = fields.List(fields.Integer(strict=True), required=True)
    person_id = fields.String(required=True)
    name = fields.String(required=True)
    options = fields.List(fields.Nested(OptionSummary), required=True)
    code = fields.String(required=True)
    column = fields.String(required=True)
    value = fields.String(required=True)
    message = fields.String(required=True)
    notes = fields.List(fields.String(), required=True)
    outcome = fields.String(required=True)


class RosterSummary(marshmallow.Schema):
    """A preview: the numbers of lines by group, and the words to define."""

    roster_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    as_of = fields.String(required=True)
    file = fields.String(required=True)
    actor = fields.String(required=True)
    created_at = fields.String(required=True)
    revision = fields.Integer(required=True, strict=True)
    groups = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)
    unknown_units = fields.List(fields.String(), required=True)
    unknown_roles = fields.List(fields.String(), required=True)
    notes = fields.List(fields.List(fields.Raw()), required=True)
    latest = fields.String(required=True, metadata={"description": "the day of the last roster applied; empty: none"})
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata={"description": "compared: its lines can be confirmed; unreadable, abandoned: it ended without any"},
    )
    done = fields.Integer(required=True, strict=True, metadata={"description": "rows compared so far"})
    total = fields.Integer(required=True, strict=True, metadata={"description": "rows of the file; 0: not read yet"})
    fault = fields.String(required=True, metadata={"description": "why it ended without lines; empty: it did not"})


class RosterPage(RosterSummary):
    """A preview with a page of its lines; `more`: others follow."""

    lines = fields.List(fields.Nested(LineSummary), required=True)
    more = fields.Boolean(required=True)


class AppliedRoster(marshmallow.Schema):
    """A roster of which something was applied."""

    roster_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    as_of = fields.String(required=True)
    actor = fields.String(required=True)
    at = fields.String(required=True)


class RosterList(marshmallow.Schema):
    """The kept previews, and the latest applied rosters."""

    previews = fields.List(fields.Nested(RosterSummary), required=True)
    applied = fields.List(fields.Nested(AppliedRoster), required=True)
    today = fields.String(required=True, metadata={"description": "the day by the system's clock"})


class Confirmation(marshmallow.Schema):
    """Whole groups, and options by line; unlisted persons only if they are named here."""

    revision = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31))
    groups = fields.List(
        fields.String(validate=validate.OneOf((*CERTAIN, MISSING))),
        load_default=list,
        validate=validate.Length(0, len(GROUPS)),
    )
    lines = fields.Dict(
        keys=fields.String(), values=fields.String(), load_default=dict, validate=validate.Length(0, MOST_LINES)
    )
    days = fields.Dict(
        keys=fields.String(), values=fields.String(), load_default=dict, validate=validate.Length(0, MOST_LINES)
    )
    missing_on = fields.String(load_default="")


class Confirmed(Positions):
    """The numbers of lines by outcome, over all confirmations; `left`: repeat the request for these."""

    left = fields.Integer(required=True, strict=True)
    accepted = fields.Integer(required=True, strict=True)
    unchanged = fields.Integer(required=True, strict=True)
    refused = fields.Integer(required=True, strict=True)


class LineOutcome(marshmallow.Schema):
    """The outcome of a confirmed line."""

    line = fields.String(required=True)
    choice = fields.String(required=True)
    outcome = fields.String(required=True)
    column = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class RosterResult(marshmallow.Schema):
    """The outcomes by line; `more`: others follow."""

    roster = fields.Nested(AppliedRoster, required=True)
    lines = fields.List(fields.Nested(LineOutcome), required=True)
    more = fields.Boolean(required=True)


class WordMeaning(marshmallow.Schema):
    """A word of rosters, and the unit or role that it means; empty: no meaning any more."""

    column = fields.String(required=True, validate=validate.OneOf(("unit_id", "role")))
    word = fields.String(required=True, validate=validate.Length(1, 200))
    value = fields.String(required=True, validate=validate.Length(0, 128))


class WordMeanings(marshmallow.Schema):
    """Words to define."""

    words = fields.List(fields.Nested(WordMeaning), required=True, validate=validate.Length(1, 1000))


class ExplainedWord(WordMeaning):
    """With who defined it, and when."""

    actor = fields.String(required=True)
    at = fields.String(required=True)


class ExplainedWords(marshmallow.Schema):
    """Ordered by column and word."""

    words = fields.List(fields.Nested(ExplainedWord), required=True)
