"""What stands in for the Python of services under test: `-m module arguments` goes on in a fork of a process that has
loaded the module (module_server.py); anything else becomes the real Python.

It loads next to nothing itself.  It ends as the fork does; its signals are the fork's, and killed it takes the fork
along.
"""

import _signal  # type: ignore[import-not-found]  # the C modules alone: each of the others costs milliseconds
import _socket  # type: ignore[import-not-found]
import marshal
import os
import sys

RIGHTS = 1  # SCM_RIGHTS
FORWARDED = (_signal.SIGTERM, _signal.SIGINT)


def main(python: str, sockets: dict[str, str]) -> None:
    words = sys.argv[1:]
    path = sockets.get(next((word for word in reversed(words) if word in sockets), "")) if "-m" in words[:1] else None
    if path is None:
        os.execv(python, [python, *words])
    server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    server.connect(path)
    for number in FORWARDED:
        _signal.signal(number, lambda number, _: server.send(bytes([number])))
    request = marshal.dumps((words[1], words[2:], os.getcwd(), dict(os.environ)))  # noqa: PTH109 - see above
    descriptors = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
    server.sendmsg([len(request).to_bytes(4, "big")], [(_socket.SOL_SOCKET, RIGHTS, descriptors)])
    server.sendall(request)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):  # who reads these waits for the fork's end alone
        os.dup2(nothing, number)
    status = int.from_bytes(server.recv(4), "big", signed=True)
    if status >= 0:
        os._exit(status)
    for number in FORWARDED:
        _signal.signal(number, _signal.SIG_DFL)
    os.kill(os.getpid(), -status)
