"""Routes for the security log and the audit of acts, read by `qihang security-log` and the operator's pages."""

from typing import Any, ClassVar

from chassis.http import integrity_schemas as schemas
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.problems import Problem
from chassis.store import log_acts
from chassis.store.log_acts import ActsFilter
from chassis.store.security_events import OF_OPERATIONS, Members, security_events


class SecurityRoutes:
    """Mixin of every service class, part of the operator's routes."""

    runtime: Any
    security_members: ClassVar[Members] = OF_OPERATIONS

    @route("GET", "/api/security-events", roles=("operator",), query=schemas.SecurityEventsQuery,
           response=schemas.SecurityEvents)  # fmt: skip
    def security_events(self, request: RouteRequest) -> Any:
        """Changes of rights, imports, erasures and repairs, newest first: `since` (an instant), `limit`."""
        asked = request.query
        with self.runtime.store.reading() as connection:
            entries = security_events(
                connection, self.security_members, asked["since"], asked["limit"], until=asked["until"]
            )
        return {"entries": entries}

    @route("GET", "/api/acts", roles=("operator",), query=schemas.ActsQuery, response=schemas.Acts, problems=(400,))
    def acts(self, request: RouteRequest) -> Any:
        """Acts, newest first: by time, by person or program, or of one stream; ids and labels only, no content."""
        asked = dict(request.query)
        before, limit = asked.pop("before"), asked.pop("limit")
        try:
            places = log_acts.places_of(before)
        except ValueError:
            raise Problem(400, "bad_query", "no place of a page before", column="before") from None
        with self.runtime.store.reading() as connection:
            acts, following = log_acts.read_acts(connection, ActsFilter(**asked), places, limit)
        types = log_acts.types_of(self.runtime.service)
        return {"acts": acts, "types": types, "next": log_acts.text_of_places(following)}
