"""HTTP errors as problem+json (RFC 9457), each with a code; texts for people are chosen at the edge (console, CLI)."""

import json
from typing import Any

from werkzeug.wrappers import Response

PROBLEM = "application/problem+json"
RETRY_AFTER = {503: "2", 507: "10"}
"""Default `Retry-After` in seconds, by status.  507 has a longer one: somebody must free disk space first."""


class Problem(Exception):
    """Raised in a route to answer with an error.

    `code` is for programs, `detail` for people; `more` are extension members of the JSON object, such as `line` and
    `column`.  `retry_after` (seconds) is sent as the header `Retry-After` too."""

    def __init__(self, status: int, code: str, detail: str = "", **more: Any) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.more = status, code, detail, more

    def response(self) -> Response:
        """The HTTP response: `{"type", "title", "status", "code", "detail", ...more}`."""
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
