"""Routes of publishers."""

from typing import Any

import marshmallow
from marshmallow import fields
from werkzeug.wrappers import Response

from chassis.http.operator_routes import OPERATOR
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import NO_CONTENT


class AddPublisher(marshmallow.Schema):
    """An outside system's name."""

    name = fields.String(required=True)


class PublisherSecrets(marshmallow.Schema):
    """What the author of an outside system needs; it is shown once.  Without RabbitMQ there is only the token."""

    name = fields.String(required=True)
    user = fields.String(required=True, allow_none=True)
    password = fields.String(required=True, allow_none=True)
    amqp = fields.Boolean(required=True)
    token = fields.String(required=True)


class PublisherRoutes:
    """Adding, rotating and removing publishers."""

    publishers: Any

    @route("POST", "/api/publishers", roles=OPERATOR, body=AddPublisher, response={201: PublisherSecrets},
           problems=(502,))  # fmt: skip
    def add_publisher(self, request: RouteRequest) -> Any:
        """Let an outside system publish; its secrets are shown once."""
        return 201, self.publishers.add_publisher(request.json["name"])

    @route("POST", "/api/publishers/<name>/rotate", roles=OPERATOR, response=PublisherSecrets, problems=(502,))
    def rotate_publisher(self, _: RouteRequest, name: str) -> Any:
        """New secrets for an outside system."""
        return self.publishers.rotate_publisher(name)

    @route("DELETE", "/api/publishers/<name>", roles=OPERATOR, response=NO_CONTENT, problems=(502,))
    def remove_publisher(self, _: RouteRequest, name: str) -> Any:
        """An outside system may publish no more."""
        self.publishers.remove_publisher(name)
        return Response(b"", status=204)
