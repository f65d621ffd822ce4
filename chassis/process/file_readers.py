"""Opens files that people made: always in a process of its own under limits, so many at once as the container's memory
has room for.  Never in the service itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from eventlet.semaphore import Semaphore

from chassis.process import preloaded, subprocesses
from chassis.process.problems import Problem
from chassis.process.subprocesses import Limits

READERS = 1
"""At once in one service process: one of them and the service have room in the container (docker-compose.yml)."""
WAIT_SECONDS = 60
_turns = Semaphore(READERS)


def read_file(module: str, *arguments: str, given: bytes = b"", limits: Limits, seconds: float) -> bytes:
    """What `python -m module arguments` prints about the file.  LimitReached when it takes more than it may; Problem
    503 when others' files take too long; ProcessFailed."""
    with _turn():
        return subprocesses.run_bytes(module, *arguments, given=given, limits=limits, seconds=seconds)


def read_of_many(module: str, *arguments: str, given: bytes, limits: Limits, seconds: float) -> bytes:
    """The same of a file that others of its kind come with: each is read in a fork of a process that has loaded the
    module, under limits of its own, so that no file waits for a start and none costs another anything."""
    with _turn():
        return preloaded.run_limited(module, *arguments, given=given, limits=limits, seconds=seconds)


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise Problem(503, "busy", "正在处理其他文件，请稍后再试。")
    try:
        yield
    finally:
        _turns.release()
