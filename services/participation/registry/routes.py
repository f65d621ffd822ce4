"""Routes of the registry: units, names, erasure of persons, keys of subjects."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Positions
from chassis.messaging import quarantine
from chassis.process.clock import Clock
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from services.participation.bundle.handlers import Bundles
from services.participation.evidence.handlers import Evidence
from services.participation.imports.handlers import Imports
from services.participation.registry.handlers import erase_person, keys_of_subjects
from services.participation.registry.identity import identify
from services.participation.registry.names import names_for
from services.participation.registry.people import describe_caller, people_of_unit, people_serving, search_people
from services.participation.registry.queries import all_units
from services.participation.roster.handlers import Rosters
from services.registry import rights
from services.registry.mentions import Mentions, Name, mentions_of

MOST_NAMES = 1000


class UnitSummary(marshmallow.Schema):
    """A unit as known now; an empty text: no value."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    tags = fields.List(fields.String(), required=True)
    zone_id = fields.String(required=True)
    community_id = fields.String(required=True)
    liaison_id = fields.String(required=True)
    opened_on = fields.String(required=True)
    closed_on = fields.String(required=True)


class UnitList(marshmallow.Schema):
    """All units by id."""

    units = fields.List(fields.Nested(UnitSummary), required=True)


class Subjects(marshmallow.Schema):
    """The subjects whose keys are wanted."""

    subjects = fields.List(fields.String(), required=True, validate=validate.Length(0, 1000))


class SubjectKeys(marshmallow.Schema):
    """The keys (hex) by subject; a subject without a key is missing."""

    keys = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class NamesWanted(marshmallow.Schema):
    """The ids whose names are wanted; `known_at` (ISO 8601): as known at that instant."""

    units = fields.List(fields.String(), load_default=list, validate=validate.Length(0, MOST_NAMES))
    people = fields.List(fields.String(), load_default=list, validate=validate.Length(0, MOST_NAMES))
    known_at = fields.String(load_default=None, allow_none=True)


class Names(marshmallow.Schema):
    """The names by id; an erased person's is empty, an unknown id is missing."""

    units = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    people = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class OwnPost(marshmallow.Schema):
    """A post in force of the caller."""

    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    unit_kind = fields.String(required=True)
    post = fields.String(required=True)


class Caller(marshmallow.Schema):
    """The caller: name (empty: not a person of the registry), posts in force, rights over some subject."""

    subject = fields.String(required=True)
    name = fields.String(required=True)
    posts = fields.List(fields.Nested(OwnPost), required=True)
    rights = fields.List(fields.String(), required=True)


class OfUnit(marshmallow.Schema):
    """The unit."""

    unit_id = fields.String(required=True)


class OnDay(marshmallow.Schema):
    """`on`: only those who serve on that day; without it everybody with a present or future membership or post."""

    on = fields.String(load_default="", validate=validate.Regexp(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?"))


class PersonName(marshmallow.Schema):
    """A person and their name, empty if erased."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)


class PeopleOfUnit(marshmallow.Schema):
    """Who serves in a unit today, or holds a post there, by id."""

    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    people = fields.List(fields.Nested(PersonName), required=True)


class PeopleSearch(marshmallow.Schema):
    """Part of a name or of an id."""

    text = fields.String(required=True, validate=validate.Length(1, 80))


class FoundPerson(PersonName):
    """A person with the unit of their latest membership."""

    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)


class FoundPeople(marshmallow.Schema):
    """At most 50 persons, by id; `more`: there are others."""

    people = fields.List(fields.Nested(FoundPerson), required=True)
    more = fields.Boolean(required=True)


class ErasedCopies(marshmallow.Schema):
    """The number of plain copies of each kind that were erased here."""

    pending_reports = fields.Integer(required=True, strict=True)
    quarantine = fields.Integer(required=True, strict=True)
    import_rows = fields.Integer(required=True, strict=True)
    statements = fields.Integer(required=True, strict=True)


class Erased(Positions):
    """The event's positions; other services erase their data when they have applied them."""

    erased = fields.Nested(ErasedCopies, required=True)
    scrubbed = fields.Boolean(
        required=True, metadata={"description": "no file of the store has the key's bytes; false: erase again later"}
    )


class RegistryRoutes:
    """Routes of the registry."""

    store: Store
    units_of_work: UnitsOfWork
    clock: Clock
    imports: Imports
    evidence: Evidence
    bundles: Bundles
    rosters: Rosters

    @route("GET", "/api/units", right=rights.SEE_UNITS, response=UnitList)
    def units(self, _: RouteRequest) -> Any:
        """All units as known now."""
        with self.store.reading() as connection:
            return {"units": all_units(connection)}

    @route("GET", "/api/me", response=Caller)
    def caller(self, request: RouteRequest) -> Any:
        """The caller with posts in force and rights, from which a page knows what to offer."""
        with self.store.reading() as connection:
            return describe_caller(connection, identify(connection, request.actor, self.clock()))

    @route("GET", "/api/people", right=rights.KEEP_ACCOUNTS, query=OfUnit, response=PeopleOfUnit, problems=(404,))
    def people(self, request: RouteRequest) -> Any:
        """Who serves in a unit, with names, for their accounts at the console."""
        with self.store.reading() as connection:
            return people_of_unit(connection, request.query["unit_id"], self.clock())

    @route("GET", "/api/units/<unit_id>/people", right=rights.KEEP_ROSTER, query=OnDay, response=PeopleOfUnit,
           problems=(404,))  # fmt: skip
    def people_of_own_unit(self, request: RouteRequest, unit_id: str) -> Any:
        """Who serves in a unit, with names, for the unit itself."""
        rights.require(request.actor, rights.KEEP_ROSTER, rights.Subject(unit_id))
        with self.store.reading() as connection:
            if day := request.query["on"]:
                return people_serving(connection, unit_id, day)
            return people_of_unit(connection, unit_id, self.clock())

    @route("GET", "/api/people/search", right=rights.KEEP_ACCOUNTS, query=PeopleSearch, response=FoundPeople)
    def search_people(self, request: RouteRequest) -> Any:
        """Persons of the district by part of their name or id, for their accounts at the console."""
        with self.store.reading() as connection:
            return search_people(connection, request.query["text"])

    @route("POST", "/api/names", right=rights.SEE_UNITS, body=NamesWanted, response=Names)
    def names(self, request: RouteRequest) -> Any:
        """The names of these units and (not for leaders) persons, now or as known at an instant."""
        wanted = request.json
        with self.store.reading() as connection:
            return names_for(request.actor, connection, wanted["units"], wanted["people"], wanted["known_at"])

    @route("POST", "/api/people/<person_id>/erase", right=rights.ERASE_PERSON, response=Erased)
    def erase(self, request: RouteRequest, person_id: str) -> Any:
        """Destroy a person's key: names and private texts become unreadable, scores stay."""
        erase_spooled = self.erase_files
        return erase_person(
            self.store, self.units_of_work, erase_spooled, person_id, request.actor, request.correlation
        )

    def erase_files(self, person_id: str) -> int:
        """Erase a person from files: of imports, previews of rosters, evidence; returns how many."""
        return (
            self.imports.erase_rows_of(person_id)
            + self.rosters.erase(person_id)
            + self.evidence.erase(person_id)
            + self.bundles.erase()
        )

    @route("POST", "/api/mentions", right=rights.ERASE_PERSON, body=Name, response=Mentions)
    def mentions(self, request: RouteRequest) -> Any:
        """Where a name occurs in texts about units and operations, and in quarantined bodies."""
        name = request.json["name"]
        with self.store.reading() as connection:
            quarantined = quarantine.entries_with(connection, name)
        return mentions_of(self.store, "participation", name, quarantined)

    @route("POST", "/api/keys", roles=("service",), body=Subjects, response=SubjectKeys)
    def keys(self, request: RouteRequest) -> Any:
        """The keys of subjects, for services that show encrypted data."""
        return {"keys": keys_of_subjects(self.store, request.json["subjects"])}
