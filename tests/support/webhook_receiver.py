"""An outside system's webhook on loopback: it takes CloudEvents, checks their signatures, answers as a test says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

Event = dict[str, Any]
Answer = tuple[int, dict[str, str]]
TAKEN: Answer = (204, {})


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Who called has gone: it was killed, or has read enough."""


class WebhookReceiver:
    """`received`: the events of every request that was answered with 2xx, in their order; `requests`: (method, headers,
    body) of all.  `answer` is asked for each request with its events; `handshake` for each OPTIONS;
    `certificate`: its file and that of its key; `host`: an address of this machine."""

    def __init__(self, port: int = 0, certificate: tuple[Path, Path] | None = None, host: str = "127.0.0.1") -> None:
        self.received: list[Event] = []
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: Callable[[list[Event]], Answer] = lambda _: TAKEN
        self.handshake: Answer = (200, {"WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "*"})
        self.body = b""
        self._server = _QuietServer((host, port), self._handler())
        self._server.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=k"

    @property
    def ids(self) -> list[str]:
        return [str(event["id"]) for event in self.received]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(receiver: WebhookReceiver) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler's self is another
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_OPTIONS(self) -> None:
                self._note(b"")
                self._reply(*receiver.handshake)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._note(body)
                events = events_of(dict(self.headers), body)
                status, headers = receiver.answer(events)
                if 200 <= status < 300:
                    receiver.received += events
                if status:
                    self._reply(status, headers)
                else:
                    self.close_connection = True

            def _note(self, body: bytes) -> None:
                receiver.requests.append((self.command, {k.lower(): v for k, v in self.headers.items()}, body))

            def _reply(self, status: int, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@contextmanager
def receiving(**given: Any) -> Iterator[WebhookReceiver]:
    receiver = WebhookReceiver(**given)
    try:
        yield receiver
    finally:
        receiver.close()


def events_of(headers: dict[str, str], body: bytes) -> list[Event]:
    """The events of a request, in any of the three modes."""
    lower = {name.lower(): value for name, value in headers.items()}
    if "ce-id" in lower:
        attributes = {name[3:]: unquote(value) for name, value in lower.items() if name.startswith("ce-")}
        return [{**attributes, "datacontenttype": lower["content-type"], "data": json.loads(body)}]
    content = json.loads(body)
    return content if lower["content-type"].startswith("application/cloudevents-batch") else [content]


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As Standard Webhooks say it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    return expected in headers["webhook-signature"].split(" ")
