"""Schemas of the quarantine's queries, bodies and responses."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import ClampedInteger, StrictBoolean


class Retry(marshmallow.Schema):
    """The messages to retry: by ids, by a code, or all."""

    ids = fields.List(fields.Integer(strict=True))
    code = fields.String()
    all = StrictBoolean()


class Discard(marshmallow.Schema):
    """The reason for discarding a quarantined message."""

    reason = fields.String(required=True)


class QuarantineQuery(marshmallow.Schema):
    """Which entries to list."""

    state = fields.String(load_default=None, metadata={"description": "open, parked, retried or discarded; default: "
                                                       "open and parked"})  # fmt: skip
    code = fields.String(load_default=None, metadata={"description": "only those with this reason"})
    after = ClampedInteger(0, 2**62, "entries past this number")
    limit = ClampedInteger(1000, 1000, "so many at most")


class QuarantineSummary(marshmallow.Schema):
    """A quarantined message with the beginning of its body."""

    id = fields.Integer(required=True, strict=True)
    origin = fields.String(required=True)
    state = fields.String(required=True)
    source = fields.String(required=True)
    type = fields.String(required=True)
    stream = fields.String(required=True)
    partition = fields.Integer(required=True, strict=True)
    position = fields.Integer(required=True, strict=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    attempts = fields.Integer(required=True, strict=True)
    at = fields.String(required=True)
    publisher = fields.String(required=True)
    body = fields.String(required=True)
    body_encoding = fields.String(required=True, validate=validate.OneOf(("utf-8", "base64")))


class QuarantineEntry(QuarantineSummary):
    """A quarantined message in full, with the traceback of its last failure."""

    trace = fields.String(required=True)


class QuarantineList(marshmallow.Schema):
    """Quarantined messages, oldest first; `more`: others follow the last one."""

    entries = fields.List(fields.Nested(QuarantineSummary), required=True)
    more = fields.Boolean(required=True)


class QuarantineGroup(marshmallow.Schema):
    """Messages with the same reason, origin and state: their number, the first and the last instant."""

    code = fields.String(required=True)
    origin = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("open", "parked", "retried", "discarded")))
    count = fields.Integer(required=True, strict=True)
    since = fields.String(required=True)
    until = fields.String(required=True)


class QuarantineGroups(marshmallow.Schema):
    """The whole quarantine by reason, closed entries included."""

    groups = fields.List(fields.Nested(QuarantineGroup), required=True)


class RetryOutcome(marshmallow.Schema):
    """The number of messages that were handled now, and of those still in quarantine."""

    retried = fields.Integer(required=True, strict=True)
    still = fields.Integer(required=True, strict=True)


class DiscardOutcome(marshmallow.Schema):
    """The number of messages that were discarded."""

    discarded = fields.Integer(required=True, strict=True)
