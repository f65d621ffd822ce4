"""The route of look-up.  The text is in the body, so that names are in no URL and no access log."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.store.database import Store
from services.participation.lookup.queries import MOST, find
from services.registry import rights


class LookUp(marshmallow.Schema):
    """The text: an id, a name, a part of one, its pinyin or initials."""

    text = fields.String(required=True, validate=[validate.Length(1, 80), validate.Regexp(r"(?s).*\S")])
    limit = fields.Integer(
        strict=True, load_default=20, validate=validate.Range(1, MOST), metadata={"description": "of each sort"}
    )


class FoundUnit(marshmallow.Schema):
    """A unit."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    closed_on = fields.String(required=True)


class FoundMember(marshmallow.Schema):
    """A person with their latest membership; `until` empty: it is open."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    role = fields.String(required=True)
    since = fields.String(required=True)
    until = fields.String(required=True)


class FoundRecord(marshmallow.Schema):
    """A record; without the title of a person's own."""

    record_id = fields.String(required=True)
    kind = fields.String(required=True)
    kind_title = fields.String(required=True, metadata={"description": "by the plan in force; empty: it has none"})
    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    person_id = fields.String(required=True)
    day = fields.String(required=True)
    title = fields.String(required=True)
    withdrawn = fields.Boolean(required=True)


class FoundImport(marshmallow.Schema):
    """An import; `finished_at` is empty while it runs."""

    import_id = fields.String(required=True)
    started_at = fields.String(required=True)
    finished_at = fields.String(required=True)


class Matches(marshmallow.Schema):
    """The matches, best first; `more`: the kinds with further matches."""

    units = fields.List(fields.Nested(FoundUnit), required=True)
    people = fields.List(fields.Nested(FoundMember), required=True)
    records = fields.List(fields.Nested(FoundRecord), required=True)
    imports = fields.List(fields.Nested(FoundImport), required=True)
    more = fields.List(fields.String(), required=True)


class LookupRoutes:
    """Route of look-up."""

    store: Store

    @route("POST", "/api/look-up", right=rights.LOOK_UP, body=LookUp, response=Matches)
    def look_up(self, request: RouteRequest) -> Any:
        """Search units, persons, records and imports by id, name, pinyin or initials."""
        with self.store.reading() as connection:
            return find(connection, request.actor, request.json["text"], request.json["limit"])
