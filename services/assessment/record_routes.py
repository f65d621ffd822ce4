"""The route of a person's record in assessment: their own acts here; figures are read at the routes of duties."""

from typing import Any

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.store.database import Store
from services.registry import rights
from services.registry.person_record import PersonRecord, record_of_person


class RecordRoutes:
    """Route of a person's record."""

    store: Store

    @route("GET", "/api/people/<person_id>/record", right=rights.SEE_OWN_RECORD, response=PersonRecord)
    def record_of_person(self, request: RouteRequest, person_id: str) -> Any:
        """What this service stores about the person, for the person; nothing about others."""
        rights.require(request.actor, rights.SEE_OWN_RECORD, rights.Subject(person_id=person_id))
        return record_of_person(self.store, "assessment", person_id, lambda _: {})
