"""The server of forks outlives every end of a child and of whoever asked for it."""

import os
import selectors
import socket
import subprocess
import sys
from pathlib import Path

from tests.support.module_server import ModuleServer


def test_a_child_that_ends_in_the_moment_when_its_caller_goes_is_reaped_and_no_more(tmp_path: Path) -> None:
    server = ModuleServer(str(tmp_path / "socket"))
    caller, connection = socket.socketpair()
    with selectors.DefaultSelector() as selector:
        server._listen(selector)
        child = subprocess.Popen([sys.executable, "-c", ""])
        server._children[child.pid] = connection
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        selector.register(connection, selectors.EVENT_READ, lambda: server._hand_on(child.pid))
        server._wakes.send(b"\0")  # both are ready in one answer of the selector, the end of the child first
        caller.close()
        server._serve_ready()
    assert server._children == {} and connection.fileno() == -1
    for each in (server._bound, server._ended, server._wakes):
        each.close()
    child.returncode = 0  # the server has reaped it
