"""Schemas of the routes of deliveries."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import StrictBoolean
from chassis.messaging.deliveries import AMQP, ENDED, OPEN, PAUSED, RUNNING, STOPPED, WANTED, WEBHOOK
from chassis.process.outgoing_http import LONGEST_URL
from services.participation.deliveries.webhook import MODES, STRUCTURED

START = ("where it begins: `start`, `end`, an instant with its offset (what was recorded since then), or a cursor; '': "
         "where it is, a new one at the first event")  # fmt: skip
_LONGEST_START = 4000


def start_field() -> fields.String:
    return fields.String(load_default="", validate=validate.Length(max=_LONGEST_START), metadata={"description": START})


def _integer_up_to(default: int, most: int, meaning: str) -> fields.Integer:
    return fields.Integer(strict=True, load_default=default, validate=validate.Range(1, most),
                          metadata={"description": meaning})  # fmt: skip


class WebhookOptions(marshmallow.Schema):
    """Where and how events are posted."""

    url = fields.String(required=True, validate=validate.Length(1, LONGEST_URL))
    mode = fields.String(load_default=STRUCTURED, validate=validate.OneOf(MODES))
    batch = _integer_up_to(100, 500, "events in a request at most, in mode `batched`")
    rate = _integer_up_to(6000, 60_000, "requests a minute at most; the receiver may allow less")
    allow_http = StrictBoolean(load_default=False, metadata={"description": "the address may be http://"})
    allow_local = StrictBoolean(load_default=False, metadata={"description": "it may be of the server itself"})
    handshake = StrictBoolean(load_default=True, metadata={"description": "ask the receiver by OPTIONS first"})


class QueueOptions(marshmallow.Schema):
    """The limits of the queue."""

    length = _integer_up_to(100_000, 100_000, "unread events at most; then it waits until some are read")


class SetDeliveryBody(marshmallow.Schema):
    """Exactly one of the two ways, and the start position."""

    webhook = fields.Nested(WebhookOptions, load_default=None, allow_none=True)
    amqp = fields.Nested(QueueOptions, load_default=None, allow_none=True)
    start = start_field()

    @marshmallow.validates_schema
    def _one_way(self, data: dict[str, object], **_: object) -> None:
        if not (data.get("webhook") or data.get("amqp")):
            raise marshmallow.ValidationError("name webhook or amqp", "webhook")


class ReplayBody(marshmallow.Schema):
    """The position to start again from."""

    start = fields.String(required=True, validate=validate.Length(1, _LONGEST_START), metadata={"description": START})


class EntriesBody(marshmallow.Schema):
    """Which given-up events; none: the next due event."""

    entries = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 2**53)), load_default=list,
        validate=validate.Length(max=1000),
    )  # fmt: skip


class EntriesCount(marshmallow.Schema):
    """The number of events."""

    count = fields.Integer(required=True, strict=True)


class DeliverySecrets(marshmallow.Schema):
    """What the subscriber needs, shown once: the signing secret; or user, queue and address of the broker."""

    secret = fields.String(metadata={"description": "of a webhook: the key of signatures, `whsec_` and base64"})
    former_until = fields.String(metadata={"description": "so long the secret before is valid beside it"})
    user = fields.String()
    password = fields.String()
    vhost = fields.String()
    queue = fields.String()
    amqps_address = fields.String(metadata={"description": "of the broker, by TLS; '': not published"})
    amqps_ca = fields.String(metadata={"description": "the broker's authority, PEM; '': a public one"})
    amqps_fingerprint = fields.String(metadata={"description": "SHA-256 of that certificate"})


class DeliverySummary(marshmallow.Schema):
    """The state of a delivery, and its failures."""

    way = fields.String(required=True, validate=validate.OneOf((WEBHOOK, AMQP)))
    address = fields.String(required=True, metadata={"description": "a webhook's without its query, or a queue"})
    mode = fields.String(required=True, metadata={"description": "of a webhook; '' of a queue"})
    state = fields.String(required=True, validate=validate.OneOf((RUNNING, PAUSED, STOPPED, ENDED)))
    position = fields.String(required=True, metadata={"description": "cursor past what was delivered"})
    behind = fields.Integer(required=True, strict=True, metadata={"description": "events of the log after it"})
    behind_since = fields.String(required=True, metadata={"description": "when the oldest of these was recorded; ''"})
    delivered = fields.Integer(required=True, strict=True)
    last_at = fields.String(required=True, metadata={"description": "when something was delivered; '': nothing yet"})
    attempts = fields.Integer(required=True, strict=True, metadata={"description": "that failed in a row"})
    failing_since = fields.String(required=True)
    next_at = fields.String(required=True, metadata={"description": "when it is tried next; '': at once"})
    code = fields.String(required=True, metadata={"description": "of the last failure"})
    detail = fields.String(required=True)
    undelivered = fields.Integer(required=True, strict=True, metadata={"description": "events that were given up"})


class UndeliveredEvent(marshmallow.Schema):
    """An event that was given up, and why; `wanted`: it will be tried again soon."""

    entry = fields.Integer(required=True, strict=True)
    event_id = fields.String(required=True)
    type = fields.String(required=True)
    attempts = fields.Integer(required=True, strict=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    at = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf((OPEN, WANTED)))


class UndeliveredList(marshmallow.Schema):
    """Given-up events, oldest first, at most 1,000."""

    failures = fields.List(fields.Nested(UndeliveredEvent), required=True)
