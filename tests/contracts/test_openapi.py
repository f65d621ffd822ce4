"""Every route is documented in full, and a response that is not as documented is reported."""

import importlib
import json
import re
import warnings
from typing import Any

import marshmallow
import pytest
from marshmallow import fields
from werkzeug.wrappers import Response

from chassis.http import openapi
from chassis.http.response_check import contradictions
from chassis.http.routes import ROUTES
from chassis.http.schemas import Media
from chassis.process.problems import Problem
from chassis.process.settings import SERVICES

CLASSES = {name: importlib.import_module(f"services.{name}.service").Service for name in SERVICES}


def test_every_route_has_a_response_schema() -> None:
    routes = [route for route in ROUTES if route.module.startswith(("services.", "chassis."))]
    assert routes and not [f"{route.method} {route.url}" for route in routes if route.responses is None]


@pytest.fixture(params=SERVICES)
def document(request: pytest.FixtureRequest) -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", module="apispec.*")  # two schemas of one name
        return openapi.document(request.param, CLASSES[request.param])


def test_every_reference_leads_somewhere(document: Any) -> None:
    text = json.dumps(document)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_an_address_names_each_of_its_parameters_and_nothing_of_the_router(document: Any) -> None:
    for path, operations in document["paths"].items():
        assert not {*"<>()="} & {*path}, path
        for operation in operations.values():
            named = {each["name"] for each in operation["parameters"] if each.get("in") == "path"}
            assert named == set(re.findall(r"{(\w+)}", path)), path


def test_operation_ids_are_unique(document: Any) -> None:
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_every_operation_says_who_may_and_which_problems_come(document: Any) -> None:
    for path in document["paths"].values():
        for method, operation in path.items():
            open_to_all = operation["security"] == []
            assert open_to_all or {"401", "503"} <= set(operation["responses"])
            assert method in ("get", "head", "options") or {"409", "413", "415", "422"} <= set(operation["responses"])
            assert operation["summary"] and operation["tags"]


class Thing(marshmallow.Schema):
    """A thing."""

    name = fields.String(required=True)


@pytest.mark.parametrize(
    ("response", "wrong"),
    [
        (Response('{"name": "a"}', content_type="application/json"), False),
        (Response('{"name": 1}', content_type="application/json"), True),
        (Response('{"name": "a", "more": 1}', content_type="application/json"), True),
        (Response("{}", content_type="application/json"), True),
        (Response("a", content_type="text/plain"), True),
        (Response('{"name": "a"}', status=201, content_type="application/json"), True),
        (Response(b"", status=204), False),
        (Response(b"x", status=204), True),
        (Response("a,b", status=206, content_type="text/csv; charset=utf-8"), False),
        (Response("a,b", status=206, content_type="text/html"), True),
        (Problem(404, "unknown").response(), False),
        (Problem(409, "conflict").response(), True),
        (Problem(500, "failed").response(), False),
    ],
)
def test_a_response_that_is_not_as_documented_is_reported(response: Response, wrong: bool) -> None:
    documented = {200: Thing, 204: None, 206: Media("text/csv", "rows")}
    assert bool(contradictions(documented, frozenset({404}), response)) is wrong
