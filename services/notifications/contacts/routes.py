"""Routes of the contacts."""

from typing import Any

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import NO_CONTENT, ClampedInteger, Positions
from chassis.process.problems import Problem
from chassis.store.database import Store
from chassis.store.unit_of_work import CommandContext, UnitsOfWork
from services.notifications.contacts.domain import Contact
from services.notifications.contacts.handlers import KEPT, ROBOT_KEYS, import_contacts, remove_contact
from services.notifications.contacts.queries import list_contacts
from services.notifications.rules.escalation import unit_of_post
from services.notifications.tables import registry
from services.registry import rights
from services.registry.queries import unit_names


class ContactRow(marshmallow.Schema):
    """A line of contacts.csv; `***` for a robot's key keeps the registered one."""

    recipient = fields.String(required=True)
    name = fields.String(load_default="")
    email = fields.String(load_default="")
    robot = fields.String(load_default="")
    dingtalk = fields.String(load_default="")
    dingtalk_secret = fields.String(load_default="")


class ContactRows(marshmallow.Schema):
    """Contacts of posts and persons."""

    contacts = fields.List(fields.Nested(ContactRow), required=True, validate=validate.Length(1, 1000))


class ContactPage(marshmallow.Schema):
    """Which contacts to list."""

    after = fields.String(load_default="", metadata={"description": "the last recipient of the page before"})
    beginning = fields.String(load_default="", metadata={"description": "how the recipient begins: clerk-, person-P1"})
    of = fields.String(load_default="", metadata={"description": "only of this unit's posts, or of this person"})
    limit = ClampedInteger(500, 1000)


class ListedContact(marshmallow.Schema):
    """A contact; `robot`, `dingtalk` and `dingtalk_secret` are `***` if set; `unit`: the name of a post's unit."""

    recipient = fields.String(required=True)
    unit = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    robot = fields.String(required=True)
    dingtalk = fields.String(required=True)
    dingtalk_secret = fields.String(required=True)


class ListedContacts(marshmallow.Schema):
    """A page of contacts; `more`: others follow."""

    contacts = fields.List(fields.Nested(ListedContact), required=True)
    more = fields.Boolean(required=True)


class RefusedRow(marshmallow.Schema):
    """Why a line was rejected."""

    line = fields.Integer(required=True, strict=True)
    column = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class ImportedContacts(Positions):
    """The outcome for all rows."""

    registered = fields.Integer(required=True, strict=True)
    unchanged = fields.Integer(required=True, strict=True)
    refused = fields.Integer(required=True, strict=True)
    problems = fields.List(fields.Nested(RefusedRow), required=True)


class ContactRoutes:
    """Routes of contacts, for operators."""

    store: Store
    units_of_work: UnitsOfWork

    @route("GET", "/api/contacts", right=rights.KEEP_CONTACTS, query=ContactPage, response=ListedContacts)
    def list_contacts(self, request: RouteRequest) -> Any:
        """Contacts of posts and persons; keys of robots are masked."""
        asked = request.query
        with self.store.reading() as connection:
            rows = list_contacts(connection, asked["after"], asked["limit"] + 1, asked["beginning"], asked["of"])
            units = unit_names(connection, registry)
        page = [_without_keys(contact) | {"unit": unit_of_post(contact.recipient, units)} for contact in rows]
        return {"contacts": page[: asked["limit"]], "more": len(page) > asked["limit"]}

    @route(
        "POST",
        "/api/contacts",
        right=rights.KEEP_CONTACTS,
        body=ContactRows,
        response=ImportedContacts,
        largest=1 << 20,
    )
    def import_contacts(self, request: RouteRequest) -> Any:
        """Register contacts; wrong rows are rejected with their line, the others are registered."""
        context = CommandContext(str(request.actor), request.correlation)
        return import_contacts(self.units_of_work, context, [Contact(**row) for row in request.json["contacts"]])

    @route("DELETE", "/api/contacts/<recipient>", right=rights.KEEP_CONTACTS, response=NO_CONTENT)
    def remove_contact(self, request: RouteRequest, recipient: str) -> Any:
        """Remove a contact: its encryption key is destroyed."""
        with self.units_of_work.begin(request.actor, request.correlation) as work:
            if not remove_contact(work, recipient):
                raise Problem(404, "unknown_recipient", "没有登记过这个收件人。")
        return Response(b"", status=204)


def _without_keys(contact: Contact) -> dict[str, str]:
    known = vars(contact)
    return {**known, **{name: KEPT for name in ROBOT_KEYS if known[name]}}
