"""Schemas of the operator routes' queries and responses."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import JSON, ClampedInteger, Media
from chassis.store.write_health import DISK_FULL, FAILED, LOCKED, NO_CONNECTION, READ_ONLY

WRITE_FAULTS = (DISK_FULL, READ_ONLY, NO_CONNECTION, LOCKED, FAILED)


class VerifyQuery(marshmallow.Schema):
    """The part of the hash chain to verify."""

    partition = ClampedInteger(0, 2**31)
    after = ClampedInteger(0, 2**62, "events past this position")
    limit = ClampedInteger(2000, 5000, "so many at most")
    hash = fields.String(load_default="", metadata={"description": "of the event at `after`"})


class VerifyInboxQuery(marshmallow.Schema):
    """The part of the inbox to compare."""

    source = fields.String(required=True, metadata={"description": "the service whose events they are"})
    partition = ClampedInteger(0, 2**31)
    after = ClampedInteger(0, 2**62, "events past this position")


class Liveness(marshmallow.Schema):
    """Whether the process makes progress."""

    status = fields.String(required=True, validate=validate.OneOf(("pass", "fail")))


class BrokerState(marshmallow.Schema):
    """The connection to the broker."""

    state = fields.String(required=True, validate=validate.OneOf(("up", "away")))
    alarm = fields.String(required=True, validate=validate.OneOf(("", "memory", "disk", "blocked")), metadata={
        "description": "why the broker takes nothing: its own alarm by name; '' for none"})  # fmt: skip


class StoreState(marshmallow.Schema):
    """The service's own store."""

    kind = fields.String(required=True, validate=validate.OneOf(("postgresql", "sqlite")))
    state = fields.String(required=True, validate=validate.OneOf(("up", "away")))
    fault = fields.String(required=True, validate=validate.OneOf(("", *WRITE_FAULTS)), metadata={
        "description": "why writing fails, in store or data folder; '' while it works"})  # fmt: skip
    detail = fields.String(required=True, metadata={"description": "what the store said of that"})


class CursorState(marshmallow.Schema):
    """Progress in one partition of another service's log, in short."""

    source = fields.String(required=True)
    partition = fields.Integer(required=True, strict=True)
    state = fields.String(required=True, validate=validate.OneOf(("running", "away", "stopped")))
    lag_events = fields.Integer(required=True, strict=True)
    reason = fields.String(required=True)


class Cursor(CursorState):
    """Progress in one partition of another service's log."""

    position = fields.Integer(required=True, strict=True)
    head = fields.Integer(required=True, strict=True)
    lag_seconds = fields.Float(required=True)
    recorded_at = fields.String(required=True)


class ReadinessChecks(marshmallow.Schema):
    """The checks behind readiness; for each loop the seconds since its last round."""

    loops = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    broker = fields.Nested(BrokerState, required=True)
    store = fields.Nested(StoreState, required=True)
    channels = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    cursors = fields.List(fields.Nested(CursorState), required=True)


class Readiness(Liveness):
    """Whether the service can do its work, the reasons if not, and the state of each part."""

    reasons = fields.List(fields.String(), required=True)
    checks = fields.Nested(ReadinessChecks, required=True)


class Channel(marshmallow.Schema):
    """An outgoing channel and where it leads; `open`: it takes no messages now, `half_open`: the next message tests it
    (the states of a circuit breaker)."""

    state = fields.String(required=True, validate=validate.OneOf(("on", "off", "open", "half_open")))
    to = fields.String(required=True)


class LogHead(marshmallow.Schema):
    """The newest position of a partition."""

    partition = fields.Integer(required=True, strict=True)
    position = fields.Integer(required=True, strict=True)


class RelayState(LogHead):
    """The position up to which a partition is published."""

    head = fields.Integer(required=True, strict=True)


class Status(marshmallow.Schema):
    """The state of the service now; figures from the store are absent while it is unavailable."""

    service = fields.String(required=True)
    live = fields.Boolean(required=True)
    ready = fields.Boolean(required=True)
    reasons = fields.List(fields.String(), required=True, metadata={"description": "why it is not ready"})
    settled = fields.Boolean(required=True, metadata={"description": "nothing is under way"})
    broker = fields.Nested(BrokerState, required=True)
    store = fields.Nested(StoreState, required=True)
    channels = fields.Dict(keys=fields.String(), values=fields.Nested(Channel), required=True)
    epoch = fields.String()
    heads = fields.List(fields.Nested(LogHead))
    relay = fields.List(fields.Nested(RelayState))
    cursors = fields.List(fields.Nested(Cursor))
    quarantine = fields.Integer(strict=True)
    parked = fields.Integer(strict=True)
    receipts_pending = fields.Integer(strict=True)
    waiting = fields.Integer(strict=True, metadata={"description": "reports that wait for what they refer to"})
    intake_pending = fields.Integer(strict=True)
    tokens_ending = fields.Integer(
        strict=True, metadata={"description": "participation only: tokens of outside systems that end within a month"}
    )
    publishers_unauthorized = fields.Integer(
        strict=True, metadata={"description": "participation only: requests of a day with a token that is not honoured"}
    )
    deliveries_failing = fields.Integer(
        strict=True, metadata={"description": "participation only: subscriptions to which something was not delivered"}
    )
    reminders_waiting = fields.Integer(strict=True, metadata={"description": "notifications only"})
    reminders_given_up = fields.Integer(
        strict=True, metadata={"description": "notifications only: of the last 14 days"}
    )
    reminders_unknown = fields.Integer(strict=True, metadata={"description": "notifications only: of the last 14 days"})
    calendar_unknown = fields.Integer(strict=True, metadata={"description": "notifications only: unknown years"})


class VerifiedPart(marshmallow.Schema):
    """The result for a part of the hash chain; `broken` is the first position that does not verify, null if all do."""

    partition = fields.Integer(required=True, strict=True)
    checked = fields.Integer(required=True, strict=True)
    position = fields.Integer(required=True, strict=True)
    hash = fields.String(required=True)
    head = fields.Integer(required=True, strict=True)
    broken = fields.Integer(required=True, strict=True, allow_none=True)
    detail = fields.String(required=True)


class ComparedInboxPart(marshmallow.Schema):
    """The result of comparing a part of the inbox with the source's feed; `broken` is the first position that differs,
    null if none does; `head` is the position up to which this service has applied the source's log."""

    source = fields.String(required=True)
    partition = fields.Integer(required=True, strict=True)
    checked = fields.Integer(required=True, strict=True)
    position = fields.Integer(required=True, strict=True)
    head = fields.Integer(required=True, strict=True)
    broken = fields.Integer(required=True, strict=True, allow_none=True)
    detail = fields.String(required=True)


class VerifiedPlace(marshmallow.Schema):
    """One partition: of the service's own log (`chain`) or of a source's events in the inbox.  `away`: the source does
    not answer."""

    kind = fields.String(required=True, validate=validate.OneOf(("chain", "inbox")))
    source = fields.String(required=True)
    partition = fields.Integer(required=True, strict=True)
    checked = fields.Integer(required=True, strict=True)
    position = fields.Integer(required=True, strict=True)
    head = fields.Integer(required=True, strict=True)
    broken = fields.Integer(required=True, strict=True, allow_none=True)
    detail = fields.String(required=True)
    away = fields.Boolean(required=True)


class VerifiedLog(marshmallow.Schema):
    """Progress or result of verifying log and inboxes; `seconds` is a decimal text."""

    state = fields.String(required=True, validate=validate.OneOf(("idle", "running", "done", "failed")))
    seconds = fields.String(required=True)
    detail = fields.String(required=True)
    ended_at = fields.String(required=True)
    places = fields.List(fields.Nested(VerifiedPlace), required=True)


class RebuildProgress(marshmallow.Schema):
    """Progress or result of a rebuild; `seconds` is a decimal text, `ended_at` is empty while it runs."""

    state = fields.String(required=True)
    events = fields.Integer(required=True, strict=True)
    total = fields.Integer(required=True, strict=True)
    seconds = fields.String(required=True)
    detail = fields.String(required=True)
    ended_at = fields.String(required=True)


class RowDifference(marshmallow.Schema):
    """A row that differs from the rebuild, or one column of it; values are shortened."""

    table = fields.String(required=True)
    key = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("changed", "missing", "extra")))
    column = fields.String(required=True)
    kept = fields.String(required=True)
    rebuilt = fields.String(required=True)


class ComparedRows(RebuildProgress):
    """Progress or result of the comparison with a rebuild: the number of rows that differ, and the first
    differences."""

    tables = fields.Integer(required=True, strict=True)
    rows = fields.Integer(required=True, strict=True)
    different = fields.Integer(required=True, strict=True)
    differences = fields.List(fields.Nested(RowDifference), required=True)


LIVENESS = {200: Liveness, 503: Liveness}
READINESS = {200: Readiness, 503: Readiness}
METRICS = Media("text/plain", "Metrics in the text format of Prometheus.", {"type": "string"})
_DOCUMENT: dict[str, Any] = {"type": "object", "required": ["openapi", "info", "paths"]}
OPENAPI = Media(JSON, "An OpenAPI 3.1 document.", _DOCUMENT)
