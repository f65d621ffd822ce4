"""Schemas of the routes for signed heads, the security log and the audit of acts."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import ClampedInteger


class HeadsQuery(marshmallow.Schema):
    """Which signed heads to list."""

    since = fields.String(load_default="", metadata={"description": "from this day on, `2023-01-01`"})


class SignedHead(marshmallow.Schema):
    """The head of a partition of the log on a day, signed with the service's key."""

    district = fields.String(required=True)
    service = fields.String(required=True)
    partition = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31))
    position = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**62))
    hash = fields.String(required=True)
    epoch = fields.String(required=True)
    day = fields.String(required=True)
    signature = fields.String(required=True)


class SignedHeads(marshmallow.Schema):
    """Signed heads, oldest first."""

    heads = fields.List(fields.Nested(SignedHead), required=True)


class HeadsToCheck(marshmallow.Schema):
    """Signed heads to check, as in the files that the operator keeps."""

    heads = fields.List(fields.Nested(SignedHead), required=True, validate=validate.Length(max=100))


class HeadCheck(marshmallow.Schema):
    """Whether the log still contains a signed head."""

    outcome = fields.String(required=True, validate=validate.OneOf(
        ("contained", "not_signed", "another_log", "log_ends_before", "different")))  # fmt: skip
    detail = fields.String(required=True)


class CheckedHeads(marshmallow.Schema):
    """One result per head, in the order of the request."""

    results = fields.List(fields.Nested(HeadCheck), required=True)


class SecurityEventsQuery(marshmallow.Schema):
    """Which entries of the security log to list."""

    since = fields.String(load_default="", metadata={"description": "recorded then or later, `2023-01-01T00:00:00Z`"})
    until = fields.String(load_default="", metadata={"description": "recorded before that"})
    limit = ClampedInteger(100, 1000, "so many at most")


class SecurityEvent(marshmallow.Schema):
    """A change of rights, an import, an erasure or a repair; `place` is partition and position in the log."""

    at = fields.String(required=True)
    event = fields.String(required=True)
    actor = fields.String(required=True)
    place = fields.String(required=True)
    detail = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class SecurityEvents(marshmallow.Schema):
    """Entries of the security log, newest first."""

    entries = fields.List(fields.Nested(SecurityEvent), required=True)


class ActsQuery(marshmallow.Schema):
    """Which acts to list, and the place after which the page begins."""

    since = fields.String(load_default="", metadata={"description": "recorded then or later, `2023-01-01T00:00:00Z`"})
    until = fields.String(load_default="", metadata={"description": "recorded before that"})
    who = fields.String(load_default="", metadata={"description": "only by this person or program"})
    by = fields.String(load_default="", validate=validate.OneOf(("", "people", "programs")))
    stream = fields.String(load_default="", metadata={"description": "only of this stream, such as record-R1"})
    type = fields.String(load_default="", metadata={"description": "only of this type without its version"})
    before = fields.String(load_default="", metadata={"description": "`next` of the page before"})
    limit = ClampedInteger(100, 500, "so many at most")


class Act(marshmallow.Schema):
    """An event of the log without its content: when, which type, by whom, in which correlation; `place` is partition
    and position."""

    at = fields.String(required=True)
    type = fields.String(required=True)
    label = fields.String(required=True, metadata={"description": "what people call it; '' of an unknown type"})
    stream = fields.String(required=True)
    actor = fields.String(required=True)
    correlation = fields.String(required=True)
    place = fields.String(required=True)


class ActType(marshmallow.Schema):
    """What the service's own log may have: a type without its version, and what people call it."""

    type = fields.String(required=True)
    label = fields.String(required=True)


class Acts(marshmallow.Schema):
    """Acts, newest first.  `next` is the place for the following page, empty at the end; a page before the end may be
    short or empty.  `types`: what may be asked for."""

    acts = fields.List(fields.Nested(Act), required=True)
    types = fields.List(fields.Nested(ActType), required=True)
    next = fields.String(required=True)
