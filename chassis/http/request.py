"""One request to a route: its caller, query, and body, read within limits of size, time and memory."""

from collections.abc import Iterator
from typing import Any

import marshmallow
from eventlet.semaphore import Semaphore
from eventlet.timeout import Timeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from chassis.events import strict_json
from chassis.http.schemas import strict
from chassis.process.problems import Problem
from chassis.process.tokens import Actor, BadToken

BODY_SECONDS = 30
IN_ADDRESS = "access_token"
_EXPOSED = (
    "a token in the address is not taken, for addresses are written down on their way: "
    "send `Authorization: Bearer ...`, or Basic; ask the operator for a new token, this one may be known to others"
)
_bodies = Semaphore(40)  # bodies read at the same time, of 64 workers
BODY_MEMORY = 64 << 20
"""The most bytes of all bodies in memory at once; a single one may always be as large as its route allows."""


class BodyMemory:
    """Counts the bytes of request bodies in memory in this process."""

    total = 0


_memory = BodyMemory()


class RouteRequest:
    """The argument of a route's handler: `actor`, `correlation`, `query` and `json` (loaded by the route's schemas),
    `body`."""

    def __init__(
        self, runtime: Any, http_request: Request, actor: Actor | None, correlation: str, largest: int
    ) -> None:
        self.runtime, self.http_request, self.correlation = runtime, http_request, correlation
        self._actor, self._largest = actor, largest
        self.body = b""
        self._in_memory = 0
        self.json: Any = None
        self.query: dict[str, Any] = {}

    @property
    def actor(self) -> Actor:
        if self._actor is None:
            raise Problem(401, "no_token", "this route needs a token")
        return self._actor

    def identified(self) -> Actor:
        """The caller with the posts that this service knows of; for a route that checks rights itself.  Problem 503."""
        actor: Actor = self.runtime.identify(self.actor)
        return actor

    def named_anyway(self, *, basic: bool = False) -> Actor | None:
        """The caller of a public route if the request has a valid token, else None."""
        try:
            return bearer(self.runtime.verifier, self.http_request, basic=basic)
        except Problem:
            return None

    def load_query(self, schema: marshmallow.Schema) -> None:
        """Load the query; unknown parameters are ignored, and of a repeated one the first counts.  Problem 400."""
        try:
            self.query = schema.load(self.http_request.args.to_dict(), unknown=marshmallow.EXCLUDE)
        except marshmallow.ValidationError as error:
            name, messages = next(iter(error.messages_dict.items()))
            detail = messages[0] if isinstance(messages, list) else str(messages)
            raise Problem(400, "bad_query", f"{name}: {detail}", column=name) from None

    @property
    def is_gzip(self) -> bool:
        return bool(self.http_request.headers.get("Content-Encoding", "").strip().lower() == "gzip")

    def chunks(self, size: int = 64 * 1024, packed: bool = False) -> Iterator[bytes]:
        """The body in chunks, at most the route's `largest` bytes in all.  `packed`: accept gzip, without decompressing
        it."""
        announced = self.http_request.content_length
        if announced is not None and announced > self._largest:
            raise Problem(413, "too_large", f"at most {self._largest} bytes")
        encoding = self.http_request.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding != "identity" and not (packed and encoding == "gzip"):
            raise Problem(415, "compressed", "send the body uncompressed")
        source, received = self.http_request.environ["wsgi.input"], 0
        while chunk := _read_in_time(source, size):
            received += len(chunk)
            if received > self._largest:
                raise Problem(413, "too_large", f"at most {self._largest} bytes")
            yield chunk
        if announced is not None and received < announced:
            raise Problem(400, "truncated", f"{received} bytes came, {announced} were announced")

    def read_body(self, schema: type[marshmallow.Schema] | None) -> None:
        """Read the body within BODY_SECONDS: slow senders must not occupy the workers that health checks and others
        need."""
        if not _bodies.acquire(blocking=False):
            raise Problem(503, "busy", "too many requests at once; try again")
        try:
            with Timeout(BODY_SECONDS, Problem(408, "too_slow", "the body did not come in time")):
                self.body = b"".join(self._held_chunks())
                if schema is not None:
                    self.json = self.loaded(schema)
        finally:
            _bodies.release()

    def _held_chunks(self) -> Iterator[bytes]:
        for chunk in self.chunks():
            if _memory.total > self._in_memory and _memory.total + len(chunk) > BODY_MEMORY:
                raise Problem(503, "busy", "too many large requests at once; try again")
            self._in_memory += len(chunk)
            _memory.total += len(chunk)
            yield chunk

    def release(self) -> None:
        """Release the memory reserved for the body."""
        _memory.total -= self._in_memory
        self._in_memory = 0

    def loaded(self, schema: type[marshmallow.Schema]) -> Any:
        """The body parsed as JSON and loaded by that schema; unknown members are rejected.  Problem 400, 422."""
        try:
            document = strict_json.parse(self.body, self._largest)
            strict_json.check_texts(document)
            return strict(schema).load(document)
        except strict_json.BadJson as error:
            status = 422 if error.code == "bad_text" else 400  # parsed, but against the rule of chassis.process.text
            raise Problem(status, error.code, str(error)) from None
        except marshmallow.ValidationError as error:
            raise Problem(422, "bad_body", "members are missing, unknown or malformed",
                          problems=error.messages) from None  # fmt: skip


def bearer(verifier: Any, request: Request, *, basic: bool) -> Actor:
    """The actor of the request's token; `basic`: the token may be the password of HTTP Basic.  Problem 401."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    user, token = "", given.strip()
    if basic and kind.lower() == "basic" and request.authorization is not None:
        user, token = request.authorization.username or "", request.authorization.password or ""
    elif kind.lower() != "bearer":
        token = ""
    if not token:
        if IN_ADDRESS in request.args:
            raise Problem(401, "token_in_address", _EXPOSED)
        raise Problem(401, "no_token", "send `Authorization: Bearer ...`")
    try:
        actor: Actor = verifier.actor(token)
    except BadToken as error:
        raise Problem(401, error.code, "the token is not honoured here") from None
    if user and user != actor.name:
        raise Problem(401, "bad_token", "the token is of another name than the user")
    return actor


def _read_in_time(source: Any, size: int) -> bytes:
    """Read a chunk within BODY_SECONDS, so that a client that sends less than 2 KiB a second does not hold a worker."""
    with Timeout(BODY_SECONDS, Problem(408, "too_slow", "the body did not come in time")):
        return _read(source, size)


def _read(source: Any, size: int) -> bytes:
    try:
        chunk: bytes = source.read(size)
    except TimeoutError:
        raise Problem(408, "too_slow", "the body did not come in time") from None
    except (OSError, ValueError, HTTPException):  # raised by eventlet and werkzeug on malformed chunks
        raise Problem(400, "truncated", "the body ended before its end, or is not chunked as it says") from None
    return chunk
