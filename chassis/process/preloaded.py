"""Runs a module as subprocesses.run_module does, but in a fork of a plain Python process that has loaded it.

Loading what reads a store takes a second, longer than many a run; a module's `prepare(given)`, where it has one, loads
before the fork what only the question tells, such as a database's driver.  The process that has loaded a module stays
until nobody has needed it for a minute; memory that a run took is given back, since the run's own process ends."""

import contextlib
import gc
import importlib
import io
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

import eventlet

from chassis.process.subprocesses import ProcessFailed, beating
from chassis.process.worker_process import WorkerProcess, die_with_parent, serve

IDLE_SECONDS = 60.0
_idle: dict[str, list[WorkerProcess]] = {}


def run_module(
    module: str, given: Any = None, seconds: float = 3600, heartbeat: Callable[[], None] | None = None
) -> Any:
    """The JSON that the module's `main()` prints, with `given` as JSON on stdin; `heartbeat` is called every few
    seconds meanwhile; after `seconds` the run is killed.  ProcessFailed."""
    free = _idle.setdefault(module, [])
    worker = free.pop() if free else WorkerProcess(__name__, module)
    with beating(heartbeat):
        answer = worker.ask(given, seconds)
    if free:
        worker.stop()
    else:
        free.append(worker)
        eventlet.spawn_after(IDLE_SECONDS, _end_unused, module, worker, worker.asked)
    if answer["code"] != 0:
        raise ProcessFailed(f"{module}: {answer['error'][-500:] or answer['code']}")
    return json.loads(answer["out"])


def _end_unused(module: str, worker: WorkerProcess, asked: int) -> None:
    if worker in _idle[module] and worker.asked == asked:
        _idle[module].remove(worker)
        worker.stop()


def _run_forked(module: ModuleType, given: Any) -> dict[str, Any]:
    """In the process that has loaded it: exit code, output and error of a run in a fork."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        server, pid = os.getpid(), os.fork()
        if pid == 0:
            die_with_parent()
            if os.getppid() == server:
                os.dup2(out.fileno(), 1)
                os.dup2(error.fileno(), 2)
                os._exit(_run(module, given))
            os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return {"code": code, "out": _text(out), "error": _text(error)}


def _run(module: ModuleType, given: Any) -> int:
    sys.stdin = io.TextIOWrapper(io.BytesIO(json.dumps(given).encode()), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), encoding="utf-8")  # noqa: SIM115 - until the end
    try:
        code: int = module.main()
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
        return 1
    return code


def _text(file: Any) -> str:
    file.seek(0)
    content: bytes = file.read()
    return content.decode(errors="replace")


def main() -> None:
    """`python -m chassis.process.preloaded MODULE`."""
    module = importlib.import_module(sys.argv[1])
    gc.collect()
    gc.freeze()  # a fork need not copy what it never changes
    serve(lambda given: _answer(module, given))


def _answer(module: ModuleType, given: Any) -> dict[str, Any]:
    if prepare := getattr(module, "prepare", None):
        with contextlib.suppress(Exception):  # the run itself misses what could not be had, and says so
            prepare(given)
    return _run_forked(module, given)


if __name__ == "__main__":
    main()
