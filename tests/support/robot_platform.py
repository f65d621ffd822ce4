"""What the stand-ins for platforms of group robots have in common: a server, ordered faults, a count by the minute."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class RobotPlatform:
    """`fault(nth message)` may answer an errcode or an HTTP status (400 to 599)."""

    path = "/"
    a_minute = 20

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.messages: list[tuple[str, str]] = []
        self.fault: Callable[[int], int] = lambda _: 0
        self.calls = 0
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{self.path}"

    def answer(self, query: Mapping[str, str], kind: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """(HTTP status, answer) of one message; `kind`: its Content-Type."""
        with self._lock:
            self.calls += 1
            fault = self.fault(self.calls)
            if 400 <= fault < 600:
                return fault, {}
            code, words = (fault, "fault") if fault else self.judged(query, kind, body)
        return 200, {"errcode": code, "errmsg": words}

    def judged(self, query: Mapping[str, str], kind: str, body: bytes) -> tuple[int, str]:
        """Errcode and words for a message; what is taken is kept."""
        raise NotImplementedError

    def is_too_often(self, robot: str) -> bool:
        """Counts this message, if the minute has room for it."""
        times, now = self._times.setdefault(robot, deque()), self.clock()
        while times and now - times[0] >= 60:
            times.popleft()
        if len(times) >= self.a_minute:
            return True
        times.append(now)
        return False

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(platform: RobotPlatform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, answer = platform.answer(query, self.headers.get("Content-Type", ""), body)
            raw = json.dumps(answer, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    return Handler
