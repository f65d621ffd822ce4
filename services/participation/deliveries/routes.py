"""Routes of deliveries, for operators only."""

from typing import Any

from werkzeug.wrappers import Response

from chassis.http.operator_routes import OPERATOR
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import NO_CONTENT
from services.participation.deliveries.handlers import Deliveries
from services.participation.deliveries.interventions import Interventions
from services.participation.deliveries.schemas import (
    DeliverySecrets,
    EntriesBody,
    EntriesCount,
    ReplayBody,
    SetDeliveryBody,
    UndeliveredList,
)
from services.participation.publishers.routes import require_operator_key


class DeliveryRoutes:
    """Routes of deliveries by webhook or queue."""

    deliveries: Deliveries
    interventions: Interventions

    @route("POST", "/api/subscriptions/<name>/delivery", roles=OPERATOR, body=SetDeliveryBody,
           response=DeliverySecrets, problems=(410, 502))  # fmt: skip
    def set_delivery(self, request: RouteRequest, name: str) -> Any:
        """Set up or change a subscription's delivery; new secrets are shown once."""
        require_operator_key(request.actor)
        return self.deliveries.set_up(name, request.json, request.actor, request.correlation)

    @route("DELETE", "/api/subscriptions/<name>/delivery", roles=OPERATOR, response=NO_CONTENT, problems=(502,))
    def remove_delivery(self, request: RouteRequest, name: str) -> Any:
        """End the delivery; the subscription can still read by HTTP."""
        self.deliveries.remove(name, request.actor, request.correlation)
        return Response(b"", status=204)

    @route("POST", "/api/subscriptions/<name>/rotate-secret", roles=OPERATOR, response=DeliverySecrets)
    def rotate_secret(self, request: RouteRequest, name: str) -> Any:
        """Create a new signing secret; the former one stays valid for a day."""
        require_operator_key(request.actor)
        return self.deliveries.rotate_secret(name, request.actor, request.correlation)

    @route("POST", "/api/subscriptions/<name>/pause", roles=OPERATOR, response=NO_CONTENT)
    def pause_delivery(self, request: RouteRequest, name: str) -> Any:
        """Pause the delivery; its position stays."""
        self.interventions.pause(name, request.actor, request.correlation)
        return Response(b"", status=204)

    @route("POST", "/api/subscriptions/<name>/resume", roles=OPERATOR, response=NO_CONTENT)
    def resume_delivery(self, request: RouteRequest, name: str) -> Any:
        """Resume the delivery, even if a fault or its receiver stopped it."""
        self.interventions.resume(name, request.actor, request.correlation)
        return Response(b"", status=204)

    @route("POST", "/api/subscriptions/<name>/replay", roles=OPERATOR, body=ReplayBody, response=NO_CONTENT,
           problems=(410,))  # fmt: skip
    def replay_delivery(self, request: RouteRequest, name: str) -> Any:
        """Send everything past a position again."""
        self.interventions.replay(name, request.json["start"], request.actor, request.correlation)
        return Response(b"", status=204)

    @route("GET", "/api/subscriptions/<name>/failures", roles=OPERATOR, response=UndeliveredList)
    def list_undelivered(self, _: RouteRequest, name: str) -> Any:
        """The events that were given up, and why."""
        return {"failures": self.interventions.failures(name)}

    @route("POST", "/api/subscriptions/<name>/retry", roles=OPERATOR, body=EntriesBody, response=EntriesCount)
    def retry_undelivered(self, request: RouteRequest, name: str) -> Any:
        """Try given-up events again, or the next due event at once."""
        entries = request.json["entries"]
        return {"count": self.interventions.retry(name, entries, request.actor, request.correlation)}

    @route("POST", "/api/subscriptions/<name>/skip", roles=OPERATOR, body=EntriesBody, response=EntriesCount,
           problems=(410,))  # fmt: skip
    def skip_undelivered(self, request: RouteRequest, name: str) -> Any:
        """Delete given-up events, or give up the next due event."""
        entries = request.json["entries"]
        return {"count": self.interventions.skip(name, entries, request.actor, request.correlation)}
