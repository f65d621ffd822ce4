"""The route of a person's own record at assessment: what they decided there; figures are read from the duties."""

from typing import Any

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.store.database import Store
from services.registry import rights
from services.registry.person_record import PersonRecord, record_of_person


class RecordRoutes:
    """Reading what is kept of a person."""

    store: Store

    @route("GET", "/api/people/<person_id>/record", right=rights.SEE_OWN_RECORD, response=PersonRecord)
    def record_of_person(self, request: RouteRequest, person_id: str) -> Any:
        """What this service has of a person, for the person; nothing of others."""
        rights.require(request.actor, rights.SEE_OWN_RECORD, rights.Subject(person_id=person_id))
        return record_of_person(self.store, "assessment", person_id, lambda _: {})
