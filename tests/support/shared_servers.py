"""A server that all lanes of a run share: the process that sends them their tests starts it when the first lane asks,
and ends it with the run (decision 0314)."""

from __future__ import annotations

import contextlib
import pickle
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar


class Server(Protocol):
    """What can be pickled: a lane gets it without its processes."""

    def discard(self) -> None:
        """End it for good."""


AServer = TypeVar("AServer", bound=Server)


class SharedServer(Generic[AServer]):
    """Waits at `address`, a socket in a folder that is this user's only."""

    def __init__(self, start: Callable[[], AServer]) -> None:
        self._start, self._folder = start, tempfile.mkdtemp(prefix="qihang-shared-")
        self.address = f"{self._folder}/socket"
        self._socket = socket.create_server(self.address, family=socket.AF_UNIX, backlog=64)
        self.running: AServer | None = None
        # One thread that lasts as long as this process: what it starts is killed by the kernel when it ends.
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed: the run is over
                return
            with connection:
                problem = self._problem()
                with contextlib.suppress(OSError):  # a lane that ended meanwhile
                    connection.sendall(pickle.dumps((self.running, problem)))

    def _problem(self) -> str:
        """Why it does not run, once it was tried."""
        try:
            self.running = self.running or self._start()
        except Exception as problem:  # noqa: BLE001 - whatever it is, the lane that asked shows it
            return str(problem) or repr(problem)
        return ""

    def discard(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # the thread that waits there wakes and ends
        self._socket.close()
        if self.running is not None:
            self.running.discard()
        shutil.rmtree(self._folder, ignore_errors=True)


def shared_server(address: str) -> Any:
    """The server that is shared there, as a lane sees it.  RuntimeError where it did not start."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        server, problem = pickle.load(connection.makefile("rb"))  # noqa: S301 - of a folder that is this user's only
    if problem:
        raise RuntimeError(problem)
    return server
