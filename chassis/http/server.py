"""nameko's web server, so that nothing a client does at the level of HTTP ends the container or answers in HTML."""

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
"""From one request's end to the end of the next one's head, however it trickles in."""
LINGER_SECONDS, LINGER_BYTES = 15, 256 << 20
"""So long, and so much, a refused body is read and thrown away: a client that still sends would be told of a reset
connection, and never read why it was refused (RFC 9112, 9.6)."""
DISCARDED = 64 * 1024
"""Of a body that nobody read: for so little the connection is kept."""
MOST_CONNECTIONS, MOST_OF_ADDRESS = 400, 200
"""Open at once: of a service, and of them from one address.  Four services of one process keep below 1,024 files only
when this is not reached everywhere; behind the console all come from its few threads."""
_ABSOLUTE = re.compile("https?://[^/]*", re.IGNORECASE)
"""A request may name the whole address (RFC 9112, 3.2.2), as senders behind a proxy do."""
_SLASHES, _WITH_BODY = re.compile("//+"), ("POST", "PUT", "PATCH", "OPTIONS")
"""An address put together with a slash too many is not answered by a redirection, to which senders bring no body."""
FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n"


class PatientProtocol(HttpOnlyProtocol):  # type: ignore[misc]
    """Waits so long for the head of a request and no longer: the socket's timeout begins anew with every byte.  Whoever
    is refused while they send reads the refusal."""

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
        """Asked for when the head is there."""
        self._patience.cancel()
        result: dict[str, Any] = super().get_environ()
        if "content-type" not in self.headers:  # eventlet would say text/plain of what says nothing
            del result["CONTENT_TYPE"]
        self._body = result["eventlet.input"]
        self._body.discard = self._discard
        return result

    def _discard(self, *_: Any) -> None:
        """After an answer on a connection that is to be kept: eventlet's own would read a body without end."""
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
    """nameko's server with timeouts; a client that goes away ends its request, never the container."""

    _sock: Any
    _serv: Any

    def setup(self) -> None:
        self._worker_slots = Semaphore(self.container.config.get("max_workers", 10))
        self._busy = 0
        self._connections = Counter[str]()

    @contextlib.contextmanager
    def worker_slot(self) -> Iterator[None]:
        """For the time of one request: so many at once, the others wait."""
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
                           log=_Silent(), socket_timeout=SOCKET_SECONDS, url_length_limit=8192)  # fmt: skip

    def start(self) -> None:
        """nameko's own shares its port with whoever asks for it (SO_REUSEPORT): a second system on the same ports would
        be given half of the first one's requests."""
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
        return {}  # a caller's headers are not ours to believe (hole 3)

    def run(self) -> None:
        """nameko's own ends the container with the first accept that fails, such as for want of file descriptors."""
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
        except Exception as error:  # whatever one client's connection did
            _log.info("client went away", error=repr(error))
        finally:
            self._connections[host] -= 1
            if not self._connections[host]:
                del self._connections[host]


def _is_unread(body: Any) -> bool:
    """Whether more of a request's body may come; `body` is eventlet's `Input`."""
    return bool(body.chunk_length != 0 if body.chunked_input else body.position < (body.content_length or 0))


def _refuse(sock: Any) -> None:
    """Without waiting for anybody."""
    with contextlib.suppress(OSError):
        sock.settimeout(0)
        sock.send(FULL)
    sock.close()


class _App(WsgiApp):  # type: ignore[misc]
    """nameko's dispatch; a path or method that is none is a problem too."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = _ABSOLUTE.sub("", environ["PATH_INFO"]) or "/"
        environ["PATH_INFO"] = _SLASHES.sub("/", path) if environ["REQUEST_METHOD"] in _WITH_BODY else path
        request = Request(environ, shallow=True)
        try:
            provider, request.path_values = self.url_map.bind_to_environ(environ).match()  # type: ignore[attr-defined]
            answer = provider.handle_request(request)
        except HTTPException as error:
            answer = Problem(error.code or 500, "http_error", error.description or "").response()
            answer.headers.extend([_here(h) for h in error.get_headers(environ) if h[0] in ("Allow", "Location")])
        result: Iterable[bytes] = answer(environ, start_response)
        return result


def _here(header: tuple[str, str]) -> tuple[str, str]:
    """A redirection stays at this server, whatever host the caller named."""
    name, value = header
    if name != "Location":
        return header
    address = urlsplit(value)
    return name, urlunsplit(("", "", "/" + address.path.lstrip("/\\"), address.query, ""))


class _Silent:
    def write(self, _: str) -> None: ...
    def info(self, *_: Any) -> None: ...

    debug = error = exception = warning = info
