"""Schemas of the digests' routes."""

import marshmallow
from marshmallow import fields

from chassis.http.schemas import ClampedInteger


class PreviewQuery(marshmallow.Schema):
    """Which digests to preview."""

    day = fields.String(load_default="", metadata={"description": "YYYY-MM-DD; today"})
    recipient = fields.String(load_default="", metadata={"description": "only this recipient"})
    level = fields.String(load_default="", metadata={"description": "person, clerk, head, office or campaign_office"})
    unit_id = fields.String(load_default="", metadata={"description": "only of this unit and its people"})
    stage = fields.String(load_default="", metadata={"description": "only with a line of this stage, such as overdue"})
    after = ClampedInteger(0, 2**31, "`next` of the page before")
    limit = ClampedInteger(500, 50_000)


class InboxesQuery(marshmallow.Schema):
    """The number of inboxes to list."""

    limit = ClampedInteger(500, 50_000)


class InboxQuery(marshmallow.Schema):
    """The number of messages to show."""

    limit = ClampedInteger(50, 500)


class MessageLine(marshmallow.Schema):
    """One line of a message."""

    stage = fields.String(required=True)
    heading = fields.String(required=True)
    words = fields.String(required=True)


class ExplainedLine(MessageLine):
    """One line of a message, with its reason."""

    reason = fields.String(required=True)


class PreviewedDigest(marshmallow.Schema):
    """The digest of one recipient, and the channels that would be tried."""

    recipient = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit = fields.String(required=True)
    channels = fields.List(fields.String(), required=True)
    lines = fields.List(fields.Nested(ExplainedLine), required=True)


class Preview(marshmallow.Schema):
    """The digests of the day; `total` counts all, `levels` and `stages` all by level and stage; `matching` those that
    match the query; `next` is 0 on the last page."""

    day = fields.String(required=True)
    working_day = fields.Boolean(required=True)
    decided = fields.Boolean(required=True)
    send_at = fields.String(required=True)
    unknown_years = fields.List(fields.Integer(strict=True), required=True)
    total = fields.Integer(required=True, strict=True)
    matching = fields.Integer(required=True, strict=True)
    next = fields.Integer(required=True, strict=True)
    levels = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)
    stages = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)
    digests = fields.List(fields.Nested(PreviewedDigest), required=True)


class DeliveryState(marshmallow.Schema):
    """The state of a digest's delivery."""

    day = fields.String(required=True)
    decided_at = fields.String(required=True)
    phase = fields.String(required=True, metadata={"description": "waiting, sending or ended"})
    channel = fields.String(required=True)
    attempt = fields.Integer(required=True, strict=True)
    code = fields.String(
        required=True, metadata={"description": "succeeded, inbox_only, given_up, met, or why the last attempt failed"}
    )
    detail = fields.String(required=True)
    again_at = fields.String(required=True)
    ended_at = fields.String(required=True)


class InboxLine(MessageLine):
    """One line of a message, and what it is about."""

    topic = fields.String(required=True, metadata={"description": "a duty's id, finding, sheet, returned, ..."})
    period = fields.String(required=True)
    unit_id = fields.String(required=True)
    of_people = fields.Boolean(required=True, metadata={"description": "persons of the unit owe it"})


class InboxMessage(DeliveryState):
    """A message, and how it was delivered."""

    lines = fields.List(fields.Nested(InboxLine), required=True)


class Inbox(marshmallow.Schema):
    """The newest messages of a recipient."""

    recipient = fields.String(required=True)
    messages = fields.List(fields.Nested(InboxMessage), required=True)


class InboxSummary(marshmallow.Schema):
    """The number of a recipient's messages, and the day of the newest; `unit` is the name of a post's unit."""

    recipient = fields.String(required=True)
    unit = fields.String(required=True)
    messages = fields.Integer(required=True, strict=True)
    day = fields.String(required=True)


class Inboxes(marshmallow.Schema):
    """The recipients that have messages."""

    inboxes = fields.List(fields.Nested(InboxSummary), required=True)


class Supervisor(marshmallow.Schema):
    """The unit that supervises a unit; empty: the campaign office."""

    unit_id = fields.String(required=True)
    supervisor_id = fields.String(required=True)
