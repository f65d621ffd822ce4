"""Clients that begin a request and do not end it: they hold a connection, and should hold nothing else."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Self

DRIP_SECONDS = 0.5
HALF_OPEN = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-"
BODY = b"POST /signin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n"
CHUNKED = b"POST /signin HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n384\r\n"


class SlowClients:
    """So many of each kind: silent after half a head, a byte of the head at a time, a byte of the body at a time."""

    def __init__(self, port: int, silent: int = 64, heads: int = 32, bodies: int = 32) -> None:
        self._port = port
        self._kinds = [HALF_OPEN] * (silent + heads) + [BODY] * (bodies // 2) + [CHUNKED] * (bodies - bodies // 2)
        self._silent = silent
        self._sockets: list[socket.socket] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._drip, daemon=True)

    def __enter__(self) -> Self:
        for text in self._kinds:
            connection = socket.create_connection(("127.0.0.1", self._port), timeout=10)
            connection.sendall(text)
            self._sockets.append(connection)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(10)
        for connection in self._sockets:
            connection.close()

    def still_open(self) -> int:
        """Connections that the server has not closed."""
        return sum(1 for connection in self._sockets if _is_open(connection))

    def _drip(self) -> None:
        while not self._ended.wait(DRIP_SECONDS):
            for connection in self._sockets[self._silent :]:
                with contextlib.suppress(OSError):
                    connection.send(b"a")


def answer_seconds(port: int, path: str = "/livez", times: int = 5) -> float:
    """The longest of a few requests of somebody else."""
    return max(_seconds(port, path) for _ in range(times))


def exchange(port: int, request: bytes, seconds: float = 20) -> bytes:
    """What a server answers to these bytes, until it closes or is silent for so long."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(request)
        return b"".join(_pieces(connection))


def send_on(port: int, head: bytes, megabytes: int, seconds: float = 30) -> bytes:
    """What a client reads that sends all of its body before it looks, as most do; b"" where its sending was reset."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(head)
        try:
            for _ in range(megabytes):
                connection.sendall(b"x" * (1 << 20))
        except ConnectionError:
            return b""
        return b"".join(_pieces(connection))


def _pieces(connection: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(TimeoutError, ConnectionError):
        while piece := connection.recv(65536):
            yield piece


def _seconds(port: int, path: str) -> float:
    began = time.monotonic()
    answer = exchange(port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b" ", 2)[1] == b"200", answer[:200]
    return time.monotonic() - began


def _is_open(connection: socket.socket) -> bool:
    connection.settimeout(0)
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
