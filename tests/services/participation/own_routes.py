"""A publisher at the routes that are for itself, in this process."""

from __future__ import annotations

import gzip
import json
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from chassis.http.routes import ROUTES
from tests.services.participation.outside_system import OutsideSystem

_URLS = Map([
    Rule(route.url, methods=[route.method], endpoint=route.name) for route in ROUTES
    if route.module.startswith(("services.participation.holdings", "services.participation.intake"))
])  # fmt: skip
TSV = "text/tab-separated-values"


class OwnRoutes:
    """One publisher; `ask` answers the JSON of that status."""

    def __init__(self, system: OutsideSystem) -> None:
        self.system, self.service = system, system.replica.service

    def ask(self, method: str, path: str, body: bytes = b"", status: int = 200, **headers: str) -> Any:
        response = self.response(method, path, body, **headers)
        assert response.status_code == status, response.get_data(as_text=True)
        return json.loads(response.get_data())

    def response(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        address, _, query = path.partition("?")
        builder = EnvironBuilder(
            path=address, query_string=query, method=method, data=body, headers={"Authorization": "Bearer own", **sent}
        )
        environment = builder.get_environ()
        name, values = _URLS.bind_to_environ(environment).match()
        self.service.runtime.verifier.actor = lambda _: self.system.actor
        return getattr(self.service, name)(Request(environment), **values)

    def differences(self, *lines: str, query: str = "", status: int = 200) -> Any:
        body = gzip.compress("".join(f"{line}\n" for line in lines).encode())
        headers = {"Content_Encoding": "gzip", "Content_Type": TSV}
        answer = self.ask("POST", f"/api/publisher/differences{query}", body, status, **headers)
        return answer if status != 200 else answer["differences"]
