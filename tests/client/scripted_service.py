"""An HTTP server that answers as it is told, request after request, and keeps what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self


class Reply(NamedTuple):
    """Status 0: the connection is cut without an answer."""

    status: int
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


def receipts(events: list[dict[str, Any]], outcome: str = "accepted") -> Reply:
    data = [{"source": event["source"], "id": event["id"], "outcome": outcome} for event in events]
    return Reply(200, {"receipts": [{"data": each} for each in data], "positions": []})


def problem(status: int, code: str, **headers: str) -> Reply:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(status, {"code": code, "detail": "说明"}, named)


class ScriptedService:
    """`decide` answers a POST of events, `get` a path."""

    def __init__(self, decide: Callable[[list[dict[str, Any]]], Reply], get: Callable[[str], Reply] | None = None):
        self.bodies: list[list[dict[str, Any]]] = []
        self.seen: list[dict[str, str]] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                events = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                script.bodies.append(events)
                self._answer(decide(events))

            def do_GET(self) -> None:
                assert get is not None
                self._answer(get(self.path))

            def _answer(self, reply: Reply) -> None:
                script.seen.append(dict(self.headers))
                if not reply.status:
                    self.connection.close()
                    return
                raw = json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in (*reply.headers, ("Content-Length", str(len(raw)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
