"""HTTP errors as problem+json (RFC 9457), each with a code; messages for people are made at the edge."""

import json
from typing import Any

from werkzeug.wrappers import Response

PROBLEM = "application/problem+json"
RETRY_AFTER = {503: "2", 507: "10"}
"""Seconds by status; room on a disk takes a person."""


class Problem(Exception):
    """Raised by a route instead of returning a result.  `more` are extension members, such as `line` and `column`;
    `retry_after` (seconds) is told in its header too."""

    def __init__(self, status: int, code: str, detail: str = "", **more: Any) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.more = status, code, detail, more

    def response(self) -> Response:
        body = {"type": f"urn:qihang:{self.code}", "title": self.code, "status": self.status, "code": self.code,
                "detail": self.detail or self.code} | self.more  # fmt: skip
        response = Response(json.dumps(body, ensure_ascii=False), status=self.status, content_type=PROBLEM)
        if self.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        if self.status == 413:
            response.headers["Connection"] = "close"  # what is still on its way is not read
        if retry_after := str(self.more.get("retry_after", RETRY_AFTER.get(self.status, ""))):
            response.headers["Retry-After"] = retry_after
        return response
