"""Schemas of the feed: a service's event log as other services read it."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import ClampedInteger


class FeedQuery(marshmallow.Schema):
    """The part of a partition to read."""

    after = ClampedInteger(0, 2**62, "events past this position")
    limit = ClampedInteger(500, 2000, "so many at most")


class FeedHead(marshmallow.Schema):
    """The newest event of a partition; position 0 and an empty hash if there is none yet."""

    partition = fields.Integer(required=True, strict=True)
    position = fields.String(required=True)
    hash = fields.String(required=True)
    recorded_at = fields.String(required=True)


class FeedHeads(marshmallow.Schema):
    """The head of every partition, and the service's clock before it read them."""

    source = fields.String(required=True)
    epoch = fields.String(required=True)
    now = fields.String(required=True)
    partitions = fields.List(fields.Nested(FeedHead), required=True)


class FeedEvent(marshmallow.Schema):
    """An event as it is published: a CloudEvent (docs/events.md, docs/asyncapi.yaml)."""

    specversion = fields.String(required=True, validate=validate.Equal("1.0"))
    id = fields.String(required=True)
    source = fields.String(required=True)
    type = fields.String(required=True)
    subject = fields.String(required=True)
    time = fields.String(required=True)
    datacontenttype = fields.String(required=True)
    partition = fields.Integer(required=True, strict=True)
    position = fields.String(required=True)
    streamversion = fields.Integer(required=True, strict=True)
    epoch = fields.String(required=True)
    recordedat = fields.String(required=True)
    actor = fields.String(required=True)
    correlationid = fields.String(required=True)
    causationid = fields.String(required=True)
    hash = fields.String(required=True)
    previoushash = fields.String(required=True)
    data = fields.Dict(keys=fields.String(), required=True)


class FeedPage(marshmallow.Schema):
    """A page of the log, in order, and the position at which the partition ends."""

    source = fields.String(required=True)
    epoch = fields.String(required=True)
    partition = fields.Integer(required=True, strict=True)
    head = fields.String(required=True)
    events = fields.List(fields.Nested(FeedEvent), required=True)
