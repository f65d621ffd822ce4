"""`/s/<service>/<path>`: forwards requests to a service and streams its response back, unchanged."""

import posixpath
import re
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote, urlencode

import jwt
import requests
from flask import Blueprint, Response, request

from console import csrf
from console.components import components
from console.guard import LONGEST_PATH
from console.problems import problem
from console.tokens import issue_token
from console.users import User

blueprint = Blueprint("gateway", __name__)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
INSIDE_ONLY = frozenset({"livez", "readyz", "metrics", "openapi.json"})
"""What only machines of the inside ask the services for, at their own ports."""
PERSONAL = re.compile(
    r"GET (participation/api/(people(/search)?|units/[^/]+/people|posts|history/.+"
    r"|directory/(units/.+|people(/.+)?)|mine/service"
    r"|imports/[^/]+/(refused|notes|files/.+)|rosters/[^/]+|templates/[^/]+|evidence(/[^/]+)?|bundles/[^/]+/file"
    r"|quarter-sheets/[^/]+/[^/]+|waiting|exemptions|filings(/.+)?|findings/.+|mine/filings"
    r"|publisher/rows/.+/.+|subscriptions/[^/]+/events)"
    r"|participation/xapi/statements"
    r"|[a-z]+/(feed(/.*)?|api/(quarantine(/(?!groups$).+)?|verify/(inbox|rows)|people/[^/]+/record))"
    r"|assessment/api/(duties/people|reports/[^/]+/.+)"
    r"|publicity/api/(works(/.+)?|works-for-use|reviews|reviewers|selections|anthologies/[^/]+(/.+)?"
    r"|articles/[^/]+(/(package|screenshot))?|readers/candidates|proofs/.+)"
    r"|notifications/api/(contacts|inboxes/.+|preview))"
    r"|POST participation/api/(names|look-up)"
    r"|POST participation/api/candidate-names|GET (assessment/api/candidates|participation/api/decision-proposals)"
)
"""Methods and addresses whose answers bear names or texts of persons; a test holds them to the services' routes."""
THUMB = "thumb"
"""Of a picture of evidence: dozens come with one page; what is opened is written down."""
SEARCHED = frozenset({"text", "access_token"})
"""What is searched for may be a name, which no log keeps; nor is a token that somebody put into an address."""
SAFE = frozenset({"GET", "HEAD"})
CHUNK_BYTES = 64 * 1024
BODY_LIMIT = 2 * 1024**2  # above the intake's own limit of 1 MiB, so that the intake reports it
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
DROPPED_REQUEST_HEADERS = HOP_BY_HOP | {"host", "cookie", "content-length", "expect", "forwarded", csrf.HEADER.lower()}
DROPPED_RESPONSE_HEADERS = HOP_BY_HOP | {"set-cookie", "server", "date"}
PATH_SAFE = "/:@!$&'()*+,;=~-._"


class RequestBody:
    """The caller's body as a stream; because of `len` requests sends a Content-Length."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self._stream = stream
        self.len = length

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(CHUNK_BYTES if size < 0 else size)

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(CHUNK_BYTES):
            yield chunk


@blueprint.route("/s/<service>/<path:path>", methods=METHODS)
def forward(service: str, path: str) -> Response:
    address = components().settings.peers.get(service)
    if address is None:
        return problem(404, "unknown_service", f"没有服务 {service}")
    if posixpath.normpath(f"/{path}").strip("/") in INSIDE_ONLY:
        return problem(404, "not_found", "没有这个地址")
    headers = _request_headers()
    headers["X-Forwarded-Prefix"] = f"/s/{service}"
    user = None if "Authorization" in headers else components().sessions.user()
    if user:
        if request.method not in SAFE and not csrf.header_is_valid():
            return problem(403, "csrf", f"缺少请求头 {csrf.HEADER}，请刷新页面后再试")
        if user.must_change:
            return problem(403, "password_must_change", "请先修改初始密码")
        if components().second_steps.is_asked_for(user) and (refused := _second_step_problem(user)):
            return refused
        settings = components().settings
        headers["Authorization"] = f"Bearer {issue_token(settings.signing_key, settings.district, user)}"
    limit = components().settings.upload_limit if _is_upload(service, path) else BODY_LIMIT
    request.max_content_length = limit
    if (request.content_length or 0) > limit:
        return problem(413, "body_too_large", f"请求内容超过 {limit} 字节")
    url = f"{address}/{quote(path, safe=PATH_SAFE)}"
    if request.query_string:
        url += "?" + request.query_string.decode("latin-1")
    try:
        answer = components().services.forward(request.method, url, headers, _request_body())
    except requests.Timeout:
        return problem(504, "service_slow", f"{service} 答复太慢")
    except requests.RequestException:
        return problem(502, "service_away", f"{service} 没有答复")
    if user:
        _write_down(user.account_id, f"{service}/{path}", answer)
    elif answer.ok:
        _write_down(
            _bearer(headers["Authorization"]) if "Authorization" in headers else "", f"{service}/{path}", answer
        )
    return _stream_back(answer)


def _second_step_problem(user: User) -> Response | None:
    """Of a user without a second step: who is obliged to have one may not call services, and while nobody can say
    whether they are, neither."""
    user = components().profiles.with_profile(user)
    if components().second_steps.is_missing(user):
        return problem(403, "second_step_missing", "请先启用两步验证")
    return None if user.profile.known else problem(503, "service_away", "暂时查不到您的岗位职务，请稍后再试")


def _bearer(authorization: str) -> str:
    """Who a token names that a service has just honoured: a command's, or an outside system's."""
    try:
        claims = jwt.decode(authorization.partition(" ")[2].strip(), options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return "token"
    return f"{claims.get('iss')}:{claims.get('sub')}"[:LONGEST_PATH]


def _write_down(account_id: str, path: str, answer: requests.Response) -> None:
    """In the security log: what a service refused to whoever is signed in, and the personal data that it gave to
    anybody."""
    what = f"{request.method} {path}"[:LONGEST_PATH]
    if answer.status_code == 403:
        components().security_log.write_once("refused", account_id, what)
    elif request.args.get("form") == THUMB:
        return
    elif answer.ok and PERSONAL.fullmatch(f"{request.method} {posixpath.normpath(path)}"):
        named = [(key, value) for key, value in request.args.items(multi=True) if key not in SEARCHED]
        asked = f"{what}?{urlencode(named)}" if named else what
        components().security_log.write_once("export", account_id, asked[:LONGEST_PATH])


def _request_headers() -> dict[str, str]:
    connection_headers = {name.strip().lower() for name in request.headers.get("Connection", "").split(",")}
    headers = {
        name: value
        for name, value in request.headers.items()
        if name.lower() not in DROPPED_REQUEST_HEADERS | connection_headers
        and not name.lower().startswith("x-forwarded-")
    }
    headers["X-Forwarded-For"] = request.remote_addr or ""
    return headers


def _request_body() -> RequestBody | Iterator[bytes] | bytes | None:
    if request.content_length:
        return RequestBody(request.stream, request.content_length)
    if request.content_length is None and "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        return iter(lambda: request.stream.read(CHUNK_BYTES), b"")
    return None if request.method in SAFE else b""


def _is_upload(service: str, path: str) -> bool:
    steps = path.split("/")
    if request.method in ("POST", "PATCH"):
        return service == "participation" and path.startswith(("api/evidence/uploads", "api/publisher/differences"))
    if request.method != "PUT":
        return False
    if service == "publicity":
        return len(steps) in (3, 4) and steps[0] == "api" and steps[1] in ("works", "articles")
    return service == "participation" and len(steps) == 5 and steps[:2] == ["api", "imports"] and steps[3] == "files"


def _stream_back(answer: requests.Response) -> Response:
    connection_headers = {name.strip().lower() for name in answer.headers.get("Connection", "").split(",")}
    headers = [
        pair for pair in answer.headers.items() if pair[0].lower() not in DROPPED_RESPONSE_HEADERS | connection_headers
    ]
    # Not decoded: what the service compressed stays so, and its Content-Length stays true.
    chunks = answer.raw.stream(CHUNK_BYTES, decode_content=False)
    response = Response(chunks, answer.status_code, headers, direct_passthrough=True)
    response.call_on_close(answer.close)
    return response
