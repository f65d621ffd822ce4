"""The doors of a service class as OpenAPI 3.1, from their marshmallow schemas."""

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from chassis.doors import DOORS, Described


def described(service: str, cls: type) -> dict[str, Any]:
    """The document of one service."""
    spec = APISpec(title=f"Qihang {service}", version="1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()])
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    modules = {base.__module__ for base in cls.__mro__}
    for one in DOORS:
        if one.module in modules:
            spec.path(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", one.url), operations={one.method.lower(): _operation(one)})
    return spec.to_dict()


def _operation(one: Described) -> dict[str, Any]:
    names = re.findall(r"<(?:(\w+):)?(\w+)>", one.url)
    made: dict[str, Any] = {
        "summary": one.summary,
        "responses": {
            "default": {"description": "problem+json (RFC 9457)"},
            "2XX": {"description": one.summary},
        },
        "parameters": [
            {"name": name, "in": "path", "required": True,
             "schema": {"type": "integer" if kind == "int" else "string"}} for kind, name in names
        ],
    }  # fmt: skip
    if one.roles:
        made["security"] = [{"token": []}]
        made["description"] = "roles: " + ", ".join(one.roles)
    if one.body is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": one.body}}}
    return made
