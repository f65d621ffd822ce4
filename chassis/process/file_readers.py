"""Runs the modules that open untrusted files: each in a subprocess under limits of memory and time, and no more of them
at once than the container's memory has room for.  Such a file is never opened in the service process itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from eventlet.semaphore import Semaphore

from chassis.process import preloaded_workers, subprocesses
from chassis.process.problems import Problem
from chassis.process.subprocesses import Limits

READERS = 1
"""How many may run at once in one service: the container (docker-compose.yml) has memory for the service and one."""
WAIT_SECONDS = 60
"""How long a caller waits for its turn before it gets Problem 503."""
_turns = Semaphore(READERS)


def read_file(module: str, *arguments: str, given: bytes = b"", limits: Limits, seconds: float) -> bytes:
    """Run `python -m module arguments` with `given` on its stdin; returns what it prints.

    Raises LimitReached when the process exceeds `limits` or `seconds`, ProcessFailed when it ends with an error, and
    Problem 503 `busy` when the files of others occupy all readers for WAIT_SECONDS."""
    with _turn():
        return subprocesses.run_bytes(module, *arguments, given=given, limits=limits, seconds=seconds)


def read_of_many(module: str, *arguments: str, given: bytes, limits: Limits, seconds: float) -> bytes:
    """As `read_file`, for kinds of files of which many arrive: the module is loaded once in a process of its own, and
    each file is read in a fork of that process, under its own limits.  This saves the start of Python for each file,
    and a file that exceeds its limits ends only its own fork."""
    with _turn():
        return preloaded_workers.run_limited(module, *arguments, given=given, limits=limits, seconds=seconds)


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise Problem(503, "busy", "正在处理其他文件，请稍后再试。")
    try:
        yield
    finally:
        _turns.release()
