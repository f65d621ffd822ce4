"""The alternative request syntax of version 1.0: a POST with a form, for browsers that cannot set headers."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from werkzeug.datastructures import Headers

from chassis.http.schemas import Media
from chassis.process.problems import Problem
from services.participation.xapi.domain.data_types import is_uuid
from services.participation.xapi.statement_parameters import VERSION, StatementRequest

FORM: Final = Media(
    "application/x-www-form-urlencoded",
    "Version 1.0, with the parameter `method`: headers, parameters and `content` of the request that is meant.",
)
_HEADERS: Final = ("Authorization", VERSION, "Content-Type", "Content-Length", "If-Match", "If-None-Match", "Accept",
                   "Accept-Language")  # fmt: skip
_CONTENT_OF: Final = {"GET": None, "PUT": "content", "POST": "content"}


def is_form_request(sent: StatementRequest) -> bool:
    return "method" in sent.query


def request_in_form(sent: StatementRequest, works: Mapping[str, Any]) -> tuple[StatementRequest, Any]:
    """The request in the form, and the function for its method from `works`."""
    method = sent.query["method"][0]
    if set(sent.query) != {"method"}:
        return _refusing_request(sent, "beside method the address bears no parameters")
    if method not in works:
        return _refusing_request(sent, f"no such method here: {method[:20]}")
    try:
        form = parse_qs(sent.body.decode(), keep_blank_values=True, strict_parsing=bool(sent.body), max_num_fields=50)
    except ValueError:
        return _refusing_request(sent, "the form cannot be read")
    headers = Headers(list(sent.headers))
    headers.remove("Content-Type")
    query: dict[str, list[str]] = {}
    for name, values in form.items():
        header = next((each for each in _HEADERS if each.lower() == name.lower()), None)
        if header:
            headers[header] = values[0]
        elif name != "content":
            query[name] = values
    if method == "PUT" and not is_uuid(query.get("statementId", [""])[0]):
        return _refusing_request(sent, "a PUT names its statementId")
    if _CONTENT_OF[method] and "content" not in form:
        return _refusing_request(sent, "no content")
    headers.setdefault("Content-Type", "application/json")
    body = form.get("content", [""])[0].encode()
    return StatementRequest(query, headers, body, sent.prefix), works[method]


def _refusing_request(sent: StatementRequest, detail: str) -> tuple[StatementRequest, Any]:
    def refuse(*_: Any) -> Any:
        raise Problem(400, "bad_query", detail, column="method")

    return sent, refuse
