"""A Python process that has loaded the product, and forks children for tests: `python -m ... modules to load`.

A fresh Python loads a service for one or two seconds of processor time, a fork not at all.  A child goes on as
`python -m module` would: with a session, an environment, an output and arguments of its own.  Nothing but imports has
run before.  Requests and answers are JSON, one a line, on stdin and stdout.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
from os import fork, waitpid, write  # those of the system, also where the first module patches them
from typing import Any

PR_SET_PDEATHSIG = 1


def main(modules: list[str]) -> None:
    requests, answers = os.dup(0), os.dup(1)
    os.dup2(2, 1)  # what a child prints goes to its own log
    for name in modules:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    with open(requests, closefd=False) as lines:
        while line := lines.readline():
            answer = serve(json.loads(line), (requests, answers))
            write(answers, json.dumps(answer).encode() + b"\n")


def serve(request: dict[str, Any], pipes: tuple[int, int]) -> int | None:
    """The id of a new child; or how a child ended, None while it runs."""
    if "ended" in request:
        pid, status = waitpid(request["ended"], os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None
    server, pid = os.getpid(), fork()
    if pid == 0:
        _become(request, server, pipes)
        from tests.support.forked_module import run_to_the_end  # not before what is loaded may patch

        run_to_the_end(request["module"])
    return pid


def _become(request: dict[str, Any], server: int, pipes: tuple[int, int]) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)
    for pipe in pipes:
        os.close(pipe)
    _leave_hub()
    os.setsid()
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    null, log = os.open(os.devnull, os.O_RDONLY), os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for source, targets in ((null, (0,)), (log, (1, 2))):
        for target in targets:
            os.dup2(source, target)
        os.close(source)
    sys.argv = [request["module"], *request["arguments"]]
    sys.executable = request["python"]  # what it starts is forked too


def _leave_hub() -> None:
    """A hub's epoll belongs to one process: children that share one would take each other's events."""
    if "eventlet.hubs" in sys.modules:
        from eventlet import hubs  # not in a server of plain modules

        hub = hubs.get_hub()
        assert not (hub.running or hub.timers or hub.next_timers or any(map(len, hub.listeners.values())))
        hub.poll.close()
        hubs.use_hub()


if __name__ == "__main__":
    main(sys.argv[1:])
