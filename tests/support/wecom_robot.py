"""A local stand-in for WeCom's group robots that honours the documented limits, pace and error codes."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LIMITS = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
A_MINUTE = 20


class WecomRobots:
    """`robots` are the keys that exist; `fault(nth message)` may answer an errcode or an HTTP status (>= 400)."""

    def __init__(self, *robots: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.robots, self.clock = set(robots), clock
        self.messages: list[tuple[str, str]] = []
        self.fault: Callable[[int], int] = lambda _: 0
        self.calls = 0
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/cgi-bin/webhook/send"

    def answer(self, key: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """(HTTP status, answer) of one message."""
        with self._lock:
            self.calls += 1
            fault = self.fault(self.calls)
            if fault >= 400 and fault < 600:
                return fault, {}
            code, words = (fault, "fault") if fault else self._judged(key, body)
        return 200, {"errcode": code, "errmsg": words}

    def _judged(self, key: str, body: bytes) -> tuple[int, str]:
        if key not in self.robots:
            return 93000, "invalid webhook url, hint: [1], from ip: 127.0.0.1"
        try:
            message = json.loads(body)
            kind = message["msgtype"]
            content = message[kind]["content"]
        except (ValueError, KeyError, TypeError):
            return 40008, "invalid message type"
        if kind not in LIMITS:
            return 40008, "invalid message type"
        if not content:
            return 44004, "empty content"
        if len(content.encode()) > LIMITS[kind]:
            return 40058, f"{kind}.content exceed max length {LIMITS[kind]}"
        times, now = self._times.setdefault(key, deque()), self.clock()
        while times and now - times[0] >= 60:
            times.popleft()
        if len(times) >= A_MINUTE:
            return 45009, "api freq out of limit"
        times.append(now)
        self.messages.append((key, content))
        return 0, "ok"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(robots: WecomRobots) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            key = parse_qs(urlsplit(self.path).query).get("key", [""])[0]
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, answer = robots.answer(key, body)
            raw = json.dumps(answer, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    return Handler
