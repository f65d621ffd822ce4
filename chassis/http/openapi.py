"""Generates the OpenAPI 3.1 document of a service class from its `@route` declarations and marshmallow schemas."""

import http
import re
from collections.abc import Iterable
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from chassis.http.routes import ROUTES, RouteDescription
from chassis.http.schemas import JSON, Media, ProblemDetails
from chassis.http.server import LONGEST_ADDRESS
from chassis.process.problems import PROBLEM
from chassis.runtime.caught_up import MAX_POSITIONS

_PLACEHOLDER = re.compile(r"<(?:(\w+)(?:\(([^()<>]*)\))?:)?(\w+)>")
"""Werkzeug's: <name>, <int:name>, <any(a,b):name>, <string(minlength=8):name>."""
_LIMITS = {"minlength": "minLength", "maxlength": "maxLength"}
_POSITION = "[a-z]{1,40}/[0-9]{1,9}/[0-9]{1,18}"
_SHARED_PARAMETERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "After": ("X-Qihang-After",
              f"positions, at most {MAX_POSITIONS}, comma separated: waits up to 10 s until they are applied, else 503",
              {"pattern": f"^({_POSITION}(,{_POSITION}){{0,{MAX_POSITIONS - 1}}})?$",
               "examples": ["participation/0/1"]}),
    "Correlation": (
        "X-Correlation-Id", "passed on into every event and log line that follows; absent or over 64 characters: made",
        {},
    ),
}  # fmt: skip
_PROBLEMS = {
    400: "malformed query, header or JSON (`bad_query` names the `column`)",
    401: "no token, or one that is not honoured here",
    403: "the token's roles or units do not allow it",
    404: "there is nothing under this address",
    408: "the body did not come in time",
    409: "it contradicts what is recorded already",
    410: "its content is unreadable: a person's key was destroyed, or the file is not on this machine",
    412: "another version of tus (`Tus-Resumable`)",
    413: "the body is larger than the route takes",
    415: "the body is compressed, or of another media type",
    416: "the file has no such part",
    422: "members are missing, unknown, malformed or refused by a rule",
    423: "somebody else writes to it now",
    429: "asked too often: try again later",
    460: "the bytes are not those of the checksum",
    500: "a fault of the service",
    501: "the standard knows such a resource, and it is not kept here",
    502: "another system that this one drives, such as the broker's management, did not answer or refused",
    503: "busy, starting, not caught up, or a part it needs is away: try again (`Retry-After`)",
    504: "the response took too long",
    507: "the disk is full: nothing was written, try again when there is room (`Retry-After`)",
}


def document(service: str, cls: type) -> dict[str, Any]:
    """The OpenAPI document of one service, as plain data."""
    spec = APISpec(title=f"Qihang {service}", version="1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()],
                   info={"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}})  # fmt: skip
    routes = [route for route in ROUTES if route.module in {base.__module__ for base in cls.__mro__}]
    _shared_components(spec)
    for tag in sorted({_tag(route) for route in routes}):
        spec.tag({"name": tag})
    for route in routes:
        spec.path(_PLACEHOLDER.sub(r"{\3}", route.url), operations={route.method.lower(): _operation(route)})
    return spec.to_dict()


def _shared_components(spec: APISpec) -> None:
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    spec.components.security_scheme("basic", {"type": "http", "scheme": "basic"})
    spec.components.schema("Problem", schema=ProblemDetails)
    for status, description in _PROBLEMS.items():
        spec.components.response(f"Problem{status}", {
            "description": description,
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        })  # fmt: skip
    spec.components.response("TooLong", {"description": f"the address is longer than {LONGEST_ADDRESS} bytes"})
    for key, (name, description, limits) in _SHARED_PARAMETERS.items():
        about = {"name": name, "description": description, "schema": {"type": "string", **limits}}
        spec.components.parameter(key, "header", about)


def _tag(route: RouteDescription) -> str:
    """The feature that declares the route: services.publicity.works.routes -> works."""
    parts = route.module.split(".")
    return parts[-2] if parts[-1] in ("routes", "service") else parts[-1].removesuffix("_routes")


def _operation(route: RouteDescription) -> dict[str, Any]:
    rest = " ".join(route.doc.split())
    who = "Open to anybody." if route.public else f"Roles: {', '.join(route.roles) or 'any'}."
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [_tag(route)],
        "summary": route.summary,
        "description": f"{rest} {who}",
        "parameters": list(_parameters(route)),
        "responses": _responses(route),
        "security": [] if route.public else [{"token": []}, *([{"basic": []}] if route.basic else [])],
    }
    if route.takes_body and (body := _request_content(route)):
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _parameters(route: RouteDescription) -> Iterable[Any]:
    for kind, words, name in _PLACEHOLDER.findall(route.url):
        yield {"name": name, "in": "path", "required": True, "schema": _path_schema(kind, words)}
    if route.query is not None:
        yield {"in": "query", "schema": route.query}
    for name, description in route.headers:
        yield {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}
    yield "Correlation"
    if not route.public:
        yield "After"


def _path_schema(kind: str, words: str) -> dict[str, Any]:
    if kind == "int":
        return {"type": "integer", "minimum": 0}
    if kind == "any":
        return {"type": "string", "enum": words.split(",")}
    limits = dict(word.split("=") for word in words.split(",") if word)
    return {"type": "string", "minLength": 1, **{_LIMITS[limit]: int(number) for limit, number in limits.items()}}


def _request_content(route: RouteDescription) -> dict[str, Any]:
    match route.body:
        case None:
            return {}
        case Media() as media:
            return _media((media,))
        case tuple() as several:
            return _media(several)
        case schema:
            return {JSON: {"schema": schema}}


def _responses(route: RouteDescription) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for status, content in (route.responses or {}).items():
        result[str(status)] = _response(route, status, content)
    for status in sorted(route.problems):
        result.setdefault(str(status), f"Problem{status}")
    result["414"] = "TooLong"
    return result


def _response(route: RouteDescription, status: int, content: Any) -> dict[str, Any]:
    described: dict[str, Any] = {"description": _status_text(route, status)}
    match content:
        case None:
            return described
        case Media() as media:
            described |= {"description": media.description, "content": _media((media,))}
        case tuple() as several:
            described |= {"content": _media(several)}
        case schema:
            about = " ".join((schema.__doc__ or "").split())
            described |= {"description": about or described["description"], "content": {JSON: {"schema": schema}}}
    return described


def _status_text(route: RouteDescription, status: int) -> str:
    return f"{http.HTTPStatus(status).phrase}: {route.summary}"


def _media(several: tuple[Media, ...]) -> dict[str, Any]:
    return {media.type: {"schema": dict(media.schema) or {"description": media.description}} for media in several}
