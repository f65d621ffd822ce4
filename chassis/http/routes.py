"""HTTP routes: nameko's web entrypoint with tokens, limits, schemas, read-your-writes and problem+json."""

import functools
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import marshmallow
import structlog
from eventlet.timeout import Timeout
from nameko.web.handlers import HttpRequestHandler
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from chassis.http.request import RouteRequest, bearer
from chassis.http.response_check import contradictions
from chassis.http.schemas import Content, Media, Responses, as_responses
from chassis.http.server import RouteServer
from chassis.process.extension_parts import DeclaredParts
from chassis.process.problems import Problem
from chassis.process.quiet_log import QuietLog
from chassis.process.text import escape_line, fault_of, is_line
from chassis.process.tokens import Actor
from chassis.runtime.extensions import service_instance
from chassis.store.database import is_transient
from chassis.store.write_health import DISK_FULL, FAILED, LOCKED, READ_ONLY, write_fault

_log = structlog.get_logger(__name__)
_warnings = QuietLog(_log)
SMALL = 64 * 1024
HANDLER_SECONDS = 300
_READS = ("GET", "HEAD", "OPTIONS")

ROUTES: list["RouteDescription"] = []


class Right(Protocol):
    """The right that a route requires of its caller, beyond a valid token."""

    @property
    def name(self) -> str: ...

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that may have the right, for documentation."""

    def admit(self, actor: Actor) -> Actor:
        """The caller as the actor of this request.  Raises Problem 403 if the caller has the right on no subject."""

    def absent(self, actor: Actor, problem: Problem) -> Problem:
        """The problem to answer instead of this 404, so that the caller does not learn that the thing does not
        exist."""


Body = type[marshmallow.Schema] | Media | tuple[Media, ...] | None


@dataclass(frozen=True)
class RouteDescription:
    """What OpenAPI and docs/http.md document of one route."""

    module: str
    name: str
    method: str
    url: str
    doc: str
    roles: tuple[str, ...]
    body: Body
    query: type[marshmallow.Schema] | None
    headers: tuple[tuple[str, str], ...]
    responses: Responses | None
    also: tuple[int, ...]
    largest: int
    stream: bool
    public: bool
    right: Right | None = None
    basic: bool = False

    @property
    def summary(self) -> str:
        return self.doc.split("\n")[0]

    @property
    def takes_body(self) -> bool:
        return self.method not in _READS

    @functools.cached_property
    def problems(self) -> frozenset[int]:
        """The 4xx and 5xx statuses that the route may answer, as problem+json."""
        statuses = {400, 422, 500, 503, 504, 507, *self.also}
        statuses |= set() if self.public else {401}
        statuses |= {403} if self.roles else set()
        statuses |= {404} if "<" in self.url else set()
        statuses |= {408, 409, 413, 415} if self.takes_body else set()
        return frozenset(statuses)


class RouteHandler(DeclaredParts, HttpRequestHandler):  # type: ignore[misc]
    """The entrypoint of one route.  `route` wraps the handler, so that its result is always a response."""

    server = RouteServer()

    def handle_request(self, request: Request) -> Response:
        """Handles the request in the greenlet of its connection: a nameko worker would cost two switches of the hub and
        an unused context, a sixth of the time of a submit (docs/decisions/0017)."""
        request.shallow = False
        service = service_instance(self.container)
        with self.server.worker_slot():
            result: Response = getattr(service, self.method_name)(request, **request.path_values)  # type: ignore[attr-defined]
        return result

    def stop(self) -> None:
        """Returns when every accepted request is answered; nameko expects that of an entrypoint that spawns no
        worker."""
        super().stop()
        self.server.wait_until_idle()


def route(
    method: str,
    url: str,
    *,
    roles: tuple[str, ...] = (),
    right: Right | None = None,
    body: Body = None,
    query: type[marshmallow.Schema] | None = None,
    response: Content | Responses = None,
    headers: dict[str, str] | None = None,
    problems: tuple[int, ...] = (),
    largest: int = SMALL,
    stream: bool = False,
    public: bool = False,
    basic: bool = False,
) -> Callable[[Callable[..., Any]], Any]:
    """Decorator of a handler `(self, request, **path) -> data | (status, data) | Response`.

    `roles`: who may call it, or `right`: the required right; without both, anybody with a valid token; `public`: no
    token. `basic`: the token may be the password of HTTP Basic, for senders that support nothing else.  `largest`: the
    most bytes of the body.  `body`: the marshmallow schema of a JSON body, loaded into `request.json`, or the media
    types of another body.  `query`: the schema of the query, loaded into `request.query`.  `stream`: the handler reads
    the body itself.  `response`: the schema (or Media) of the response, or one per status (None: no body); it is
    documentation, and tests validate every response against it.  `headers`: header parameters.  `problems`: statuses of
    errors beyond the usual ones."""

    def wrap(function: Callable[..., Any]) -> Any:
        described = RouteDescription(
            function.__module__, function.__name__, method, url, (function.__doc__ or "").strip(),
            right.roles if right else roles, body, query,
            tuple((headers or {}).items()), as_responses(response), problems, largest, stream, public,
            right, basic)  # fmt: skip
        query_schema = query() if query is not None else None

        @functools.wraps(function)
        def handler(self: Any, http_request: Request, **path: Any) -> Response:
            correlation = _correlation(http_request)
            structlog.contextvars.clear_contextvars()
            structlog.contextvars.bind_contextvars(correlation=correlation, service=self.runtime.service)
            request = None
            try:
                with Timeout(HANDLER_SECONDS):
                    request = _authenticate(self.runtime, described, http_request, correlation)
                    self.runtime.latest_requests.note(described.module)
                    _accept(request, described, query_schema, path)
                    result = answer(function(self, request, **path))
            except (Exception, Timeout) as error:
                result = _answer_error(_conceal_absence(described, request, error))
            finally:
                if request is not None:
                    request.release()
            if self.runtime.settings.check_responses:
                result = _check_response(described, result)
            result.headers["X-Correlation-Id"] = correlation
            return result

        ROUTES.append(described)
        return RouteHandler.decorator(method, url)(handler)

    return wrap


def _authenticate(runtime: Any, route: RouteDescription, http_request: Request, correlation: str) -> RouteRequest:
    """The request with its authenticated and admitted caller.  Problem 401, 403."""
    actor = None if route.public else _admit(runtime, http_request, route)
    return RouteRequest(runtime, http_request, actor, correlation, route.largest)


def _accept(request: RouteRequest, route: RouteDescription, query_schema: marshmallow.Schema | None,
            path: dict[str, Any]) -> None:  # fmt: skip
    """The steps common to all routes after authentication: query, body, read-your-writes.  Raises Problem."""
    runtime, http_request = request.runtime, request.http_request
    _check_words(path, http_request)
    if query_schema is not None:
        request.load_query(query_schema)
    if route.takes_body and not route.stream:
        request.read_body(route.body if isinstance(route.body, type) else None)
    if not (route.public or runtime.store.installed):
        raise Problem(503, "starting", "the store has not answered yet; try again")
    if not route.public:  # a caller without a token must not make us wait
        runtime.caught_up.wait_until_applied(http_request.headers.get("X-Qihang-After"))


def _check_response(route: RouteDescription, response: Response) -> Response:
    if route.responses is None or not (wrong := contradictions(route.responses, route.problems, response)):
        return response
    _log.error("response is not as documented", route=f"{route.method} {route.url}", wrong=wrong)
    return Problem(500, "undocumented_response", f"{route.method} {route.url}: {wrong}").response()


def _check_words(path: dict[str, Any], request: Request) -> None:
    """Reject text and numbers in path and query that no store can hold.  Problem 404, 422."""
    if any(isinstance(item, int) and item >= 2**63 for item in path.values()):
        raise Problem(404, "not_found", "there is nothing of that number")
    words = [*path.values(), *(value for values in request.args.listvalues() for value in values)]
    for word in words:
        if isinstance(word, str) and not is_line(word):
            detail = f"a character in the address that no text may have ({fault_of(word)}): {escape_line(word[:60])}"
            raise Problem(422, "bad_text", detail)


def _correlation(request: Request) -> str:
    given = request.headers.get("X-Correlation-Id", "")
    return given if 0 < len(given) <= 64 and given.isascii() and given.isprintable() else uuid.uuid4().hex


def _admit(runtime: Any, request: Request, route: RouteDescription) -> Actor:
    actor = bearer(runtime.verifier, request, basic=route.basic)
    if route.right is not None:
        return route.right.admit(runtime.identify(actor))
    if route.roles and not actor.roles & set(route.roles):
        raise Problem(403, "not_allowed", f"this route is for {', '.join(route.roles)}")
    return actor


def answer(result: Any) -> Response:
    """The result of a handler as a response: data, (status, data), or a response already."""
    if isinstance(result, Response):
        return result
    status, data = result if isinstance(result, tuple) else (200, result)
    if data is None:
        return Response(b"", status=204)
    return Response(json.dumps(data, ensure_ascii=False), status=status, content_type="application/json")


def _conceal_absence(route: RouteDescription, request: RouteRequest | None, error: BaseException) -> BaseException:
    """The error for a caller who may not know whether a thing exists, in place of a 404 (docs/decisions/0101)."""
    if route.right is None or request is None or not isinstance(error, Problem) or error.status != 404:
        return error
    return route.right.absent(request.actor, error)


_NOT_WRITTEN = {
    DISK_FULL: (507, "disk_full", "服务器的磁盘已满，没有写入。腾出空间后会自动恢复，届时再试一次即可。"),
    READ_ONLY: (503, "read_only", "数据库现在只能读取，没有写入。恢复可写后再试一次即可。"),
    LOCKED: (503, "locked", "数据库正被其他程序占用，没有写入。请稍后再试一次。"),
    FAILED: (503, "write_failed", "写入磁盘时出错，没有写入。请运维人员检查磁盘。"),
}
_AWAY = (503, "store_away", "数据库暂时没有答复，没有写入。请稍后再试一次。")


def _not_written(word: str) -> Problem:
    """The problem for a store that cannot be written now, with the reason; a retry may succeed."""
    return Problem(*_NOT_WRITTEN.get(word, _AWAY))


def _answer_error(error: BaseException) -> Response:
    match error:
        case Problem():
            return error.response()
        case HTTPException():
            return Problem(error.code or 500, "http_error", error.description or "").response()
        case Timeout():
            return Problem(504, "too_slow", "the answer took too long").response()
        case PoolTimeout():
            return Problem(503, "busy", "too many requests at once; try again").response()
        case _ if (word := write_fault(error)) or is_transient(error):
            _warnings.warning("store away", word or type(error).__name__, error=repr(error)[:500])
            return _not_written(word).response()
    _log.error("route failed", error=repr(error), exc_info=error)
    return Problem(500, "failed", "this is a fault of ours; the log has it under the correlation id").response()
