"""The doors of a service class as OpenAPI 3.1, from their marshmallow schemas."""

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from chassis.http.routes import ROUTES, RouteDescription


def described(service: str, cls: type) -> dict[str, Any]:
    """The document of one service."""
    spec = APISpec(title=f"Qihang {service}", version="1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()])
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    modules = {base.__module__ for base in cls.__mro__}
    for route in ROUTES:
        if route.module in modules:
            spec.path(
                re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.url), operations={route.method.lower(): _operation(route)}
            )
    return spec.to_dict()


def _operation(route_description: RouteDescription) -> dict[str, Any]:
    names = re.findall(r"<(?:(\w+):)?(\w+)>", route_description.url)
    result: dict[str, Any] = {
        "summary": route_description.summary,
        "responses": {
            "default": {"description": "problem+json (RFC 9457)"},
            "2XX": {"description": route_description.summary},
        },
        "parameters": [
            {"name": name, "in": "path", "required": True,
             "schema": {"type": "integer" if kind == "int" else "string"}} for kind, name in names
        ],
    }  # fmt: skip
    if route_description.roles:
        result["security"] = [{"token": []}]
        result["description"] = "roles: " + ", ".join(route_description.roles)
    if route_description.body is not None:
        result["requestBody"] = {"required": True, "content": {"application/json": {"schema": route_description.body}}}
    return result
