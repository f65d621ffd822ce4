"""What the coverage phase of schemathesis would send for every property and address, asked without HTTP: each JSON type
at each place of each body, and each method at each address (`sent_once.py`: what it sends of it)."""

from __future__ import annotations

import functools
import importlib
import itertools
import re
from collections.abc import Iterator
from typing import Any

import marshmallow
import pytest
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Map, Rule

from chassis.http import openapi
from chassis.http.routes import ROUTES, RouteDescription
from chassis.http.schemas import JSON, strict
from chassis.process.settings import SERVICES

METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "TRACE", "QUERY", "BREW")
"""All that schemathesis tries, and one that nobody knows."""
VALUES: tuple[tuple[str, Any], ...] = (
    ("null", None), ("boolean", True), ("boolean", False), ("integer", 5), ("number", 1.5), ("string", "x"),
    ("string", "5"), ("array", []), ("array", [[]]), ("object", {}), ("object", {"x": 1}),
)  # fmt: skip
"""Not the text `true`, which marshmallow takes for a boolean."""
ALSO = {"integer": {"number"}}
"""A JSON integer is a number too."""
PLACEHOLDER = re.compile(r"<(?:(\w+)(?:\(([^()<>]*)\))?:)?\w+>")
"""Of the router, as in chassis/http/openapi.py."""
Step = str | int


class Place:
    """Where in a body a value stands, and the schemas that may hold there."""

    def __init__(self, steps: tuple[Step, ...], schemas: list[dict[str, Any]]) -> None:
        self.steps, self.schemas = steps, schemas

    def allows(self, kind: str, value: Any) -> bool:
        return any(_allows(schema, kind, value) for schema in self.schemas)

    def body(self, value: Any) -> Any:
        for step in reversed(self.steps):
            value = [value] if step == 0 else {step: value}
        return value


def _allows(schema: dict[str, Any], kind: str, value: Any) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    types = schema.get("type", [])
    named = {types} if isinstance(types, str) else {*types}
    return not named or bool({kind, *ALSO.get(kind, ())} & named)


def alternatives(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema without references and choices."""
    if "$ref" in schema:
        named = schema["$ref"].removeprefix("#/components/schemas/")
        return alternatives(document, document["components"]["schemas"][named])
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return [item for each in schema[choice] for item in alternatives(document, each)]
    return [schema]


def places(document: dict[str, Any], schema: dict[str, Any], steps: tuple[Step, ...] = ()) -> Iterator[Place]:
    """Every place of a body, the body itself first."""
    schemas = alternatives(document, schema)
    yield Place(steps, schemas)
    for each in schemas:
        for name, inner in each.get("properties", {}).items():
            yield from places(document, inner, (*steps, name))
        if "items" in each:
            yield from places(document, each["items"], (*steps, 0))


def operations(service: str) -> list[tuple[RouteDescription, dict[str, Any]]]:
    """Each route of a service with what its document says of it."""
    cls = importlib.import_module(f"services.{service}.service").Service
    routes = {route.name: route for route in ROUTES if route.module in {base.__module__ for base in cls.__mro__}}
    return [(routes[operation["operationId"]], operation)
            for item in document_of(service)["paths"].values() for operation in item.values()]  # fmt: skip


@functools.cache
def document_of(service: str) -> dict[str, Any]:
    return openapi.document(service, importlib.import_module(f"services.{service}.service").Service)


def error_at(messages: Any, steps: tuple[Step, ...]) -> Any:
    """What marshmallow says of that place, or of one that it is in."""
    for step in steps:
        if not isinstance(messages, dict) or step not in messages:
            break
        messages = messages[step]
    else:
        return messages
    return messages if isinstance(messages, list) else messages.get("_schema")


def accepted_wrongly(route: RouteDescription, place: Place) -> Iterator[str]:
    assert isinstance(route.body, type)
    for kind, value in VALUES:
        if place.allows(kind, value):
            continue
        try:
            strict(route.body).load(place.body(value))
        except marshmallow.ValidationError as error:
            if error_at(error.messages, place.steps):
                continue
        yield f"{route.method} {route.url}: {place.steps} = {value!r}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_value_of_another_type_than_documented_is_refused_where_it_stands(service: str) -> None:
    documented = [(route, operation["requestBody"]["content"][JSON]["schema"])
                  for route, operation in operations(service) if isinstance(route.body, type)]  # fmt: skip
    asked = [(route, place) for route, schema in documented for place in places(document_of(service), schema)]
    assert len(asked) > 20
    assert list(itertools.chain.from_iterable(accepted_wrongly(*each) for each in asked)) == []


def accepted_in_query(route: RouteDescription, parameter: dict[str, Any]) -> Iterator[str]:
    assert route.query is not None
    name, schema = parameter["name"], parameter["schema"]
    if schema.get("type") in ("integer", "number", "boolean") or "enum" in schema:
        for value in ("x", "", "null", "[]", "{}", "1.5.2"):
            try:
                route.query().load({name: value}, unknown=marshmallow.EXCLUDE)
            except marshmallow.ValidationError as error:
                if name in error.messages_dict:
                    continue
            if value not in schema.get("enum", ()):
                yield f"{route.method} {route.url}?{name}={value}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_parameter_of_another_type_than_documented_is_refused_by_name(service: str) -> None:
    asked = [(route, parameter) for route, operation in operations(service)
             for parameter in operation["parameters"] if parameter.get("in") == "query"]  # fmt: skip
    assert len(asked) > 10
    assert list(itertools.chain.from_iterable(accepted_in_query(*each) for each in asked)) == []


@pytest.mark.parametrize("service", SERVICES)
def test_at_every_address_every_method_that_is_not_documented_is_refused(service: str) -> None:
    """The server makes 405 and `Allow` of what its router says: tests/chassis/holes/test_routes.py, and once for every
    address schemathesis."""
    routes = [route for route, _ in operations(service)]
    router = Map([Rule(route.url, methods=[route.method]) for route in routes]).bind("localhost")
    for url in sorted({route.url for route in routes}):
        known = {route.method for route in routes if re.fullmatch(pattern(route.url), sample(url))}
        own = {route.method for route in routes if route.url == url}
        for method in {*METHODS} - known:
            with pytest.raises(MethodNotAllowed) as refused:
                router.match(sample(url), method)
            assert own <= {*(refused.value.valid_methods or ())}, (url, method)


def pattern(url: str) -> str:
    """All addresses of that form."""
    return PLACEHOLDER.sub(_pattern_of, url)


def _pattern_of(placeholder: re.Match[str]) -> str:
    kind, words = placeholder[1], placeholder[2] or ""
    return {"int": "[0-9]+", "any": f"({words.replace(',', '|')})"}.get(kind, "[^/]+")


def sample(url: str) -> str:
    """An address of that form."""
    return PLACEHOLDER.sub(_sample_word, url)


def _sample_word(placeholder: re.Match[str]) -> str:
    kind, words = placeholder[1], placeholder[2] or ""
    return {"int": "7", "any": words.split(",")[0]}.get(kind, "x" * 12)
