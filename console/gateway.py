"""`/s/<service>/<path>`: passes requests on to a service and its answers back, in pieces, deciding nothing."""

from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

import requests
from flask import Blueprint, Response, request

from console.problems import problem
from console.sessions import CSRF_HEADER
from console.tokens import mint
from console.wiring import parts

pages = Blueprint("gateway", __name__)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
SAFE = frozenset({"GET", "HEAD"})
PIECE = 64 * 1024
BODY_LIMIT = 2 * 1024**2  # the intake's own limit is 1 MiB, and it shall be the one to say so
HOP_BY_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "trailers",
        "transfer-encoding",
        "upgrade",
    ]
)
NOT_PASSED_ON = HOP_BY_HOP | {"host", "cookie", "content-length", "expect", "forwarded", CSRF_HEADER.lower()}
NOT_PASSED_BACK = HOP_BY_HOP | {"set-cookie", "server", "date"}
PATH_SAFE = "/:@!$&'()*+,;=~-._"


class Body:
    """The caller's body, read as the service takes it; `len` makes requests send a Content-Length."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self._stream = stream
        self.len = length

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(PIECE if size < 0 else size)

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(PIECE):
            yield piece


@pages.route("/s/<service>/<path:path>", methods=METHODS)
def forward(service: str, path: str) -> Response:
    address = parts().settings.peers.get(service)
    if address is None:
        return problem(404, "unknown_service", f"没有服务 {service}")
    headers = _headers_on()
    if "Authorization" not in headers and (user := parts().sessions.user()):
        if request.method not in SAFE and not parts().sessions.csrf_given(request):
            return problem(403, "csrf", f"缺少请求头 {CSRF_HEADER}，请刷新页面后再试")
        settings = parts().settings
        headers["Authorization"] = f"Bearer {mint(settings.signing_key, settings.district, user)}"
    limit = parts().settings.upload_limit if _is_upload(service, path) else BODY_LIMIT
    request.max_content_length = limit
    if (request.content_length or 0) > limit:
        return problem(413, "body_too_large", f"请求内容超过 {limit} 字节")
    url = f"{address}/{quote(path, safe=PATH_SAFE)}"
    if request.query_string:
        url += "?" + request.query_string.decode("latin-1")
    try:
        answer = parts().upstream.open(request.method, url, headers, _body_on())
    except requests.Timeout:
        return problem(504, "service_slow", f"{service} 答复太慢")
    except requests.RequestException:
        return problem(502, "service_away", f"{service} 没有答复")
    return _answer_back(answer)


def _headers_on() -> dict[str, str]:
    named = {name.strip().lower() for name in request.headers.get("Connection", "").split(",")}
    headers = {
        name: value
        for name, value in request.headers.items()
        if name.lower() not in NOT_PASSED_ON | named and not name.lower().startswith("x-forwarded-")
    }
    headers["X-Forwarded-For"] = request.remote_addr or ""
    return headers


def _body_on() -> Body | Iterator[bytes] | bytes | None:
    if request.content_length:
        return Body(request.stream, request.content_length)
    if request.content_length is None and "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        return iter(lambda: request.stream.read(PIECE), b"")
    return None if request.method in SAFE else b""


def _is_upload(service: str, path: str) -> bool:
    steps = path.split("/")
    if request.method != "PUT":
        return False
    if service == "publicity":
        return len(steps) in (3, 4) and steps[0] == "api" and steps[1] in ("works", "articles")
    return service == "participation" and len(steps) == 5 and steps[:2] == ["api", "imports"] and steps[3] == "files"


def _answer_back(answer: requests.Response) -> Response:
    named = {name.strip().lower() for name in answer.headers.get("Connection", "").split(",")}
    headers = [pair for pair in answer.headers.items() if pair[0].lower() not in NOT_PASSED_BACK | named]
    # Not decoded: what the service compressed stays so, and its Content-Length stays true.
    pieces = answer.raw.stream(PIECE, decode_content=False)
    back = Response(pieces, answer.status_code, headers, direct_passthrough=True)
    back.call_on_close(answer.close)
    return back
