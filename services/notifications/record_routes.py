"""The route of a person's record in notifications: contacts, reminders and how they were sent."""

from collections.abc import Collection
from typing import Any

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.clock import Clock
from chassis.store import subject_keys
from chassis.store.database import Store
from services.notifications.contacts.queries import recipients_of_posts
from services.registry import rights
from services.registry.person_record import PersonRecord, record_of_person


class RecordRoutes:
    """Route of a person's record."""

    store: Store
    clock: Clock

    @route("GET", "/api/people/<person_id>/record", right=rights.SEE_OWN_RECORD, response=PersonRecord)
    def record_of_person(self, request: RouteRequest, person_id: str) -> Any:
        """What this service stores about the person, for the person; nothing about others."""
        rights.require(request.actor, rights.SEE_OWN_RECORD, rights.Subject(person_id=person_id))
        with self.store.reading() as connection:
            posts = recipients_of_posts(connection, person_id, self.clock().date().toordinal())
        return record_of_person(self.store, "notifications", person_id, self._keys, posts)

    def _keys(self, subjects: Collection[str]) -> dict[str, bytes]:
        with self.store.reading() as connection:
            return subject_keys.existing_keys(connection, subjects)
