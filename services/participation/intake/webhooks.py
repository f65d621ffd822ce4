"""The handshake of CloudEvents webhooks (HTTP 1.1 Web Hooks for Event Delivery, 4): whether an origin may deliver."""

import re

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

MOST_A_MINUTE = 6000
_ORIGIN = re.compile(r"[A-Za-z0-9*]([A-Za-z0-9.:*-]{0,253})")
_RATE = re.compile(r"[1-9][0-9]{0,8}")
ALLOW = "POST, OPTIONS"


def permission(headers: Headers, most: int, origins: str) -> Response:
    """The answer; without the two headers it is not a permission.  `most`: requests per minute for the token's bearer;
    0: no token.  A callback URL is never called, since it comes from a stranger."""
    answer = Response(b"", status=200, headers={"Allow": ALLOW})
    origin = headers.get("WebHook-Request-Origin", "").strip()
    named = {name.strip().lower() for name in origins.split(",") if name.strip()}
    if _ORIGIN.fullmatch(origin) and (most or "*" in named or origin.lower() in named):
        asked = headers.get("WebHook-Request-Rate", "").strip()
        rate = min(int(asked) if _RATE.fullmatch(asked) else MOST_A_MINUTE, most or MOST_A_MINUTE)
        answer.headers["WebHook-Allowed-Origin"] = origin
        answer.headers["WebHook-Allowed-Rate"] = str(rate)
    return answer
