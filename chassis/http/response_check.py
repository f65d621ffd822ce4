"""For tests (QIHANG_CHECK_RESPONSES): turns a response that contradicts its route's documentation into an error."""

import json
from hashlib import sha256
from typing import Any

import marshmallow
from werkzeug.wrappers import Response

from chassis.http.schemas import JSON, Content, Media, Responses, strict
from chassis.process.problems import PROBLEM

NOTHING_MORE = "return=minimal"
"""RFC 7240: of a successful response only the status is wanted."""
MOST_KNOWN = 10_000
_CORRECT: set[tuple[type[marshmallow.Schema], bytes]] = set()
"""Bodies that were checked, as hashes: a rebuild or a comparison reads the same pages of events again."""


def contradictions(responses: Responses, problems: frozenset[int], response: Response) -> Any:
    """The parts of the response that are not documented; falsy if there are none."""
    status = response.status_code
    if response.content_type == PROBLEM:
        return None if status in problems or status >= 500 else f"problem {status} is not documented"
    if status not in responses:
        return f"status {status} is not documented"
    if NOTHING_MORE in response.headers.get("Preference-Applied", ""):
        return "a body where none was wanted" if response.get_data() else None
    return _content(responses[status], response)


def _content(documented: Content, response: Response) -> Any:
    match documented:
        case None:
            return "a body where none is documented" if response.get_data() else None
        case Media():
            return _content((documented,), response)
        case tuple():
            types = {media.type for media in documented}
            return None if response.mimetype in types else f"{response.content_type} is not among {types}"
    if response.mimetype != JSON:
        return f"{response.content_type} instead of JSON"
    return _problems(documented, response.get_data())


def _problems(schema: type[marshmallow.Schema], body: bytes) -> Any:
    known = schema, sha256(body).digest()
    if known in _CORRECT:
        return None
    if wrong := strict(schema).validate(json.loads(body)):
        return wrong
    if len(_CORRECT) >= MOST_KNOWN:
        _CORRECT.clear()
    _CORRECT.add(known)
    return None
