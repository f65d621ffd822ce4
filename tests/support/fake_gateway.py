"""A fake of the console's gateway (or of a service): an HTTP server on loopback whose responses and faults a test
sets."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

DROP = "drop"  # close the connection without an answer
DROP_MIDWAY = "drop midway"  # read part of the body, then reset the connection


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What the fake responds."""

    status: int = 200
    body: Any = field(default_factory=dict)
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[..., Any]


def problem(status: int, code: str, detail: str = "", **members: Any) -> Answer:
    """An answer of problem+json."""
    body = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail, **members}
    return Answer(status, body, "application/problem+json")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # of the standard library's 5 a page that asks several services at once fills each


class FakeGateway:
    """Routes by method and path pattern; `fault` makes the next requests to a path fail in a chosen way."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.token: str | None = "first-token"  # None: any caller is let in
        self.cut_short: int | None = None  # bytes of a body after which every answer breaks off
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []
        self._faults: dict[str, deque[Any]] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def on(self, method: str, pattern: str, handler: Handler | Answer | dict[str, Any]) -> None:
        """Answers `method` on paths that match `pattern` whole; the latest rule wins."""
        function = handler if callable(handler) else lambda call, *_: handler
        self._routes.insert(0, (method, re.compile(pattern), function))

    def fault(self, path: str, *faults: Any) -> None:
        """The next requests to `path` meet these faults (DROP, DROP_MIDWAY or an Answer), one each."""
        self._faults.setdefault(path, deque()).extend(faults)

    @contextmanager
    def silence(self, path: str) -> Iterator[None]:
        """Requests to `path` get no answer until the block ends."""
        over = threading.Event()
        self.on("GET", path, lambda call: over.wait(30) and {})
        try:
            yield
        finally:
            over.set()

    def called(self, method: str, pattern: str) -> list[Call]:
        return [call for call in self.calls if call.method == method and re.fullmatch(pattern, call.path)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gateway = self

        class RequestHandler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_any(self) -> None:
                gateway._serve(self)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_any

        return RequestHandler

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        address = urlsplit(request.path)
        with self._lock:
            queue = self._faults.get(address.path)
            fault = queue.popleft() if queue else None
        if fault in (DROP, DROP_MIDWAY):
            if fault == DROP_MIDWAY:
                request.rfile.read1(1024)
            request.close_connection = True
            request.connection.shutdown(socket.SHUT_RDWR)
            return
        call = Call(
            request.command,
            address.path,
            {key: values[0] for key, values in parse_qs(address.query).items()},
            {name.lower(): value for name, value in request.headers.items()},
            _body(request),
        )
        with self._lock:
            self.calls.append(call)
        _send(request, fault if fault is not None else self._answer(call), self.cut_short)

    def _answer(self, call: Call) -> Answer:
        if self.token is not None and call.headers.get("authorization") != f"Bearer {self.token}":
            return problem(401, "bad_token", "令牌无效")
        for method, pattern, handler in self._routes:
            if method == call.method and (match := pattern.fullmatch(call.path)):
                result = handler(call, *match.groups())
                return result if isinstance(result, Answer) else Answer(200, result)
        return problem(404, "not_found", f"{call.method} {call.path}")


def _body(request: BaseHTTPRequestHandler) -> bytes:
    if request.headers.get("Transfer-Encoding", "").lower() == "chunked":
        pieces = []
        while size := int(request.rfile.readline(), 16):
            pieces.append(request.rfile.read(size))
            request.rfile.readline()
        request.rfile.readline()
        return b"".join(pieces)
    return request.rfile.read(int(request.headers.get("Content-Length") or 0))


def _send(request: BaseHTTPRequestHandler, answer: Answer, cut_short: int | None) -> None:
    body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    try:
        request.send_response(answer.status)
        request.send_header("Content-Type", answer.content_type)
        request.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body[:cut_short])
        request.close_connection = request.close_connection or cut_short is not None
    except OSError:
        pass  # the caller left, which some tests want
