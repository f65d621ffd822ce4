"""A TCP proxy between a service and its broker or database, which a test cuts, silences or slows down."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass
from typing import Self


@dataclass
class _Lane:
    """Which directions of one connection pass."""

    up: bool = True
    down: bool = True


class Proxy:
    """Passes bytes on to 127.0.0.1:`target`; listens on `port` while it is open.

    Upward is towards the target, downward back from it.  What a silenced direction swallows is lost, and its connection
    stays open; new connections are as silent, until `mend` or `heal`."""

    def __init__(self, target: int, *, opened: bool = True) -> None:
        self.target = target
        self.delay = 0.0
        self._now = _Lane()
        self._lanes: list[_Lane] = []
        self.seen = 0  # connections so far
        self._server_socket = socket.socket()
        self._server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._server_socket.bind(("127.0.0.1", 0))
        self.port: int = self._server_socket.getsockname()[1]
        self._open: list[socket.socket] = []
        self._ended = False
        if opened:
            self.open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self.cut()
        self._server_socket.close()

    def open(self) -> None:
        """Begin to accept: before, connections are refused."""
        self._server_socket.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection, as a pulled cable that is told of at once."""
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open = []

    def silence(self, *, up: bool = True, down: bool = True) -> None:
        """Swallow what comes in these directions from now on, in every connection."""
        self._now = _Lane(not up, not down)
        for lane in self._lanes:
            lane.up, lane.down = self._now.up, self._now.down

    def mend(self) -> None:
        """New connections are whole; those that are open stay silent, as behind a router that forgot them."""
        self._now = _Lane()

    def heal(self) -> None:
        """New connections are whole, and those that are open are broken."""
        self.mend()
        self.cut()

    def _accept(self) -> None:
        while not self._ended:
            try:
                near, _ = self._server_socket.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5)
                far.settimeout(None)  # 5 s to connect; after that it may be silent for as long as it likes
            except OSError:
                near.close()
                continue
            self.seen += 1
            self._open += [near, far]
            lane = _Lane(self._now.up, self._now.down)
            self._lanes.append(lane)
            for source, sink, upward in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pass, args=(source, sink, lane, upward), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, lane: _Lane, upward: bool) -> None:
        try:
            while piece := source.recv(65536):
                if self.delay:
                    time.sleep(self.delay)
                if lane.up if upward else lane.down:
                    sink.sendall(piece)
        except OSError:
            pass
        if lane.up if upward else lane.down:  # a silenced end does not tell that it ended
            for each in (source, sink):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
