"""What a service's own log has of interest to security, for `qihang security-log`."""

from typing import Any, ClassVar

from chassis.http import integrity_schemas as schemas
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.store.security_events import OF_OPERATIONS, Members, security_events


class SecurityRoutes:
    """Mixed into every service class, with the other routes of the operator."""

    runtime: Any
    security_members: ClassVar[Members] = OF_OPERATIONS

    @route("GET", "/api/security-events", roles=("operator",), query=schemas.SecurityEventsQuery,
           response=schemas.SecurityEvents)  # fmt: skip
    def security_events(self, request: RouteRequest) -> Any:
        """Changes of rights, imports, erasures and repairs, the newest first: `since` (an instant), `limit`."""
        since, limit = request.query["since"], request.query["limit"]
        with self.runtime.store.reading() as connection:
            return {"entries": security_events(connection, self.security_members, since, limit)}
