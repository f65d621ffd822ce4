"""HTTP doors: nameko's web entrypoint with tokens, limits, read-your-writes and problem+json around each handler."""

import functools
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import marshmallow
import structlog
from eventlet.semaphore import Semaphore
from eventlet.timeout import Timeout
from nameko.web.handlers import HttpRequestHandler
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from chassis.events import strict_json
from chassis.http.server import RouteServer
from chassis.process.problems import Problem
from chassis.process.tokens import Actor, BadToken
from chassis.store.database import is_transient
from chassis.store.unit_of_work import Refused

_log = structlog.get_logger(__name__)
SMALL = 64 * 1024
HANDLER_SECONDS, BODY_SECONDS = 300, 30
_bodies = Semaphore(40)  # read at once, of 64 workers

ROUTES: list["RouteDescription"] = []


@dataclass(frozen=True)
class RouteDescription:
    """What the OpenAPI page and docs/http.md say of one door."""

    module: str
    method: str
    url: str
    summary: str
    roles: tuple[str, ...]
    body: type[marshmallow.Schema] | None
    largest: int
    public: bool


class RouteHandler(HttpRequestHandler):  # type: ignore[misc]
    """One door.  The handler is wrapped by `door`, so what arrives here is always a response."""

    server = RouteServer()

    def handle_request(self, request: Request) -> Response:
        """In the greenlet of its connection: one of nameko's workers would cost two turns of the hub and a context that
        nothing here reads, a sixth of a submit (docs/decisions/0017)."""
        request.shallow = False
        service = self.container.service_cls()
        for provider in self.container.dependencies:
            setattr(service, provider.attr_name, provider.get_dependency(None))
        with self.server.turn():
            result: Response = getattr(service, self.method_name)(request, **request.path_values)  # type: ignore[attr-defined]
        return result

    def stop(self) -> None:
        """Returns when every request that was taken is answered (nameko asks that of who spawns no worker)."""
        super().stop()
        self.server.wait_until_idle()


def route(
    method: str,
    url: str,
    roles: tuple[str, ...] = (),
    largest: int = SMALL,
    body: type[marshmallow.Schema] | None = None,
    stream: bool = False,
    public: bool = False,
) -> Callable[[Callable[..., Any]], Any]:
    """Decorator: a handler `(self, call, **path) -> data | (status, data) | Response`.

    `roles`: who may; none: anybody with a good token; `public`: no token.  `largest`: bytes of the body.
    `body`: the marshmallow schema of a JSON body, loaded into `call.json`.  `stream`: the handler reads the body."""

    def wrap(function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        def handler(self: Any, request: Request, **path: Any) -> Response:
            correlation = _correlation(request)
            structlog.contextvars.clear_contextvars()
            structlog.contextvars.bind_contextvars(correlation=correlation, service=self.runtime.service)
            try:
                with Timeout(HANDLER_SECONDS):
                    actor = None if public else _admit(self.runtime, request, roles)
                    call = Call(self.runtime, request, actor, correlation, largest)
                    _check_words(path, request)
                    if not stream and request.method not in ("GET", "HEAD"):
                        _take_body(call, body)
                    if not (public or self.runtime.store.installed):
                        raise Problem(503, "starting", "the store has not answered yet; try again")
                    self.runtime.caught_up.wait_until_applied(request.headers.get("X-Qihang-After"))
                    response = answer(function(self, call, **path))
            except (Exception, Timeout) as error:
                response = _answer_error(error)
            response.headers["X-Correlation-Id"] = correlation
            return response

        summary = (function.__doc__ or "").strip().split("\n")[0]
        ROUTES.append(RouteDescription(function.__module__, method, url, summary, roles, body, largest, public))
        return RouteHandler.decorator(method, url)(handler)

    return wrap


class Call:
    """One request at a door: who asks, and what."""

    def __init__(self, runtime: Any, request: Request, actor: Actor | None, correlation: str, largest: int) -> None:
        self.runtime, self.request, self.correlation = runtime, request, correlation
        self._actor, self._largest = actor, largest
        self.body = b""
        self.json: Any = None

    @property
    def actor(self) -> Actor:
        if self._actor is None:
            raise Problem(401, "no_token", "this door needs a token")
        return self._actor

    @property
    def args(self) -> Any:
        return self.request.args

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number of the query, 0 to `most`."""
        text = self.args.get(name, str(default))
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise Problem(400, "bad_query", f"{name} must be a whole number", column=name)
        return min(int(text), most)

    def pieces(self, size: int = 64 * 1024) -> Iterator[bytes]:
        """The body piece by piece, never more than the door's `largest`."""
        given = self.request.content_length
        if given is not None and given > self._largest:
            raise Problem(413, "too_large", f"at most {self._largest} bytes")
        if self.request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Problem(415, "compressed", "send the body uncompressed")
        source, seen = self.request.environ["wsgi.input"], 0
        while piece := _read(source, size):
            seen += len(piece)
            if seen > self._largest:
                raise Problem(413, "too_large", f"at most {self._largest} bytes")
            yield piece
        if given is not None and seen < given:
            raise Problem(400, "truncated", f"{seen} bytes came, {given} were announced")

    def take_body(self, schema: type[marshmallow.Schema] | None) -> None:
        self.body = b"".join(self.pieces())
        if schema is not None:
            self.json = self.loaded(schema)

    def loaded(self, schema: type[marshmallow.Schema]) -> Any:
        """The body as JSON of that schema; unknown members are refused."""
        try:
            result = strict_json.parse(self.body, self._largest)
            strict_json.check_texts(result)
            return schema(unknown=marshmallow.RAISE).load(result)
        except strict_json.BadJson as error:
            raise Problem(400, error.code, str(error)) from None
        except marshmallow.ValidationError as error:
            raise Problem(422, "bad_body", "members are missing, unknown or malformed",
                          problems=error.messages) from None  # fmt: skip


def _take_body(call: Call, schema: type[marshmallow.Schema] | None) -> None:
    """Slow senders must leave workers for health and for everybody else."""
    if not _bodies.acquire(blocking=False):
        raise Problem(503, "busy", "too many requests at once; try again")
    try:
        with Timeout(BODY_SECONDS, Problem(408, "too_slow", "the body did not come in time")):
            call.take_body(schema)
    finally:
        _bodies.release()


def _read(source: Any, size: int) -> bytes:
    try:
        piece: bytes = source.read(size)
    except TimeoutError:
        raise Problem(408, "too_slow", "the body did not come in time") from None
    except (OSError, ValueError, HTTPException):  # what eventlet and werkzeug raise on broken chunks
        raise Problem(400, "truncated", "the body ended before its end, or is not chunked as it says") from None
    return piece


def _check_words(path: dict[str, Any], request: Request) -> None:
    """What no store could hold is not asked of it."""
    if any(isinstance(item, int) and item >= 2**63 for item in path.values()):
        raise Problem(404, "not_found", "there is nothing of that number")
    words = [*path.values(), *(value for values in request.args.listvalues() for value in values)]
    if any(isinstance(word, str) and "\0" in word for word in words):
        raise Problem(400, "bad_text", "a NUL in the address")


def _correlation(request: Request) -> str:
    given = request.headers.get("X-Correlation-Id", "")
    return given if 0 < len(given) <= 64 and given.isascii() and given.isprintable() else uuid.uuid4().hex


def _admit(runtime: Any, request: Request, roles: tuple[str, ...]) -> Actor:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Problem(401, "no_token", "send `Authorization: Bearer ...`")
    try:
        actor: Actor = runtime.verifier.actor(token.strip())
    except BadToken as error:
        raise Problem(401, error.code, "the token is not honoured here") from None
    if roles and not actor.roles & set(roles):
        raise Problem(403, "not_allowed", f"this door is for {', '.join(roles)}")
    return actor


def answer(result: Any) -> Response:
    """What a handler gave, as a response: data, a status with data, or a response already."""
    if isinstance(result, Response):
        return result
    status, data = result if isinstance(result, tuple) else (200, result)
    if data is None:
        return Response(b"", status=204)
    return Response(json.dumps(data, ensure_ascii=False), status=status, content_type="application/json")


def _answer_error(error: BaseException) -> Response:
    match error:
        case Problem():
            return error.response()
        case Refused():
            status = 409 if error.code in CONFLICTS else 422
            return Problem(status, error.code, error.detail, column=error.column).response()
        case HTTPException():
            return Problem(error.code or 500, "http_error", error.description or "").response()
        case Timeout():
            return Problem(504, "too_slow", "the answer took too long").response()
        case PoolTimeout():
            return Problem(503, "busy", "too many requests at once; try again").response()
        case _ if is_transient(error):
            _log.warning("store away", error=repr(error)[:500])
            return Problem(503, "store_away", "the store does not answer; try again").response()
    _log.error("door failed", error=repr(error), exc_info=error)
    return Problem(500, "failed", "this is a fault of ours; the log bears the correlation id").response()


CONFLICTS = {"conflict", "already_launched", "version_not_higher", "publisher_exists", "no_campaign"}
