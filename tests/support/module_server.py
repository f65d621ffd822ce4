"""A plain Python process that has loaded modules and forks whoever asks at its socket (forking_python.py):
`python -m ... SOCKET modules to load`.

A fresh Python loads a score run or the console for half a second to one second of processor time, a fork not at all."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import marshal
import os
import select
import selectors
import signal
import socket
import sys
from typing import Any

from tests.support.forked_module import run_to_the_end

PR_SET_PDEATHSIG = 1


class ModuleServer:
    """Forks, hands on signals, and says how each fork ended."""

    def __init__(self, path: str) -> None:
        self._bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._bound.bind(path)
        self._bound.listen(64)
        self._ended, wakes = socket.socketpair()
        for each in (self._ended, wakes):
            each.setblocking(False)
        self._wakes = wakes
        self._children: dict[int, socket.socket] = {}

    def wait(self) -> None:
        """Until somebody asks."""
        select.select([self._bound], [], [])

    def serve(self) -> None:
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes.fileno(), warn_on_full_buffer=False)
        with selectors.DefaultSelector() as selector:
            self._listen(selector)
            while True:
                self._serve_ready()

    def _listen(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        selector.register(self._bound, selectors.EVENT_READ, self._fork)
        selector.register(self._ended, selectors.EVENT_READ, self._reap)

    def _serve_ready(self) -> None:
        for key, _ in self._selector.select():
            key.data()

    def _fork(self) -> None:
        connection, _ = self._bound.accept()
        size, descriptors, _, _ = socket.recv_fds(connection, 4, 3)
        if len(size) < 4:  # it was killed while it asked
            connection.close()
            return
        request = marshal.loads(connection.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))  # noqa: S302 - ours
        server, pid = os.getpid(), os.fork()
        if pid == 0:
            self._leave(connection)
            _become(request, server, descriptors)
        for number in descriptors:
            os.close(number)
        self._children[pid] = connection
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._hand_on(pid))

    def _leave(self, connection: socket.socket) -> None:
        """In the fork: nothing of the server's stays open."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for each in (self._bound, self._ended, self._wakes, connection, *self._children.values()):
            each.close()

    def _hand_on(self, pid: int) -> None:
        """A signal that the one who asked was sent; once that one is gone, SIGKILL."""
        connection = self._children.get(pid)
        if connection is None:  # reaped since the selector answered
            return
        try:
            numbers = connection.recv(64)
        except OSError:
            numbers = b""
        for number in numbers or [signal.SIGKILL]:
            os.kill(pid, number)  # not reaped yet, hence nobody else's
        if not numbers:
            self._selector.unregister(connection)

    def _reap(self) -> None:
        self._ended.recv(4096)
        for pid in list(self._children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                connection = self._children.pop(pid)
                with contextlib.suppress(KeyError):
                    self._selector.unregister(connection)
                with contextlib.suppress(OSError):  # it was killed
                    connection.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
                connection.close()


def _become(request: Any, server: int, descriptors: list[int]) -> None:
    module, arguments, folder, environment = request
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)
    for target, source in enumerate(descriptors):
        os.dup2(source, target)
        os.close(source)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    run_to_the_end(module)


def main(path: str, *modules: str) -> None:
    server = ModuleServer(path)
    server.wait()  # a lane that starts none of these processes need not load them
    for name in modules:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    server.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
