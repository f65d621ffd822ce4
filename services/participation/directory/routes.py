"""Routes of the directory: units and people with dates, their changes, one's own service."""

from typing import Any

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.clock import Clock
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from services.participation.directory import people, schemas, units
from services.participation.directory.domain import (
    Change,
    MembershipChange,
    PostChange,
    UnitChange,
    reason_of,
)
from services.participation.directory.handlers import ChangeContext, make_change
from services.participation.directory.messages import own_refusal
from services.participation.intake.pending_loop import PendingLoop
from services.registry import rights


class DirectoryRoutes:
    """Routes of the directory."""

    store: Store
    units_of_work: UnitsOfWork
    clock: Clock
    pending_loop: PendingLoop

    @route("GET", "/api/directory/units", right=rights.SEE_DIRECTORY, query=schemas.UnitsQuery,
           response=schemas.DirectoryUnits)  # fmt: skip
    def directory_units(self, request: RouteRequest) -> Any:
        """Units that the caller maintains, in pages: the own one, or the whole district's."""
        with self.store.reading() as connection:
            return units.list_units(connection, request.actor, request.query, self.clock())

    @route("GET", "/api/directory/units/<unit_id>", right=rights.SEE_DIRECTORY, response=schemas.UnitDetail,
           problems=(404,))  # fmt: skip
    def directory_unit(self, request: RouteRequest, unit_id: str) -> Any:
        """A unit with its posts, its supervising offices and its history."""
        with self.store.reading() as connection:
            return units.unit_detail(connection, request.actor, unit_id, self.clock())

    @route("GET", "/api/directory/unit-names", response=schemas.UnitNames)
    def directory_unit_names(self, _: RouteRequest) -> Any:
        """The names of the units in service, to choose from."""
        with self.store.reading() as connection:
            return {"units": units.units_in_service(connection, self.clock())}

    @route("GET", "/api/directory/people", right=rights.SEE_DIRECTORY, query=schemas.PeopleQuery,
           response=schemas.DirectoryPeople)  # fmt: skip
    def directory_people(self, request: RouteRequest) -> Any:
        """People whom the caller maintains, in pages: of the own unit, or of the whole district."""
        with self.store.reading() as connection:
            return people.list_people(connection, request.actor, request.query, self.clock())

    @route("GET", "/api/directory/people/<person_id>", right=rights.SEE_DIRECTORY, response=schemas.PersonDetail,
           problems=(404,))  # fmt: skip
    def directory_person(self, request: RouteRequest, person_id: str) -> Any:
        """A person's memberships and posts with history, in units that the caller maintains."""
        with self.store.reading() as connection:
            return people.person_detail(connection, request.actor, person_id, self.clock())

    @route("POST", "/api/directory/memberships", right=rights.KEEP_PEOPLE, body=schemas.MembershipChanged,
           response=schemas.ChangeOutcome)  # fmt: skip
    def change_membership(self, request: RouteRequest) -> Any:
        """Add a person, end or correct a membership, transfer; or preview it."""
        return self._apply_change(request, MembershipChange(**_members_of_change(request.json)))

    @route("POST", "/api/directory/posts", right=rights.KEEP_POSTS, body=schemas.PostChanged,
           response=schemas.ChangeOutcome)  # fmt: skip
    def change_post(self, request: RouteRequest) -> Any:
        """Assign, end or correct a post; or preview it."""
        return self._apply_change(request, PostChange(**_members_of_change(request.json)))

    @route("POST", "/api/directory/units", right=rights.ENTER_FACTS, body=schemas.UnitChanged,
           response=schemas.ChangeOutcome)  # fmt: skip
    def change_unit(self, request: RouteRequest) -> Any:
        """Register, relate, close or correct a unit; or preview it."""
        return self._apply_change(request, UnitChange(**_members_of_change(request.json)))

    @route("GET", "/api/mine/service", response=schemas.OwnService)
    def own_service(self, request: RouteRequest) -> Any:
        """The caller's own service and posts, with dates."""
        with self.store.reading() as connection:
            return people.own_service(connection, request.actor, self.clock())

    def _apply_change(self, request: RouteRequest, change: Change) -> Any:
        if request.json["reason_code"] == "other" and not request.json["reason"].strip():
            raise own_refusal("missing_words", "reason")
        requested = ChangeContext(request.actor, request.correlation, request.json["preview"], self.pending_loop.wake)
        return make_change(self.units_of_work, requested, change)


def _members_of_change(body: dict[str, Any]) -> dict[str, Any]:
    """The members of a change: days and ids without surrounding blanks, the reason with its code in words."""
    given = {name: value.strip() if isinstance(value, str) else value for name, value in body.items()
             if name not in ("preview", "reason_code", "reason")}  # fmt: skip
    return given | {"reason": reason_of(body["reason_code"], body["reason"])}
