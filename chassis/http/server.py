"""nameko's web server, hardened: nothing that a client does in HTTP ends the container or is answered in HTML."""

import contextlib
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import eventlet
import structlog
from eventlet import wsgi
from eventlet.semaphore import Semaphore
from eventlet.timeout import Timeout
from nameko.web.server import HttpOnlyProtocol, WebServer, WsgiApp
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from chassis.process.extension_parts import DeclaredParts
from chassis.process.problems import Problem

_log = structlog.get_logger(__name__)
SOCKET_SECONDS = 60
HEAD_SECONDS = 60
"""The limit from the end of one request to the end of the next one's head, however slowly it arrives."""
LONGEST_ADDRESS = 8192
"""Bytes; a longer one is answered with 414 before any route is asked."""
LINGER_SECONDS, LINGER_BYTES = 15, 256 << 20
"""Limits for reading and discarding a rejected body: a client that is still sending would otherwise see a reset
connection and never read the response (RFC 9112, 9.6)."""
DISCARDED = 64 * 1024
"""The most unread bytes of a body that are read to keep the connection open."""
MOST_CONNECTIONS, MOST_OF_ADDRESS = 400, 200
"""The most open connections of a service, and of one address.  Four services in one process stay below 1,024 files
unless all reach the limit; connections of the console come from its few threads."""
_ABSOLUTE = re.compile("https?://[^/]*", re.IGNORECASE)
"""A request line may contain the absolute URL (RFC 9112, 3.2.2); clients behind a proxy send it."""
_SLASHES, _WITH_BODY = re.compile("//+"), ("POST", "PUT", "PATCH", "OPTIONS")
"""A URL with a doubled slash, often of a misconfigured base URL, is not redirected: clients do not repeat the body of a
POST."""
FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n"


class PatientProtocol(HttpOnlyProtocol):  # type: ignore[misc]
    """Limits the time for the head of a request as a whole, since the socket's timeout restarts with every byte; reads
    a rejected body so that the client can read the response."""

    _body: Any = None

    def handle_one_request(self) -> None:
        self._patience = Timeout(HEAD_SECONDS)
        try:
            super().handle_one_request()
        except Timeout as timeout:
            if timeout is not self._patience:
                raise
            self.close_connection = True
        finally:
            self._patience.cancel()

    def get_environ(self) -> dict[str, Any]:
        """Called by eventlet when the head is complete."""
        self._patience.cancel()
        result: dict[str, Any] = super().get_environ()
        if "content-type" not in self.headers:  # without a header eventlet would set text/plain
            del result["CONTENT_TYPE"]
        self._body = result["eventlet.input"]
        self._body.discard = self._discard
        return result

    def _discard(self, *_: Any) -> None:
        """Called after a response on a connection that is kept open: eventlet's own method reads an unlimited body."""
        left = DISCARDED
        while left > 0 and (chunk := self._body.read(left)):
            left -= len(chunk)
        if _is_unread(self._body):
            self.close_connection = True

    def finish(self) -> None:
        if self._body is not None and _is_unread(self._body):
            with contextlib.suppress(OSError, ValueError), Timeout(LINGER_SECONDS, False):
                self._linger()
        super().finish()

    def _linger(self) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        left = LINGER_BYTES
        while left > 0 and (chunk := self.connection.recv(DISCARDED)):
            left -= len(chunk)


class RouteServer(DeclaredParts, WebServer):  # type: ignore[misc]
    """nameko's server with timeouts; a client that disconnects ends its request, never the container."""

    _sock: Any
    _serv: Any

    def setup(self) -> None:
        self._worker_slots = Semaphore(self.container.config.get("max_workers", 10))
        self._busy = 0
        self._connections = Counter[str]()

    @contextlib.contextmanager
    def worker_slot(self) -> Iterator[None]:
        """Holds one of the worker slots for the time of a request; further requests wait."""
        with self._worker_slots:
            self._busy += 1
            try:
                yield
            finally:
                self._busy -= 1

    def wait_until_idle(self) -> None:
        while self._busy:
            eventlet.sleep(0.02)

    def get_wsgi_app(self) -> Callable[..., Iterable[bytes]]:
        return _App(self)

    def get_wsgi_server(self, sock: Any, wsgi_app: Any, protocol: Any = PatientProtocol, debug: bool = False) -> Any:
        return wsgi.Server(sock, sock.getsockname(), wsgi_app, protocol=protocol, debug=debug,
                           log=_Silent(), socket_timeout=SOCKET_SECONDS, url_length_limit=LONGEST_ADDRESS)  # fmt: skip

    def start(self) -> None:
        """Bind without SO_REUSEPORT, which nameko's own server sets: a second system on the same ports would receive
        half of the first one's requests."""
        if self._sock is None:
            self._sock = self._listen()
            self._sock.settimeout(None)  # https://github.com/celery/kombu/issues/838
            self._serv = self.get_wsgi_server(self._sock, self.get_wsgi_app())
            self._gt = self.container.spawn_managed_thread(self.run)

    def _listen(self) -> Any:
        try:
            return eventlet.listen(self.bind_addr, reuse_port=False)
        except OSError as error:
            raise OSError("cannot listen on {}:{}: {}".format(*self.bind_addr, error.strerror)) from error

    def context_data_from_headers(self, _: Request) -> dict[str, Any]:
        return {}  # headers of a caller must not become context data of workers (hole 3)

    def run(self) -> None:
        """Accept connections until stopped; nameko's own loop ends the container when an accept fails, such as for lack
        of file descriptors."""
        while self._is_accepting:
            try:
                sock, address = self._sock.accept()
            except OSError as error:
                if self._is_accepting:
                    _log.warning("a connection was not accepted", error=repr(error))
                    eventlet.sleep(0.1)
                continue
            host = str(address[0])
            if self._connections.total() >= MOST_CONNECTIONS or self._connections[host] >= MOST_OF_ADDRESS:
                _refuse(sock)
                continue
            sock.settimeout(self._serv.socket_timeout)
            self._connections[host] += 1
            self.container.spawn_managed_thread(partial(self.process_request, sock, address))

    def process_request(self, sock: Any, address: Any) -> None:
        host = str(address[0])
        try:
            super().process_request(sock, address)
        except Exception as error:  # whatever happened on one client's connection
            _log.info("client went away", error=repr(error))
        finally:
            self._connections[host] -= 1
            if not self._connections[host]:
                del self._connections[host]


def _is_unread(body: Any) -> bool:
    """Whether more of a request's body may arrive; `body` is eventlet's `Input`."""
    return bool(body.chunk_length != 0 if body.chunked_input else body.position < (body.content_length or 0))


def _refuse(sock: Any) -> None:
    """Answer 503 and close, without waiting for the client."""
    with contextlib.suppress(OSError):
        sock.settimeout(0)
        sock.send(FULL)
    sock.close()


class _App(WsgiApp):  # type: ignore[misc]
    """nameko's dispatch, with problem+json for unknown paths and methods as well."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = _ABSOLUTE.sub("", environ["PATH_INFO"]) or "/"
        environ["PATH_INFO"] = _SLASHES.sub("/", path) if environ["REQUEST_METHOD"] in _WITH_BODY else path
        request = Request(environ, shallow=True)
        try:
            provider, request.path_values = self.url_map.bind_to_environ(environ).match()  # type: ignore[attr-defined]
            answer = provider.handle_request(request)
        except HTTPException as error:
            answer = Problem(error.code or 500, "http_error", error.description or "").response()
            answer.headers.extend(
                [_relative_location(h) for h in error.get_headers(environ) if h[0] in ("Allow", "Location")]
            )
        result: Iterable[bytes] = answer(environ, start_response)
        return result


def _relative_location(header: tuple[str, str]) -> tuple[str, str]:
    """A Location header without scheme and host: a redirect stays at this server, whatever host the client named."""
    name, value = header
    if name != "Location":
        return header
    address = urlsplit(value)
    return name, urlunsplit(("", "", "/" + address.path.lstrip("/\\"), address.query, ""))


class _Silent:
    def write(self, _: str) -> None: ...
    def info(self, *_: Any) -> None: ...

    debug = error = exception = warning = info
