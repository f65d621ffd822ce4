"""Routes of the intake: submit reports, list pending ones, edit quarantined ones."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.events.canonical_json import instant
from chassis.http.operator_routes import OPERATOR
from chassis.http.request import RouteRequest
from chassis.http.response_check import NOTHING_MORE
from chassis.http.routes import route
from chassis.http.schemas import ClampedInteger, Media, Positions
from chassis.intake.bindings import http_attributes
from chassis.intake.cloudevents import BATCH, JSON, LARGEST, SINGLE
from chassis.process.clock import Clock
from chassis.process.settings import Settings
from chassis.process.tokens import Actor
from chassis.store.database import Store
from contracts.intake import ReceiptData
from services.participation.intake.answers import PREFERENCE, answer_by_status, preferences
from services.participation.intake.handlers import Intake
from services.participation.intake.queries import list_pending_reports
from services.participation.intake.webhooks import MOST_A_MINUTE, permission
from services.participation.publishers.queries import read_publishers

REPORTERS = ("operator", "publisher")
_EVENTS = (
    Media(SINGLE, "One report as a CloudEvent (docs/intake.md).", {"type": "object"}),
    Media(
        BATCH, "Up to 1,000 reports; what is none gets a receipt that refuses it.", {"type": "array", "maxItems": 1000}
    ),
    Media(JSON, "One report or an array of them; with `ce-` headers the data of one.",
          {"oneOf": [{"type": "object"}, {"type": "array", "maxItems": 1000}]}),
)  # fmt: skip
_ATTRIBUTES = {
    "ce-id": "binary mode: the event's id (so every attribute, percent-encoded where it is not ASCII)",
    "ce-source": "binary mode: its source", "ce-type": "binary mode: its type",
    "ce-specversion": "binary mode: `1.0`", "ce-revision": "binary mode: its revision, if it has one",
    "Prefer": "`outcome=status`: the status of a single report tells its outcome; with `return=minimal` that alone",
}  # fmt: skip
_HANDSHAKE = {
    "WebHook-Request-Origin": "the DNS name of the system that asks whether it may deliver here",
    "WebHook-Request-Rate": "requests a minute that it would like to send",
    "WebHook-Request-Callback": "passed over: the answer comes at once",
}


class ReceiptEvent(marshmallow.Schema):
    """A receipt as a CloudEvent."""

    specversion = fields.String(required=True)
    id = fields.String(required=True)
    source = fields.String(required=True)
    type = fields.String(required=True)
    time = fields.String(required=True)
    datacontenttype = fields.String(required=True)
    data = fields.Nested(ReceiptData, required=True)


class IntakeReceipts(Positions):
    """One receipt per report, in order."""

    receipts = fields.List(fields.Nested(ReceiptEvent), required=True)


class SubmitQuery(marshmallow.Schema):
    """How to answer a single report."""

    outcome = fields.String(load_default="receipts", validate=validate.OneOf(("receipts", "status")), metadata={
        "description": "`status`: as `Prefer: outcome=status`, for senders whose headers cannot be set"})  # fmt: skip


class PendingQuery(marshmallow.Schema):
    """Which pending reports to list."""

    limit = ClampedInteger(200, 1000, "so many at most")
    after = ClampedInteger(0, 2**62, "reports past this number")
    type = fields.String(load_default="", metadata={"description": "only reports of this type"})
    code = fields.String(load_default=None, metadata={"description": "only those that would be refused so"})
    column = fields.String(load_default=None, metadata={"description": "and for this column"})


class PendingReportSummary(marshmallow.Schema):
    """A pending report, what it awaits, and the refusal it would get now (`behind`: none; it is behind an earlier
    report of its id); `publisher` is empty if an operator sent it."""

    seq = fields.Integer(required=True, strict=True)
    source = fields.String(required=True)
    id = fields.String(required=True)
    type = fields.String(required=True)
    publisher = fields.String(required=True)
    awaits = fields.List(fields.String(), required=True)
    since = fields.String(required=True)
    code = fields.String(required=True)
    column = fields.String(required=True)


class PendingGroup(marshmallow.Schema):
    """Pending reports of one type that would get the same refusal."""

    type = fields.String(required=True)
    code = fields.String(required=True)
    column = fields.String(required=True)
    count = fields.Integer(required=True, strict=True)
    since = fields.String(required=True)


class PendingReportList(marshmallow.Schema):
    """The oldest matching pending reports; for all of them their number by reason, and how long one may be pending.
    `more`: there are others."""

    total = fields.Integer(required=True, strict=True)
    patience_seconds = fields.Integer(required=True, strict=True)
    groups = fields.List(fields.Nested(PendingGroup), required=True)
    waiting = fields.List(fields.Nested(PendingReportSummary), required=True)
    more = fields.Boolean(required=True)


class EditBody(marshmallow.Schema):
    """The corrected body of a quarantined intake message."""

    body = fields.String(required=True)


class EditOutcome(marshmallow.Schema):
    """The report was accepted."""

    outcome = fields.String(required=True, validate=validate.Equal("retried"))


class IntakeRoutes:
    """Routes of the intake."""

    store: Store
    clock: Clock
    settings: Settings
    intake: Intake

    @route("POST", "/api/intake", roles=REPORTERS, basic=True, largest=LARGEST, body=_EVENTS, query=SubmitQuery,
           headers=_ATTRIBUTES, response={200: IntakeReceipts, 202: IntakeReceipts}, problems=(429,))  # fmt: skip
    def submit_reports(self, request: RouteRequest) -> Any:
        """Submit rows as CloudEvents; the receipts come in the same order.

        With `Prefer: outcome=status`, or if the publisher is registered so, a single refused report is answered 422
        (with column, code and the receipt), a pending one 202."""
        now, district = instant(self.clock()), self.settings.district
        receipts, positions = self.intake.submit_reports(
            request.body, request.http_request.content_type, request.actor, request.correlation,
            http_attributes(request.http_request.headers.items()),
        )  # fmt: skip
        events = [receipt.event(district, "participation", now) for receipt in receipts]
        result = {"receipts": events, "positions": positions}
        asked = preferences(request.http_request.headers.get("Prefer", ""))
        registered = self.intake.is_answered_by_status(request.actor.name)
        if not (registered or request.query["outcome"] == "status" or PREFERENCE in asked):
            return result
        return answer_by_status(receipts, result, least=registered or NOTHING_MORE in asked)

    @route("OPTIONS", "/api/intake", public=True, headers=_HANDSHAKE, response={200: None})
    def ask_for_delivery(self, request: RouteRequest) -> Any:
        """The handshake of CloudEvents webhooks: whether that origin may deliver reports here, and how many per minute.

        The answer has `WebHook-Allowed-Origin` and `WebHook-Allowed-Rate` if the request has a publisher's token, or
        the origin is configured by the district."""
        most = self._most_a_minute(request.named_anyway(basic=True))
        return permission(request.http_request.headers, most, self.settings.webhook_origins)

    def _most_a_minute(self, actor: Actor | None) -> int:
        """The requests per minute allowed to the bearer of that token: the publisher's quota of rows; 0 without a right
        to report."""
        if actor is None or not actor.roles & set(REPORTERS):
            return 0
        if "publisher" not in actor.roles:
            return MOST_A_MINUTE
        with self.store.reading() as connection:
            known = read_publishers(connection).named(actor.name)
        if known is None or known.generation != actor.generation:
            return 0
        return min(known.limits.rows or MOST_A_MINUTE, MOST_A_MINUTE)

    @route("GET", "/api/waiting", roles=OPERATOR, query=PendingQuery, response=PendingReportList)
    def waiting(self, request: RouteRequest) -> Any:
        """Pending reports: they await something that may still arrive."""
        with self.store.reading() as connection:
            asked = dict(request.query)
            pending = list_pending_reports(connection, kind=asked.pop("type"), **asked)
        return {**pending, "patience_seconds": int(self.settings.intake_patience)}

    @route("POST", "/api/quarantine/<int:entry>/edit", roles=OPERATOR, body=EditBody, largest=2 * LARGEST,
           response=EditOutcome)  # fmt: skip
    def edit(self, request: RouteRequest, entry: int) -> Any:
        """Edit a quarantined intake message and submit it."""
        self.intake.edit_quarantined(entry, request.json["body"], request.actor, request.correlation)
        return {"outcome": "retried"}
