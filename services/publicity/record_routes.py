"""The route of a person's record in publicity: their works, reviews and readings."""

from typing import Any

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from services.publicity.routes import PublicityRoutes
from services.registry import rights
from services.registry.mentions import Mentions, Name, mentions_of
from services.registry.person_record import PersonRecord, record_of_person


class RecordRoutes(PublicityRoutes):
    """Route of a person's record."""

    @route("POST", "/api/mentions", right=rights.ERASE_PERSON, body=Name, response=Mentions)
    def mentions(self, request: RouteRequest) -> Any:
        """Where a name occurs in titles of articles, anthologies and videos, and in reasons."""
        return mentions_of(self.publicity.store, "publicity", request.json["name"])

    @route("GET", "/api/people/<person_id>/record", right=rights.SEE_OWN_RECORD, response=PersonRecord)
    def record_of_person(self, request: RouteRequest, person_id: str) -> Any:
        """What this service stores about the person, for the person; nothing about others."""
        rights.require(request.actor, rights.SEE_OWN_RECORD, rights.Subject(person_id=person_id))
        return record_of_person(self.publicity.store, "publicity", person_id, self.publicity.keys_of)
