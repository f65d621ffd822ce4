"""A server that answers a byte now and then and never ends: SMTP up to a step, or HTTP up to its head or body."""

from __future__ import annotations

import socket
import threading
import time

PAUSE = 0.1
SMTP_STEPS = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", ".")
HTTP_STEPS = ("head", "body")


class TricklingServer:
    """`step`: from which answer on it trickles; until then it answers as it should."""

    def __init__(self, step: str) -> None:
        self.step, self.reached = step, 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with line:
            try:
                if self.step in HTTP_STEPS:
                    self._talk_http(line)
                else:
                    self._talk_smtp(line)
            except OSError:
                return

    def _talk_smtp(self, line: socket.socket) -> None:
        if self.step == "greeting":
            self._trickle(line, "220-")
        line.sendall(b"220 here\r\n")
        with line.makefile("rb") as asked:
            in_text = False
            for raw in asked:
                verb = raw.decode().strip() if in_text else raw.decode().split(":")[0].split(" ")[0].strip().upper()
                if in_text and verb != ".":
                    continue
                if verb == self.step:
                    self._trickle(line, "354-" if verb == "DATA" else "250-")
                in_text = verb == "DATA"
                line.sendall(b"354 go on\r\n" if in_text else b"250 OK\r\n")

    def _talk_http(self, line: socket.socket) -> None:
        line.recv(65536)
        if self.step == "body":
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
        self._trickle(line, "HTTP/1.1 200 OK\r\nX-Slow: " if self.step == "head" else '{"errcode": 0, "')

    def _trickle(self, line: socket.socket, begin: str) -> None:
        """Within every time limit for a single byte, for ever."""
        self.reached += 1
        line.sendall(begin.encode())
        while not self._ended.is_set():
            line.sendall(b"x")
            time.sleep(PAUSE)

    def stop(self) -> None:
        self._ended.set()
        self._server.close()
