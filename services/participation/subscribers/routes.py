"""Routes of subscriptions: the operator's, and the feed that a subscriber reads with its own token."""

from typing import Any
from urllib.parse import urlencode

import marshmallow
from marshmallow import fields
from werkzeug.wrappers import Response

from chassis.events.envelope import BATCH
from chassis.http.operator_routes import OPERATOR
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import NO_CONTENT, ClampedInteger, Media
from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.process.tokens import Actor
from chassis.store.database import Store
from services.participation.deliveries.handlers import Deliveries
from services.participation.deliveries.queries import shown_deliveries
from services.participation.deliveries.schemas import (
    DeliverySecrets,
    DeliverySummary,
    QueueOptions,
    WebhookOptions,
    start_field,
)
from services.participation.publishers.routes import require_operator_key
from services.participation.subscribers.cloud_event import cloud_event, text_of
from services.participation.subscribers.domain.subscription import Subscription
from services.participation.subscribers.handlers import Subscriptions
from services.participation.subscribers.queries import (
    END,
    BadCursor,
    LostCursor,
    end_of_log,
    public_page,
    subscription_named,
)
from services.participation.subscribers.readings import Readings

SUBSCRIBER = ("subscriber",)
_TYPES = "public event types such as `qihang.public.record.accepted.v1`, `record.*`"
_UNITS = "ids of units, or `all`"
_PERSONAL = "whether it reads who persons are, their names and titles"
_PAGE = Media(
    BATCH,
    "Public events in the order of the log (docs/subscriptions.md). `X-Qihang-Next` is the cursor past the page, "
    '`X-Qihang-More` says `true` while more of the log is there; `Link` with `rel="next"` is the next page.',
    {"type": "array", "maxItems": 500, "items": {"type": "object"}},
)


def _texts(meaning: str, **more: Any) -> fields.List:
    return fields.List(fields.String(), metadata={"description": meaning}, **more)


class AddSubscriptionBody(marshmallow.Schema):
    """What an outside system may read; without units all."""

    name = fields.String(required=True)
    types = _texts(_TYPES, required=True)
    units = _texts(_UNITS, load_default=list)
    personal = fields.Boolean(load_default=False, metadata={"description": _PERSONAL})
    webhook = fields.Nested(WebhookOptions, load_default=None, allow_none=True)
    amqp = fields.Nested(QueueOptions, load_default=None, allow_none=True)
    start = start_field()


class ChangeSubscriptionBody(marshmallow.Schema):
    """What it may read from now on; what is not given stays."""

    types = _texts(_TYPES)
    units = _texts(_UNITS)
    personal = fields.Boolean(metadata={"description": _PERSONAL})


class SubscriptionSummary(marshmallow.Schema):
    """A subscription, and what it may read."""

    name = fields.String(required=True)
    types = _texts(_TYPES, required=True)
    units = _texts(_UNITS, required=True)
    personal = fields.Boolean(required=True)
    token_expires_at = fields.String(required=True)


class SubscriptionSecrets(SubscriptionSummary):
    """With its token, shown once, and the new secrets of its delivery, if any."""

    token = fields.String(required=True)
    delivery = fields.Nested(DeliverySecrets)


class ReadingSummary(marshmallow.Schema):
    """The progress of a subscription that reads by a cursor."""

    position = fields.String(required=True, metadata={"description": "cursor past what it was given last"})
    behind = fields.Integer(required=True, strict=True, metadata={"description": "events of the log after it"})
    behind_since = fields.String(required=True, metadata={"description": "when the oldest of these was recorded; ''"})
    given = fields.Integer(required=True, strict=True, metadata={"description": "events; again is counted again"})
    last_at = fields.String(required=True, metadata={"description": "when it asked last; '': it never did"})
    failing_since = fields.String(required=True)
    code = fields.String(required=True, metadata={
        "description": "why it does not get on: `same_place`, `lost_cursor`, `bad_cursor`; '': it does"})  # fmt: skip


class ListedSubscription(SubscriptionSummary):
    """With the state of its reading and of its delivery; empty if it only reads."""

    read = fields.Nested(ReadingSummary)
    delivery = fields.Nested(DeliverySummary)


class SubscriptionList(marshmallow.Schema):
    """All subscriptions by name."""

    subscriptions = fields.List(fields.Nested(ListedSubscription), required=True)


class PublicEventsQuery(marshmallow.Schema):
    """The cursor, and the number of events."""

    after = fields.String(load_default="", metadata={
        "description": "a cursor as it was answered; none: from the first event; `end`: from now on"})  # fmt: skip
    limit = ClampedInteger(200, 500, "so many at most")


class SubscriptionRoutes:
    """Routes of subscriptions."""

    store: Store
    settings: Settings
    subscriptions: Subscriptions
    deliveries: Deliveries
    readings: Readings

    @route("GET", "/api/subscriptions", roles=OPERATOR, response=SubscriptionList)
    def list_subscriptions(self, _: RouteRequest) -> Any:
        """The outside systems that read public events, and what each may read."""
        with self.store.reading() as connection:
            progress = {"read": self.readings.shown(connection), "delivery": shown_deliveries(connection)}
        return {"subscriptions": [
            each | {way: known[each["name"]] for way, known in progress.items() if each["name"] in known}
            for each in self.subscriptions.shown()
        ]}  # fmt: skip

    @route("POST", "/api/subscriptions", roles=OPERATOR, body=AddSubscriptionBody, response={201: SubscriptionSecrets},
           problems=(410, 502))  # fmt: skip
    def add_subscription(self, request: RouteRequest) -> Any:
        """Allow an outside system to read these public events of these units, or have them sent to it; secrets are
        shown once."""
        require_operator_key(request.actor)
        given, delivered = request.json, bool(request.json["webhook"] or request.json["amqp"])
        if delivered:
            self.deliveries.check(given)
        added = self.subscriptions.add(given, request.actor, request.correlation)
        if not delivered:
            return 201, added
        try:
            secrets = self.deliveries.set_up(given["name"], given, request.actor, request.correlation)
        except Problem:
            self.subscriptions.revoke(given["name"], request.actor, request.correlation)
            raise
        return 201, {**added, "delivery": secrets}

    @route("POST", "/api/subscriptions/<name>/change", roles=OPERATOR, body=ChangeSubscriptionBody,
           response=SubscriptionSummary)  # fmt: skip
    def change_subscription(self, request: RouteRequest, name: str) -> Any:
        """Change what it may read; position and secrets stay, and events it passed are not repeated."""
        require_operator_key(request.actor)
        return self.subscriptions.change(name, request.json, request.actor, request.correlation)

    @route("POST", "/api/subscriptions/<name>/rotate", roles=OPERATOR, response=SubscriptionSecrets, problems=(502,))
    def rotate_subscription(self, request: RouteRequest, name: str) -> Any:
        """Create a new token, and a new broker password if it has one; the old ones are invalid at once."""
        require_operator_key(request.actor)
        rotated = self.subscriptions.rotate(name, request.actor, request.correlation)
        secrets = self.deliveries.rotate_password(name)
        return {**rotated, "delivery": secrets} if secrets else rotated

    @route("DELETE", "/api/subscriptions/<name>", roles=OPERATOR, response=NO_CONTENT, problems=(502,))
    def revoke_subscription(self, request: RouteRequest, name: str) -> Any:
        """Revoke a subscription: it can no longer read, and nothing is sent to it."""
        self.deliveries.close(name)
        self.subscriptions.revoke(name, request.actor, request.correlation)
        self.readings.drop(name)
        return Response(b"", status=204)

    @route("GET", "/api/subscriptions/<name>/events", roles=SUBSCRIBER, query=PublicEventsQuery, response=_PAGE,
           problems=(410,), basic=True)  # fmt: skip
    def public_events(self, request: RouteRequest, name: str) -> Any:
        """Public events after a cursor, in the order of the log, as a batch of CloudEvents."""
        after, limit = request.query["after"], max(request.query["limit"], 1)
        with self.store.reading() as connection:
            subscription = _require_own(subscription_named(connection, name), request.actor, name)
            after = end_of_log(connection) if after == END else after
            try:
                page = public_page(connection, subscription, after, limit)
            except BadCursor:
                self.readings.note_refusal(connection, name, "bad_cursor")
                raise Problem(400, "bad_cursor", "this is no cursor of this log", column="after") from None
            except LostCursor:
                self.readings.note_refusal(connection, name, "lost_cursor")
                detail = "the log was restored from an older backup: begin again, from the first event or with `end`"
                raise Problem(410, "lost_cursor", detail, column="after") from None
            self.readings.note_page(connection, name, after, page.cursor, len(page.events))
        body = text_of([cloud_event(each, self.settings.district) for each in page.events])
        answer = Response(body, content_type=BATCH)
        answer.headers["X-Qihang-Next"] = page.cursor
        answer.headers["X-Qihang-More"] = "true" if page.more else "false"
        answer.headers["Link"] = f'<?{urlencode({"after": page.cursor, "limit": limit})}>; rel="next"'
        return answer


def _require_own(subscription: Subscription | None, actor: Actor, name: str) -> Subscription:
    """The caller's own subscription.  Problem 401, 403."""
    if actor.name != name:
        raise Problem(403, "not_yours", "the token is of another subscription")
    if subscription is None or subscription.token_number != actor.generation:
        raise Problem(401, "token_revoked", "该订阅的令牌已更换或撤销。")
    return subscription
