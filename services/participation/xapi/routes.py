"""The xAPI resources for learning platforms: `about` and `statements`."""

import json
from typing import Any, Final
from urllib.parse import urlencode

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.events.canonical_json import instant
from chassis.http.request import RouteRequest
from chassis.http.routes import answer, route
from chassis.http.schemas import JSON, Media
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.store.database import Store
from services.participation.xapi.bodies import LARGEST, MULTIPART, read_statements
from services.participation.xapi.domain.statements import in_form
from services.participation.xapi.form_requests import FORM, is_form_request, request_in_form
from services.participation.xapi.handlers import Statements
from services.participation.xapi.queries import MOST, find_statement, find_statements
from services.participation.xapi.statement_parameters import (
    CONSISTENT,
    VERSION,
    StatementRequest,
    parameters,
    version_of,
)

PLATFORMS: Final = ("publisher",)
VERSIONS: Final = ("1.0.3", "2.0.0")
_HEADERS: Final = {VERSION: "`1.0`, `1.0.x`, `2.0` or `2.0.x`; asked of every request but `about`"}
_STATEMENT: Final = {"type": "object", "required": ["actor", "verb", "object"]}
_SENT: Final = (
    Media(JSON, "One statement, or up to 1,000 of them.",
          {"oneOf": [_STATEMENT, {"type": "array", "items": _STATEMENT, "minItems": 1, "maxItems": 1000}]}),
    Media(MULTIPART, "The statements as the first part, then the files of their attachments."),
)  # fmt: skip
_STATEMENTS: Final = (
    Media(JSON, "One statement, or a page of them.", {"type": "object"}),
    Media(MULTIPART, "The same, where attachments are asked for; their files are not kept."),
)


class AboutResource(marshmallow.Schema):
    """The supported versions of xAPI, and what is not supported."""

    version = fields.List(fields.String(), required=True)
    extensions = fields.Dict(required=True)


class StatementId(marshmallow.Schema):
    """The id of the statement."""

    statementId = fields.String(metadata={"description": "its UUID; a PUT needs it"})  # noqa: N815 - as xAPI spells it
    method = fields.String(metadata={"description": "of a form: the method that is meant (version 1.0 only)"})


class StatementQuery(marshmallow.Schema):
    """One statement by id, or those that match all given parameters; only those that the caller sent."""

    statementId = fields.String(metadata={"description": "one, that is not void"})  # noqa: N815
    voidedStatementId = fields.String(metadata={"description": "one, that is void"})  # noqa: N815
    agent = fields.String(metadata={"description": "an agent or identified group, as JSON"})
    verb = fields.String(metadata={"description": "its IRI"})
    activity = fields.String(metadata={"description": "its IRI"})
    registration = fields.String(metadata={"description": "a UUID"})
    related_activities = fields.String(validate=validate.OneOf(("true", "false")))
    related_agents = fields.String(validate=validate.OneOf(("true", "false")))
    since = fields.String(metadata={"description": "stored after this instant"})
    until = fields.String(metadata={"description": "stored at or before this instant"})
    limit = fields.String(metadata={"description": f"so many at most; 0, or more than {MOST}: {MOST}"})
    format = fields.String(validate=validate.OneOf(("ids", "exact", "canonical")))
    attachments = fields.String(validate=validate.OneOf(("true", "false")))
    ascending = fields.String(validate=validate.OneOf(("true", "false")))
    cursor = fields.String(metadata={"description": "of the link `more`: where the next page begins"})


class XapiRoutes:
    """Routes of xAPI for learning platforms."""

    store: Store
    clock: Clock
    statements: Statements

    @route("GET", "/xapi/about", public=True, response=AboutResource)
    def about_xapi(self, _: RouteRequest) -> Any:
        """The supported versions and resources of xAPI."""
        about = {"urn:qihang:xapi:resources": ["about", "statements"],
                 "urn:qihang:xapi:role": "receiver of deeds: no State, Profile, Agents or Activities resource",
                 "urn:qihang:xapi:attachments": "checked against their hashes and signatures, not kept"}  # fmt: skip
        response = answer({"version": list(VERSIONS), "extensions": about})
        response.headers[VERSION] = VERSIONS[0]
        return response

    @route("GET", "/xapi/statements", roles=PLATFORMS, basic=True, query=StatementQuery, headers=_HEADERS,
           problems=(404,), response={200: _STATEMENTS})  # fmt: skip
    def xapi_statements(self, request: RouteRequest) -> Any:
        """Statements that the caller sent, latest first: one, or a page with the link `more` to the next."""
        return self._with_version_headers(request, StatementRequest.of(request), self._read)

    @route("PUT", "/xapi/statements", roles=PLATFORMS, basic=True, query=StatementId, headers=_HEADERS, body=_SENT,
           largest=LARGEST, problems=(429,), response={204: None})  # fmt: skip
    def put_xapi_statement(self, request: RouteRequest) -> Any:
        """Store one statement under the id in the query; the same again changes nothing, a different one is 409."""
        return self._with_version_headers(request, StatementRequest.of(request), self._put)

    @route("POST", "/xapi/statements", roles=PLATFORMS, basic=True, query=StatementId, headers=_HEADERS,
           body=(*_SENT, FORM), largest=LARGEST, problems=(404, 429),
           response={200: (Media(JSON, "The ids, in order.", {"type": "array", "items": {"type": "string"}}),
                           _STATEMENTS[1]), 204: None})  # fmt: skip
    def post_xapi_statements(self, request: RouteRequest) -> Any:
        """Store one statement or several, all or none; those that the campaign's file lists become records."""
        sent = StatementRequest.of(request)
        if not is_form_request(sent):
            return self._with_version_headers(request, sent, self._post_statements)
        works = {"GET": self._read, "PUT": self._put, "POST": self._post_statements}
        return self._with_version_headers(request, *request_in_form(sent, works))

    def _with_version_headers(self, request: RouteRequest, sent: StatementRequest, work: Any) -> Response:
        """Adds to each answer, also of an error, the version and the instant up to which the store is consistent."""
        version = "1.0"
        try:
            version = version_of(sent.headers.get(VERSION, ""))
            response = answer(work(request, sent, version))
        except Problem as problem:
            response = problem.response()
        response.headers[VERSION] = VERSIONS[1] if version == "2.0" else VERSIONS[0]
        response.headers[CONSISTENT] = instant(self.clock())
        return response

    def _post_statements(self, request: RouteRequest, sent: StatementRequest, version: str) -> Any:
        parameters(sent.query, ())
        given = read_statements(sent.body, sent.headers.get("Content-Type"), version)
        ids = self.statements.take(given, len(sent.body), _latest(version), request.actor, request.correlation)
        return Response(json.dumps(ids), content_type=JSON)

    def _put(self, request: RouteRequest, sent: StatementRequest, version: str) -> Any:
        statement_id = parameters(sent.query, ("statementId",)).get("statementId", "")
        given = read_statements(sent.body, sent.headers.get("Content-Type"), version)
        if not statement_id:
            raise Problem(400, "bad_query", "a PUT names its statementId", column="statementId")
        if len(given) != 1 or str(given[0].get("id", statement_id)).lower() != statement_id.lower():
            raise Problem(400, "bad_statement", "the body is the one statement of that statementId")
        named = {**given[0], "id": statement_id}
        self.statements.take([named], len(sent.body), _latest(version), request.actor, request.correlation)
        return None

    def _read(self, request: RouteRequest, sent: StatementRequest, _: str) -> Any:
        asked = parameters(sent.query, tuple(StatementQuery().fields))
        single = sent.single(asked)
        languages = [each for each, _ in request.http_request.accept_languages]
        form = asked.get("format", "exact")
        with self.store.reading() as connection:
            if single is not None:
                statement = find_statement(connection, request.actor.name, single[0], voided=single[1])
                if statement is None:
                    raise Problem(404, "not_found", "no such statement of yours")
                return _statement_response(asked, in_form(statement, form, languages))
            wanted = sent.filter(asked, self.store.secret)
            page, after = find_statements(connection, request.actor.name, wanted)
        statements = [in_form(each, form, languages) for each in page]
        return _statement_response(asked, {"statements": statements, "more": _next_page_url(sent, asked, after)})


def _latest(version: str) -> str:
    """The version of a statement that does not state it."""
    return "2.0.0" if version == "2.0" else "1.0.0"


def _statement_response(asked: dict[str, str], data: Any) -> Response:
    text = json.dumps(data, ensure_ascii=False)
    if asked.get("attachments") != "true":
        return Response(text, content_type=JSON)
    body = f"--qihang\r\nContent-Type: {JSON}\r\n\r\n{text}\r\n--qihang--\r\n"
    return Response(body, content_type=f"{MULTIPART}; boundary=qihang")


def _next_page_url(sent: StatementRequest, asked: dict[str, str], after: int) -> str:
    """The URL of the next page, from the root of the requested host; empty if there is none."""
    return f"{sent.prefix}/xapi/statements?{urlencode({**asked, 'cursor': str(after)})}" if after else ""
