"""Runs a module as `subprocesses.run_module` does, but in a fork of a Python process that has already imported it.

Importing what reads a store takes a second, longer than many runs.  A module may define `prepare(given)`, called before
the fork, to import what depends on the input, such as a database driver.  The process stays until it has not been used
for IDLE_SECONDS; each run's memory is returned to the system, since its fork ends."""

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

from chassis.process.run_limited import OUT_OF_MEMORY, limit_this_process
from chassis.process.subprocesses import LimitReached, Limits, ProcessFailed, beating, check_ended_well
from chassis.process.worker_process import WorkerProcess, die_with_parent, serve

IDLE_SECONDS = 60.0
_idle: dict[str, list[WorkerProcess]] = {}


def run_module(
    module: str, given: Any = None, seconds: float = 3600, heartbeat: Callable[[], None] | None = None
) -> Any:
    """Run the module's `main()` with `given` as JSON on stdin; returns the JSON that it prints.  `heartbeat` is called
    every few seconds meanwhile.  Raises ProcessFailed, also after `seconds`, when the run is killed."""
    return json.loads(_ask_worker(module, {"given": json.dumps(given)}, seconds, heartbeat))


def run_limited(module: str, *arguments: str, given: bytes, limits: Limits, seconds: float) -> bytes:
    """Run the module's `main(arguments)` with `given` on stdin, in a fork of its own under limits; returns what it
    prints.  Raises ProcessFailed when it ends with an error, LimitReached when it exceeds `limits` or `seconds`."""
    order = {"given": given.decode(), "arguments": arguments, "limits": [limits.memory, limits.cpu_seconds]}
    return _ask_worker(module, order, seconds, None).encode()


def _ask_worker(module: str, order: dict[str, Any], seconds: float, heartbeat: Callable[[], None] | None) -> str:
    free = _idle.setdefault(module, [])
    worker = free.pop() if free else WorkerProcess(__name__, module)
    limited = "limits" in order
    with beating(heartbeat):
        answer = worker.ask(order, seconds, LimitReached if limited else ProcessFailed)
    if free:
        worker.stop()
    else:
        free.append(worker)
        eventlet.spawn_after(IDLE_SECONDS, _end_unused, module, worker, worker.asked)
    check_ended_well(module, answer["code"], answer["error"], limited)
    result: str = answer["out"]
    return result


def _end_unused(module: str, worker: WorkerProcess, asked: int) -> None:
    if worker in _idle[module] and worker.asked == asked:
        _idle[module].remove(worker)
        worker.stop()


def _run_forked(module: ModuleType, order: dict[str, Any]) -> dict[str, Any]:
    """Runs in the preloaded process: fork, run, and return the fork's exit code, stdout and stderr."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        server, pid = os.getpid(), os.fork()
        if pid == 0:
            die_with_parent()
            if os.getppid() == server:
                os.dup2(out.fileno(), 1)
                os.dup2(error.fileno(), 2)
                os._exit(_run(module, order))
            os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return {"code": code, "out": _text(out), "error": _text(error)}


def _run(module: ModuleType, order: dict[str, Any]) -> int:
    sys.stdin = io.TextIOWrapper(io.BytesIO(order["given"].encode()), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), encoding="utf-8")  # noqa: SIM115 - until the end
    try:
        if "limits" in order:
            limit_this_process(*order["limits"])
        code: int = module.main(order["arguments"]) if "arguments" in order else module.main()
        sys.stdout.flush()
    except MemoryError:
        return OUT_OF_MEMORY
    except BaseException:
        traceback.print_exc()
        return 1
    return code


def _text(file: Any) -> str:
    file.seek(0)
    content: bytes = file.read()
    return content.decode(errors="replace")


def main() -> None:
    """`python -m chassis.process.preloaded_workers MODULE`."""
    module = importlib.import_module(sys.argv[1])
    gc.collect()
    gc.freeze()  # a fork need not copy what it never changes
    serve(lambda order: _answer(module, order))


def _answer(module: ModuleType, order: dict[str, Any]) -> dict[str, Any]:
    if prepare := getattr(module, "prepare", None):
        with contextlib.suppress(Exception):  # the run itself misses what could not be had, and says so
            prepare(json.loads(order["given"]))
    return _run_forked(module, order)


if __name__ == "__main__":
    main()
