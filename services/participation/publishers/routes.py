"""Routes of publishers."""

from typing import Any

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.operator_routes import OPERATOR
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import NO_CONTENT
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from services.participation.publishers.domain import RECEIPTS, STATUS
from services.participation.publishers.handlers import Publishers, checked_rights, limits_of

_TYPES = "event types such as `qihang.record.reported.v1`, `qihang.record.*`"
_UNITS = "ids of units, or `all`"
_SOURCES = "sources; `*` at the end of one, after `/`, `:` or `#`"
_UNNAMED = "whether its messages may come without a `user_id` of the broker"


_ROWS = "rows that it may report a minute; 0: no limit"
_BYTES = "bytes that it may report a minute; 0: no limit"


def _limit(meaning: str, **more: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(0, 10**12), metadata={"description": meaning}, **more)


def _answers(**more: Any) -> fields.String:
    meaning = "how reports by HTTP are answered: by receipts, or by the status as `Prefer: outcome=status` asks"
    return fields.String(validate=validate.OneOf((RECEIPTS, STATUS)), metadata={"description": meaning}, **more)


def _texts(meaning: str, **more: Any) -> fields.List:
    return fields.List(fields.String(), metadata={"description": meaning}, **more)


class AddPublisher(marshmallow.Schema):
    """An outside system: its name, and what it may report.  Without units all, without sources `NAME`, `/NAME` and
    those below."""

    name = fields.String(required=True)
    types = _texts(_TYPES, required=True)
    units = _texts(_UNITS, load_default=list)
    sources = _texts(_SOURCES, load_default=list)
    unnamed = fields.Boolean(load_default=False, metadata={"description": _UNNAMED})
    rows_a_minute = _limit(_ROWS, load_default=0)
    bytes_a_minute = _limit(_BYTES, load_default=0)
    answers = _answers(load_default=RECEIPTS)


class ChangePublisher(marshmallow.Schema):
    """The new rights; what is not given stays."""

    types = _texts(_TYPES)
    units = _texts(_UNITS)
    sources = _texts(_SOURCES)
    unnamed = fields.Boolean(metadata={"description": _UNNAMED})
    rows_a_minute = _limit(_ROWS)
    bytes_a_minute = _limit(_BYTES)
    answers = _answers()


class PublisherSecrets(marshmallow.Schema):
    """The secrets for the author of an outside system, shown once.  Without RabbitMQ only the token."""

    name = fields.String(required=True)
    user = fields.String(required=True, allow_none=True)
    password = fields.String(required=True, allow_none=True)
    amqp = fields.Boolean(required=True)
    token = fields.String(required=True)
    token_expires_at = fields.String(required=True)
    vhost = fields.String(required=True, metadata={"description": "at the broker"})
    exchange = fields.String(required=True, metadata={"description": "its own, into which it publishes"})
    receipts = fields.String(required=True, metadata={"description": "the queue of its receipts"})
    amqps_address = fields.String(required=True, metadata={"description": "of the broker, by TLS; '': not published"})
    amqps_ca = fields.String(required=True, metadata={"description": "the broker's authority, PEM; '': a public one"})
    amqps_fingerprint = fields.String(required=True, metadata={"description": "SHA-256 of that certificate"})
    types = _texts(_TYPES, required=True)
    units = _texts(_UNITS, required=True)
    sources = _texts(_SOURCES, required=True)
    unnamed = fields.Boolean(required=True)
    rows_a_minute = _limit(_ROWS, required=True)
    bytes_a_minute = _limit(_BYTES, required=True)
    answers = _answers(required=True)


class PublisherSummary(marshmallow.Schema):
    """A publisher, and what it may report."""

    name = fields.String(required=True)
    amqp = fields.Boolean(required=True)
    token_expires_at = fields.String(required=True)
    types = _texts(_TYPES, required=True)
    units = _texts(_UNITS, required=True)
    sources = _texts(_SOURCES, required=True)
    unnamed = fields.Boolean(required=True)
    rows_a_minute = _limit(_ROWS, required=True)
    bytes_a_minute = _limit(_BYTES, required=True)
    answers = _answers(required=True)


class PublisherOutcome(marshmallow.Schema):
    """The number of its reports with this outcome since its registration, and when the last one was; a pending report
    counts as waiting, and again when it is decided."""

    outcome = fields.String(required=True, validate=validate.OneOf(("accepted", "unchanged", "waiting", "refused")))
    code = fields.String(required=True, metadata={"description": "why refused; '' of the others"})
    count = fields.Integer(required=True, strict=True)
    last_at = fields.String(required=True)


class PublisherDay(marshmallow.Schema):
    """The number of its reports of one day with this outcome (`unauthorized`: requests with an invalid token)."""

    day = fields.String(required=True)
    outcome = fields.String(
        required=True, validate=validate.OneOf(("accepted", "unchanged", "waiting", "refused", "unauthorized"))
    )
    code = fields.String(required=True)
    count = fields.Integer(required=True, strict=True)


class ListedPublisher(PublisherSummary):
    """A publisher with the outcomes of its reports, in total and in recent days, when the last came ('': never), and
    how many are pending."""

    outcomes = fields.List(fields.Nested(PublisherOutcome), required=True)
    days = fields.List(fields.Nested(PublisherDay), required=True)
    last_at = fields.String(required=True)
    waiting = fields.Integer(required=True, strict=True)


class PublisherList(marshmallow.Schema):
    """All publishers by name."""

    publishers = fields.List(fields.Nested(ListedPublisher), required=True)


class PublisherRoutes:
    """Routes of publishers."""

    publishers: Publishers

    @route("GET", "/api/publishers", roles=OPERATOR, response=PublisherList)
    def list_publishers(self, _: RouteRequest) -> Any:
        """The outside systems, what each may report, and the outcomes of its reports."""
        return {"publishers": self.publishers.list_publishers()}

    @route("POST", "/api/publishers", roles=OPERATOR, body=AddPublisher, response={201: PublisherSecrets},
           problems=(502,))  # fmt: skip
    def add_publisher(self, request: RouteRequest) -> Any:
        """Allow an outside system to report these types for these units from these sources; its secrets are shown
        once."""
        name = request.json["name"]
        require_operator_key(request.actor)
        rights = checked_rights(name, request.json)
        given = (limits_of(request.json), request.json["answers"])
        return 201, self.publishers.add_publisher(name, rights, request.actor, request.correlation, *given)

    @route("POST", "/api/publishers/<name>/change", roles=OPERATOR, body=ChangePublisher, response=PublisherSummary)
    def change_publisher(self, request: RouteRequest, name: str) -> Any:
        """Change what an outside system may report."""
        require_operator_key(request.actor)
        return self.publishers.change_publisher(name, request.json, request.actor, request.correlation)

    @route("POST", "/api/publishers/<name>/rotate", roles=OPERATOR, response=PublisherSecrets, problems=(502,))
    def rotate_publisher(self, request: RouteRequest, name: str) -> Any:
        """Create new secrets for an outside system."""
        require_operator_key(request.actor)
        return self.publishers.rotate_publisher(name, request.actor, request.correlation)

    @route("DELETE", "/api/publishers/<name>", roles=OPERATOR, response=NO_CONTENT, problems=(502,))
    def remove_publisher(self, request: RouteRequest, name: str) -> Any:
        """Remove an outside system: it may not publish any more."""
        self.publishers.remove_publisher(name, request.actor, request.correlation)
        return Response(b"", status=204)


def require_operator_key(actor: Actor) -> None:
    """Long-lived secrets are given with the operator's own key only, not with the console's, which signs tokens for
    signed-in persons: a stolen one must not create a token for a year.  Problem 403."""
    if actor.issuer != "operator":
        detail = "请用运维令牌（qihang operator-token）执行，控制台登录不能发放密钥。"
        raise Problem(403, "operator_key_needed", detail)
