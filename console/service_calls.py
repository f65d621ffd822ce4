"""What one request to the console asked of the services: for its `Server-Timing` header, and for page_outages.py."""

import time
from dataclasses import dataclass
from typing import cast

from flask import Response, g, has_app_context


@dataclass(frozen=True)
class Call:
    """One call: which service, the beginning of the path, how long it took, and how it ended."""

    service: str
    path: str
    seconds: float
    status: int


def add(call: Call) -> None:
    """Within a request, in whichever of its threads."""
    if has_app_context():
        calls().append(call)


def calls() -> list[Call]:
    """Those of this request so far."""
    return cast(list[Call], g.setdefault("service_calls", []))


def met_outage() -> bool:
    """Whether this request has found a service away already."""
    return has_app_context() and any(call.status == 502 for call in calls())


def begin() -> None:
    """Before a request."""
    g.began = time.perf_counter()


def add_timing(response: Response) -> Response:
    """`Server-Timing`, for the browser of whoever is signed in: of the console and of each call."""
    if g.get("user") is not None and "began" in g:
        whole = f"console;dur={1000 * (time.perf_counter() - g.began):.1f}"
        each = [f'{call.service};desc="{call.path}";dur={1000 * call.seconds:.1f}' for call in calls()[:30]]
        response.headers["Server-Timing"] = ", ".join([whole, *each])
    return response
