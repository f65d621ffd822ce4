"""The outcomes of statements, for the operator and for the platform that sent them."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.operator_routes import OPERATOR
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.problems import Problem
from chassis.store.database import Store
from services.participation.xapi import stored_statements
from services.participation.xapi.handlers import Statements
from services.participation.xapi.part_schemas import Agent
from services.participation.xapi.queries import outcome_of, statement_counts, statement_kinds, unmapped_groups

_BOTH = ("operator", "publisher")


def _described_as(text: str) -> dict[str, str]:
    return {"description": text}


class OfPublisher(marshmallow.Schema):
    """The publisher."""

    publisher = fields.String(
        load_default="",
        validate=validate.Length(0, 64),
        metadata=_described_as("empty: of all; a platform sees its own"),
    )


class ExampleStatement(marshmallow.Schema):
    """What a statement was about, without its actor."""

    statement_id = fields.String(required=True)
    at = fields.String(required=True)
    activity = fields.String(required=True)
    activity_name = fields.String(required=True)
    account_form = fields.String(required=True, metadata=_described_as("how the account's name is written: `a00000`"))


class UnmappedGroup(marshmallow.Schema):
    """Statements of one verb and activity type, with accounts at one place, that became no record for the same reason;
    empty: combinations beyond the limit."""

    publisher = fields.String(required=True)
    verb = fields.String(required=True)
    activity_type = fields.String(required=True)
    account = fields.String(
        required=True, metadata=_described_as("home page of the accounts, or the identifier's kind")
    )
    code = fields.String(required=True)
    reason = fields.String(required=True)
    count = fields.Integer(required=True, strict=True)
    first_at = fields.String(required=True)
    last_at = fields.String(required=True)
    example = fields.Nested(ExampleStatement, required=True, allow_none=True, metadata=_described_as("the newest"))


class StatementKind(marshmallow.Schema):
    """Statements of one verb and activity type with the same outcome; `voided`: how many of them are void."""

    publisher = fields.String(required=True)
    verb = fields.String(required=True)
    activity_type = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(stored_statements.STATES))
    code = fields.String(required=True)
    count = fields.Integer(required=True, strict=True)
    voided = fields.Integer(required=True, strict=True)
    first_at = fields.String(required=True)
    last_at = fields.String(required=True)


class StatementCount(marshmallow.Schema):
    """The number of stored statements by outcome; `code`: why they were refused."""

    publisher = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(stored_statements.STATES))
    code = fields.String(required=True)
    count = fields.Integer(required=True, strict=True)


class UnmappedStatements(marshmallow.Schema):
    """Statements that became no record, most frequent first; the numbers and kinds of the others."""

    groups = fields.List(fields.Nested(UnmappedGroup), required=True)
    others = fields.List(fields.Nested(StatementCount), required=True)
    kinds = fields.List(fields.Nested(StatementKind), required=True)


class Replay(marshmallow.Schema):
    """The statements to map again."""

    publisher = fields.String(load_default="", validate=validate.Length(0, 64), metadata=_described_as("empty: of all"))
    after = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0, 2**62),
        metadata=_described_as("`next` of the call before"),
    )


class Replayed(marshmallow.Schema):
    """The outcomes by the current rules; `next` 0: done."""

    looked_at = fields.Integer(required=True, strict=True)
    recorded = fields.Integer(required=True, strict=True)
    waiting = fields.Integer(required=True, strict=True)
    refused = fields.Integer(required=True, strict=True)
    unmapped = fields.Integer(required=True, strict=True)
    next = fields.Integer(required=True, strict=True)


class NamedActor(marshmallow.Schema):
    """The owner of an account or mail address; an empty person removes it."""

    actor = fields.Dict(required=True, metadata=_described_as("an agent as xAPI has it, with one identifier"))
    person_id = fields.String(required=True, validate=validate.Length(0, 128))


class NamedActors(marshmallow.Schema):
    """Accounts of learning platforms whose names are not personnel numbers."""

    actors = fields.List(fields.Nested(NamedActor), required=True, validate=validate.Length(1, 1000))


class ActorsNamed(marshmallow.Schema):
    """The number of accounts registered."""

    named = fields.Integer(required=True, strict=True)


class StatementOutcome(marshmallow.Schema):
    """The outcome of one statement; `code` and `reason`: why it is no record."""

    statement_id = fields.String(required=True)
    stored = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(stored_statements.STATES))
    code = fields.String(required=True)
    reason = fields.String(required=True)
    source = fields.String(required=True)
    voided = fields.Boolean(required=True)


class XapiOperatorRoutes:
    """Routes of statements' outcomes and of accounts."""

    store: Store
    statements: Statements

    @route("GET", "/api/xapi/unmapped", roles=_BOTH, query=OfPublisher, response=UnmappedStatements)
    def unmapped_statements(self, request: RouteRequest) -> Any:
        """The numbers of statements that became no record, by verb, activity type and reason; and the outcomes of the
        others."""
        publisher = _publisher_shown(request, request.query["publisher"])
        with self.store.reading() as connection:
            return {"groups": unmapped_groups(connection, publisher), "others": statement_counts(connection, publisher),
                    "kinds": statement_kinds(connection, publisher)}  # fmt: skip

    @route("GET", "/api/xapi/statements/<statement_id>", roles=_BOTH, query=OfPublisher, response=StatementOutcome)
    def statement_outcome(self, request: RouteRequest, statement_id: str) -> Any:
        """The outcome of one statement."""
        publisher = _publisher_shown(request, request.query["publisher"])
        with self.store.reading() as connection:
            outcome = outcome_of(connection, publisher, statement_id.lower())
        if outcome is None:
            raise Problem(404, "unknown_statement", "没有这条学习记录。")
        return outcome

    @route("POST", "/api/xapi/replay", roles=OPERATOR, body=Replay, response=Replayed)
    def replay_statements(self, request: RouteRequest) -> Any:
        """Map statements again that became no record, after the campaign's file or the registered accounts changed."""
        asked = request.json
        return self.statements.replay(asked["publisher"], asked["after"], request.actor, request.correlation)

    @route("POST", "/api/xapi/actors", roles=OPERATOR, body=NamedActors, largest=512 * 1024, response=ActorsNamed)
    def name_actors(self, request: RouteRequest) -> Any:
        """Register the owners of accounts or mail addresses; stored as keyed hashes."""
        given = request.json["actors"]
        for place, each in enumerate(given):
            if wrong := Agent().validate(each["actor"]):
                raise Problem(422, "bad_actor", f"第 {place + 1} 项的 actor 不是带有一个标识的学员。", problems=wrong)
        return {"named": self.statements.name_actors(given, request.actor, request.correlation)}


def _publisher_shown(request: RouteRequest, asked: str) -> str:
    """A platform sees its own."""
    return request.actor.name if "publisher" in request.actor.roles else asked
